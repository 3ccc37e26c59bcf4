/// Bytes of a value, each with the source byte that it comes from.
struct LocatedBytes {
  private(set) var bytes: [UInt8] = []
  private(set) var offsets: [Int] = []

  mutating func append(_ byte: UInt8, at offset: Int) {
    bytes.append(byte)
    offsets.append(offset)
  }

  /// A character that was written as an escape at `offset`.
  mutating func append(_ scalar: Unicode.Scalar, at offset: Int) {
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte, at: offset) }
  }

  mutating func copy(_ range: Range<Int>, of source: [UInt8]) {
    bytes.append(contentsOf: source[range])
    offsets.append(contentsOf: range)
  }

  /// The source byte after the last one of the value closes the list.
  mutating func close(at end: Int) { offsets.append(end) }
}
