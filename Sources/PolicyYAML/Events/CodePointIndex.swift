/// Turns libyaml's marks, which count code points after a byte order mark, into source bytes. Made once a file.
struct CodePointIndex {
  private let start: Int
  private let end: Int
  /// The byte offset of each code point; `nil` where the text is ASCII and no table is needed.
  private let table: [Int]?

  /// `bytes` must be valid UTF-8 from `start` on.
  init(_ bytes: [UInt8], from start: Int) {
    self.start = start
    self.end = bytes.count
    let isASCII = bytes[start...].allSatisfy { $0 < 0x80 }
    self.table = isASCII ? nil : bytes.indices[start...].filter { bytes[$0] & 0xC0 != 0x80 }
  }

  /// The byte offset of a code point; the end of the text for one behind it.
  func byteOffset(_ codePoint: Int) -> Int {
    guard let table else { return min(start + codePoint, end) }
    return codePoint < table.count ? table[codePoint] : end
  }
}
