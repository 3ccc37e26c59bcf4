internal import PolicyCore
internal import PolicyFormats

/// What lies in git for a file that Git LFS keeps: its SHA-256 and size.
struct GitPointer: Hashable {
  let digest: String
  let size: Int64

  /// `nil` for what has no content of its own.
  init?(_ entry: ArchiveEntry) {
    guard entry.kind == .file, let digest = entry.digest else { return nil }
    (self.digest, size) = (digest, entry.size)
  }

  /// Nothing is kept for an empty file.
  var hasObject: Bool { size > 0 }

  /// As Git LFS writes it: of an empty file, nothing.
  var text: [UInt8] {
    guard hasObject else { return [] }
    return Array("version https://git-lfs.github.com/spec/v1\noid sha256:\(digest)\nsize \(size)\n".utf8)
  }

  /// Each object once, in the order of the entries.
  static func objects(_ entries: [ArchiveEntry]) -> [GitPointer] {
    var seen: Set<String> = []
    return entries.compactMap { GitPointer($0) }.filter { $0.hasObject && seen.insert($0.digest).inserted }
  }

  /// Parts that fit on a disk together: so many bytes and objects, or one that is larger.
  static func parts(_ pointers: [GitPointer]) -> [[GitPointer]] {
    var parts: [[GitPointer]] = []
    var bytes: Int64 = 0
    for pointer in pointers {
      if let last = parts.last, last.count < mostInPart, bytes + pointer.size <= mostBytesInPart {
        parts[parts.count - 1].append(pointer)
        bytes += pointer.size
      } else {
        parts.append([pointer])
        bytes = pointer.size
      }
    }
    return parts
  }

  static let mostInPart = 200
  static let mostBytesInPart: Int64 = 256 << 20
}
