internal import PolicyCore
internal import PolicyDigest

/// A packed file that is read once from its beginning to its end, and digested meanwhile.
struct PackedStream: PackedSource, ~Copyable {
  private let input: PackedInput
  private var position = 0
  /// What was read ahead for small pieces, and where it stands in the file.
  private var ahead: [UInt8] = []
  private var aheadStart = 0
  private var hash = SHA256Digest()

  private static let small = 64
  private static let aheadCount = 512

  init(_ input: PackedInput) { self.input = input }

  /// But for the digest at the end.
  var remaining: Int { max(0, input.size - SHA256Digest.byteCount - position) }

  mutating func take(_ count: Int) -> [UInt8]? {
    guard count <= remaining else { return nil }
    let bytes = read(position..<position + count)
    guard bytes.count == count else { return nil }
    position += count
    hash.update(bytes)
    return bytes
  }

  private mutating func read(_ range: Range<Int>) -> [UInt8] {
    guard range.count <= Self.small else { return input.read(range) }
    if range.lowerBound < aheadStart || range.upperBound > aheadStart + ahead.count {
      aheadStart = range.lowerBound
      ahead = input.read(aheadStart..<min(aheadStart + Self.aheadCount, input.size))
    }
    return Array(ahead.dropFirst(range.lowerBound - aheadStart).prefix(range.count))
  }

  /// Whether all was read, and the file ends in the digest of it.
  mutating func isWhole() -> Bool {
    let end = position..<position + SHA256Digest.byteCount
    return end.upperBound == input.size && input.read(end) == hash.finish()
  }
}
