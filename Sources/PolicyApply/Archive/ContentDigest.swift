internal import PolicyDigest

/// SHA-256 of a file that comes in pieces, each at its place: what lies between them reads as zeros.
struct ContentDigest: ~Copyable {
  private var hash = SHA256Digest()
  /// Holes count for nothing.
  private let isOfDataAlone: Bool
  private var end: Int64 = 0
  /// Bytes that came.
  private(set) var stored: Int64 = 0
  private static let zeros = [UInt8](repeating: 0, count: 1 << 18)

  init(isOfDataAlone: Bool) { self.isOfDataAlone = isOfDataAlone }

  /// False for a piece that lies before the end of the last one.
  mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
    guard offset >= end else { return false }
    skip(to: offset)
    unsafe hash.update(bytes)
    end = offset + Int64(bytes.count)
    stored += Int64(bytes.count)
    return true
  }

  private mutating func skip(to offset: Int64) {
    if !isOfDataAlone {
      var rest = offset - end
      while rest > 0 {
        let count = Int(min(rest, Int64(Self.zeros.count)))
        hash.update(Self.zeros[..<count])
        rest -= Int64(count)
      }
    }
    end = max(end, offset)
  }

  /// Of a file of this size, in hexadecimal; `nil` where more came.
  mutating func finish(size: Int64) -> String? {
    guard end <= size else { return nil }
    skip(to: size)
    return Hexadecimal.encode(hash.finish())
  }
}
