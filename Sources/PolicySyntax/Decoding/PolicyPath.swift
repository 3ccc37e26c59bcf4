/// Paths of policy files as text: joined and compared without looking at a disk.
enum PolicyPath {
  /// `path` as seen from the file `importer`.
  static func join(_ path: String, to importer: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return normalised(path) }
    return normalised(folder(of: importer) + path)
  }

  /// With a slash at its end, or empty.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[...slash])
  }

  /// Without empty components, `.`, and `..` behind a name.
  static func normalised(_ path: String) -> String {
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !isAbsolute {
        parts.append(part)
      }
    }
    return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
  }

  /// `path` as seen from a folder. Where that cannot be said without a disk, the path itself.
  static func relative(_ path: String, to folder: String) -> String {
    let (path, folder) = (normalised(path), normalised(folder))
    guard (path.utf8.first == UInt8(ascii: "/")) == (folder.utf8.first == UInt8(ascii: "/")) else { return path }
    let (target, base) = (path.split(separator: "/"), folder.split(separator: "/"))
    let common = zip(target, base).prefix { $0 == $1 }.count
    guard !base[common...].contains("..") else { return path }
    let up = Array(repeating: "..", count: base.count - common)
    return (up + target[common...].map(String.init)).joined(separator: "/")
  }
}
