internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// `.policy-tags`: one tag a line, blank lines and `#` comments passed over. Counts only when the run's owner (or root)
/// wrote it.
enum TagFile {
  static let name = ".policy-tags"
  static let limit = 65_536

  static func read(
    _ directory: borrowing DirectoryDescriptor, owner: UInt32, _ notes: inout [ScanNote]
  ) -> Fact {
    switch RunFile.read(directory, RelativePath([name].compactMap { Name($0) }), limit: limit) {
    case .absent: return .missing
    case .failed(let words):
      notes.append(ScanNote(code: "tags-unreadable", text: "\(name) cannot be read: \(words)"))
      return .unreadable
    case .unstable:
      notes.append(ScanNote(code: "tags-unreadable", text: "\(name) changed while it was read"))
      return .unreadable
    case .content(let file):
      guard !file.isCut else {
        notes.append(ScanNote(code: "tags-unreadable", text: "\(name) is larger than \(limit >> 10) KiB"))
        return .unreadable
      }
      guard file.status.uid == owner || file.status.uid == 0 else {
        notes.append(ScanNote(code: "tags-ignored", text: "\(name) was not written by the run's owner"))
        return .missing
      }
      let lines = file.bytes.split(separator: UInt8(ascii: "\n")).map { CSVTable.trimmed($0) }
      let tags = Set(lines.filter { !$0.isEmpty && $0.first != UInt8(ascii: "#") }.map { ByteString($0) })
      return tags.isEmpty ? .missing : .value(.set(tags.sorted()))
    }
  }
}
