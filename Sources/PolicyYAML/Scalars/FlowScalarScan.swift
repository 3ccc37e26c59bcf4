internal import PolicyDiagnostics

/// Reads the raw slice of a plain or quoted scalar a second time, to learn where each byte of the value was written.
///
/// Within a line everything but quotes and escapes stands for itself. A run of blanks with line breaks in it is folded:
/// one break is a space, n breaks are n − 1 line feeds, and the blanks go. Behind an escaped break nothing is folded:
/// every further break is a line feed.
struct FlowScalarScan {
  private let source: SourceText
  private let range: Range<Int>
  private let style: ScalarText.Style
  private var located = LocatedBytes()

  private init(_ source: SourceText, _ range: Range<Int>, _ style: ScalarText.Style) {
    self.source = source
    self.range = range
    self.style = style
  }

  /// `range` is the text of the scalar with its quotes. `nil` when it is not well formed.
  static func scan(_ source: SourceText, _ range: Range<Int>, _ style: ScalarText.Style) -> LocatedBytes? {
    var inner = range
    if style != .plain {
      guard range.count >= 2 else { return nil }
      inner = range.lowerBound + 1..<range.upperBound - 1
    }
    var scan = FlowScalarScan(source, inner, style)
    return scan.run() ? scan.located : nil
  }

  private mutating func run() -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let byte = source.bytes[offset]
      if byte.isBlank || byte.isLineBreak {
        offset = fold(from: offset, afterEscapedBreak: false)
      } else if style == .singleQuoted, byte == UInt8(ascii: "'") {
        located.append(byte, at: offset)
        offset += 2
      } else if style == .doubleQuoted, byte == UInt8(ascii: "\\") {
        guard let next = escape(at: offset) else { return false }
        offset = next
      } else {
        located.append(byte, at: offset)
        offset += 1
      }
    }
    located.close(at: range.upperBound)
    return offset == range.upperBound
  }

  /// Reads blanks and breaks from `start` on and returns the offset behind them.
  private mutating func fold(from start: Int, afterEscapedBreak: Bool) -> Int {
    var offset = start
    var breaks: [Int] = []
    while offset < range.upperBound {
      if source.bytes[offset].isLineBreak {
        breaks.append(offset)
        offset = source.afterLineBreak(offset)
      } else if source.bytes[offset].isBlank {
        offset += 1
      } else {
        break
      }
    }
    if afterEscapedBreak {
      for place in breaks { located.append(UInt8(ascii: "\n"), at: place) }
    } else if breaks.isEmpty {
      located.copy(start..<offset, of: source.bytes)
    } else if breaks.count == 1 {
      located.append(UInt8(ascii: " "), at: breaks[0])
    } else {
      for place in breaks.dropFirst() { located.append(UInt8(ascii: "\n"), at: place) }
    }
    return offset
  }

  /// Reads an escape whose backslash is at `start` and returns the offset behind it.
  private mutating func escape(at start: Int) -> Int? {
    guard start + 1 < range.upperBound else { return nil }
    let byte = source.bytes[start + 1]
    if byte.isLineBreak { return fold(from: source.afterLineBreak(start + 1), afterEscapedBreak: true) }
    let digits: Int
    switch byte {
    case UInt8(ascii: "x"): digits = 2
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    default:
      guard let scalar = Self.meaning(byte) else { return nil }
      located.append(scalar, at: start)
      return start + 2
    }
    let end = start + 2 + digits
    guard end <= range.upperBound,
      let value = UInt32(String(decoding: source.bytes[(start + 2)..<end], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(value)
    else { return nil }
    located.append(scalar, at: start)
    return end
  }

  /// YAML 1.1's table of escapes of one character.
  private static func meaning(_ byte: UInt8) -> Unicode.Scalar? {
    switch byte {
    case UInt8(ascii: "0"): "\0"
    case UInt8(ascii: "a"): "\u{07}"
    case UInt8(ascii: "b"): "\u{08}"
    case UInt8(ascii: "t"), 0x09: "\t"
    case UInt8(ascii: "n"): "\n"
    case UInt8(ascii: "v"): "\u{0B}"
    case UInt8(ascii: "f"): "\u{0C}"
    case UInt8(ascii: "r"): "\r"
    case UInt8(ascii: "e"): "\u{1B}"
    case UInt8(ascii: " "): " "
    case UInt8(ascii: "\""): "\""
    case UInt8(ascii: "/"): "/"
    case UInt8(ascii: "\\"): "\\"
    case UInt8(ascii: "N"): "\u{85}"
    case UInt8(ascii: "_"): "\u{A0}"
    case UInt8(ascii: "L"): "\u{2028}"
    case UInt8(ascii: "P"): "\u{2029}"
    default: nil
    }
  }
}
