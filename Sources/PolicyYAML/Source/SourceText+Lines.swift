internal import PolicyDiagnostics

extension UInt8 {
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
  var isLineBreak: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}

extension SourceText {
  func byte(at offset: Int) -> UInt8? { bytes.indices.contains(offset) ? bytes[offset] : nil }

  /// The byte after a line break (LF, CR or CRLF) that begins at `offset`.
  func afterLineBreak(_ offset: Int) -> Int {
    bytes[offset] == UInt8(ascii: "\r") && byte(at: offset + 1) == UInt8(ascii: "\n") ? offset + 2 : offset + 1
  }

  /// The first offset from `offset` on that holds a line break, or the end.
  func endOfLine(from offset: Int) -> Int {
    bytes[offset...].firstIndex { $0.isLineBreak } ?? bytes.count
  }

  /// The first offset from `offset` on that holds no blank.
  func skipBlanks(from offset: Int) -> Int {
    bytes[offset...].firstIndex { !$0.isBlank } ?? bytes.count
  }

  /// `range` without blanks and line breaks at its end.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end - 1].isBlank || bytes[end - 1].isLineBreak { end -= 1 }
    return range.lowerBound..<end
  }

  /// From `offset` to the end of its line, without a comment, and without blanks at the end.
  func restOfLine(from offset: Int) -> Range<Int> {
    var end = offset
    while end < bytes.count, !bytes[end].isLineBreak {
      if bytes[end] == UInt8(ascii: "#"), end == offset || bytes[end - 1].isBlank { break }
      end += 1
    }
    return trimmed(offset..<end)
  }

  /// True when only blanks stand before `offset` on its line.
  func beginsLine(_ offset: Int) -> Bool {
    bytes[lineStarts[line(at: offset)]..<offset].allSatisfy(\.isBlank)
  }

  /// What the user wrote, on one line and short enough for a message.
  func shown(_ range: Range<Int>) -> String {
    let words = bytes[range].split { $0.isBlank || $0.isLineBreak }.map { String(decoding: $0, as: UTF8.self) }
    let text = words.joined(separator: " ")
    return text.count > 72 ? text.prefix(71) + "…" : text
  }

  /// `range`, widened to the whole code point that begins there when it is empty; still empty at the end of the file.
  func visible(_ range: Range<Int>) -> Range<Int> {
    guard range.isEmpty, range.lowerBound < bytes.count else { return range }
    var end = range.lowerBound + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    return range.lowerBound..<end
  }
}
