internal import Glibc

/// Looks for files that the user may have meant by naming a folder.
enum Folders {
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes a folder with those around it. What cannot be made shows when something is written there.
  static func make(_ path: String) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part
      _ = unsafe mkdir(made, 0o777)
      made += "/"
    }
  }

  /// Names in a folder, sorted by bytes, without hidden ones.
  static func names(in folder: String) -> [String] {
    guard let handle = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// YAML files at or below a folder, in order of paths; links to folders are not followed.
  static func yamlFiles(below folder: String, depth: Int = 6) -> [String] {
    names(in: folder).flatMap { name -> [String] in
      let path = folder == "." ? name : folder + "/" + name
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { return [] }
      if status.st_mode & S_IFMT == S_IFDIR { return depth > 0 ? yamlFiles(below: path, depth: depth - 1) : [] }
      return name.hasSuffix(".yaml") || name.hasSuffix(".yml") ? [path] : []
    }
  }
}
