internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The beginning of a file, by which a layout tells whose it is.
enum FileHead {
  static let length = 65_536

  /// The first `count` bytes of a file below the directory; empty where it cannot be read.
  static func read(_ directory: borrowing DirectoryDescriptor, _ file: String, count: Int = length) -> [UInt8] {
    guard let (parent, name) = RelativePath(Array(file.utf8))?.split else { return [] }
    if parent.names.isEmpty { return beginning(directory, name, count) }
    guard let folder = try? directory.open(parent) else { return [] }
    return beginning(folder, name, count)
  }

  private static func beginning(_ directory: borrowing DirectoryDescriptor, _ name: Name, _ count: Int) -> [UInt8] {
    guard let file = try? directory.openFile(name), let bytes = try? file.read(at: 0, count: count) else { return [] }
    return bytes
  }

  enum FirstLine {
    /// An object with these keys.
    case object([ByteString])
    /// Empty, a pointer, in conflict, unreadable, or an object that is not whole: it may be anything.
    case undecided
    case other
  }

  /// What the first line with anything in it is as JSON.
  static func firstLine(_ directory: borrowing DirectoryDescriptor, _ file: String) -> FirstLine {
    let bytes = read(directory, file)
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    if CSVTable.defect(of: content.prefix(1024)) != nil { return .undecided }
    let blanks: Set<UInt8> = [9, 10, 13, 32]
    guard let start = content.firstIndex(where: { !blanks.contains($0) }) else { return .undecided }
    var keys: [ByteString] = []
    var cursor = JSONCursor(bytes, at: start, isLine: true)
    do throws(JSONError) {
      try cursor.members { (cursor, key) throws(JSONError) in
        keys.append(ByteString(cursor.value(of: key)))
        try cursor.skipValue()
      }
      return .object(keys)
    } catch {
      return content[start] == UInt8(ascii: "{") ? .undecided : .other
    }
  }
}
