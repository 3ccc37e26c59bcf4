/// A place in a JSON text, moved forward token by token.
///
/// Both the general reader and the snapshot decoder (which must not build a tree a line) stand on it. It accepts RFC
/// 8259 and nothing more; with `isLine` a line feed is no blank, so that a value cannot cross the end of its line.
package struct JSONCursor {
  package let bytes: [UInt8]
  package private(set) var index: Int
  let isLine: Bool

  package init(_ bytes: [UInt8], at index: Int = 0, isLine: Bool = false) {
    self.bytes = bytes
    self.index = index
    self.isLine = isLine
  }

  /// A string's place between its quotes.
  package struct RawString {
    package let range: Range<Int>
    package let hasEscapes: Bool
  }

  /// A number's place.
  package struct RawNumber {
    package let range: Range<Int>
    /// The value of a number without fraction and exponent that fits; `-0` is none.
    package let integer: Int64?
  }

  // MARK: Blanks and punctuation

  mutating func skipBlanks() {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: "\n"):
        if isLine { return }
        index += 1
      default: return
      }
    }
  }

  package var isAtEnd: Bool { index >= bytes.count }

  /// The next byte that is no blank, not consumed; `nil` at the end.
  package mutating func peek() -> UInt8? {
    if index < bytes.count, bytes[index] > 0x20 { return bytes[index] }
    skipBlanks()
    return index < bytes.count ? bytes[index] : nil
  }

  /// Consumes a punctuation mark if it comes next.
  package mutating func take(_ mark: UInt8) -> Bool {
    guard peek() == mark else { return false }
    index += 1
    return true
  }

  package mutating func expect(_ mark: UInt8) throws(JSONError) {
    guard take(mark) else { throw unexpected("`\(Character(Unicode.Scalar(mark)))`") }
  }

  package func unexpected(_ wanted: String) -> JSONError {
    guard index < bytes.count, !(isLine && bytes[index] == UInt8(ascii: "\n")) else {
      return JSONError(offset: index, message: "ends where \(wanted) should be")
    }
    return JSONError(offset: index, message: "expected \(wanted)")
  }

  /// Goes to the first byte of the next line.
  mutating func skipLine() {
    while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    if index < bytes.count { index += 1 }
  }

  /// Consumes exactly these bytes, in which there is no line feed, if they come next.
  mutating func take(_ literal: [UInt8]) -> Bool {
    let count = literal.count
    guard bytes.count - index >= count else { return false }
    let matches = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe literal.withUnsafeBufferPointer { literal in
        for place in 0..<count where unsafe bytes[index + place] != literal[place] { return false }
        return true
      }
    }
    if matches { index += count }
    return matches
  }

  // MARK: Words

  /// Consumes `true`, `false` or `null` if it comes next.
  package mutating func takeWord(_ word: StaticString) -> Bool {
    guard peek() != nil, bytes.count - index >= word.utf8CodeUnitCount else { return false }
    let matches = word.withUTF8Buffer { letters in
      for offset in letters.indices where unsafe bytes[index + offset] != letters[offset] { return false }
      return true
    }
    if matches { index += word.utf8CodeUnitCount }
    return matches
  }

  // MARK: Strings

  package mutating func string() throws(JSONError) -> RawString {
    guard peek() == UInt8(ascii: "\"") else { throw unexpected("a string") }
    index += 1
    let start = index
    var (hasEscapes, isASCII) = (false, true)
    skipPlain()
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        let range = start..<index
        if !isASCII, let fault = UTF8Sequence.firstFault(in: bytes, range) {
          throw JSONError(offset: fault, message: "is not UTF-8")
        }
        index += 1
        return RawString(range: range, hasEscapes: hasEscapes)
      }
      if byte < 0x20 {
        let message =
          byte == UInt8(ascii: "\n") ? "the line ends inside a string" : "a control character in a string"
        throw JSONError(offset: index, message: message)
      }
      if byte >= 0x80 { isASCII = false }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        index = try escape(at: index).next
      } else {
        index += 1
      }
    }
    throw JSONError(offset: index, message: "ends inside a string")
  }

  /// Goes to the next byte that ends a string or needs a closer look.
  private mutating func skipPlain() {
    index = unsafe bytes.withUnsafeBufferPointer { bytes in
      var place = index
      while place < bytes.count {
        let byte = unsafe bytes[place]
        if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
        place += 1
      }
      return place
    }
  }

  /// The scalar that the escape at `start` means, and where the text goes on.
  private func escape(at start: Int) throws(JSONError) -> (scalar: Unicode.Scalar, next: Int) {
    let wrong = JSONError(offset: start, message: "no such escape in a string")
    guard start + 1 < bytes.count else { throw wrong }
    let simple: Unicode.Scalar
    switch bytes[start + 1] {
    case UInt8(ascii: "\""): simple = "\""
    case UInt8(ascii: "\\"): simple = "\\"
    case UInt8(ascii: "/"): simple = "/"
    case UInt8(ascii: "b"): simple = "\u{8}"
    case UInt8(ascii: "f"): simple = "\u{C}"
    case UInt8(ascii: "n"): simple = "\n"
    case UInt8(ascii: "r"): simple = "\r"
    case UInt8(ascii: "t"): simple = "\t"
    case UInt8(ascii: "u"):
      guard let unit = codeUnit(at: start + 2) else { throw wrong }
      if let scalar = Unicode.Scalar(unit) { return (scalar, start + 6) }
      let lone = JSONError(offset: start, message: "half of a surrogate pair")
      guard unit < 0xDC00, start + 7 < bytes.count, bytes[start + 6] == UInt8(ascii: "\\"),
        bytes[start + 7] == UInt8(ascii: "u"), let low = codeUnit(at: start + 8), (0xDC00...0xDFFF).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(low) - 0xDC00)
      else { throw lone }
      return (scalar, start + 12)
    default: throw wrong
    }
    return (simple, start + 2)
  }

  private func codeUnit(at start: Int) -> UInt16? {
    guard start + 4 <= bytes.count else { return nil }
    var unit: UInt16 = 0
    for offset in start..<(start + 4) {
      let digit: UInt8
      switch bytes[offset] {
      case 48...57: digit = bytes[offset] - 48
      case 65...70: digit = bytes[offset] - 55
      case 97...102: digit = bytes[offset] - 87
      default: return nil
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// The bytes that a string means: valid UTF-8.
  package func value(of raw: RawString) -> [UInt8] {
    guard raw.hasEscapes else { return Array(bytes[raw.range]) }
    var value: [UInt8] = []
    value.reserveCapacity(raw.range.count)
    var place = raw.range.lowerBound
    while place < raw.range.upperBound {
      // The escapes of a string that was read are good ones; `break` keeps this total all the same.
      if bytes[place] == UInt8(ascii: "\\") {
        guard let (scalar, next) = try? escape(at: place) else { break }
        UTF8Sequence.append(scalar, to: &value)
        place = next
      } else {
        value.append(bytes[place])
        place += 1
      }
    }
    return value
  }

  package func text(of raw: RawString) -> String {
    raw.hasEscapes ? String(decoding: value(of: raw), as: UTF8.self) : String(decoding: bytes[raw.range], as: UTF8.self)
  }

  /// Whether a string without escapes is exactly these bytes.
  package func matches(_ raw: RawString, _ expected: [UInt8]) -> Bool {
    guard raw.range.count == expected.count else { return false }
    var place = raw.range.lowerBound
    for byte in expected {
      if bytes[place] != byte { return false }
      place += 1
    }
    return !raw.hasEscapes
  }

  // MARK: Numbers

  package mutating func number() throws(JSONError) -> RawNumber {
    guard let first = peek(), first == UInt8(ascii: "-") || (48...57).contains(first) else {
      throw unexpected("a number")
    }
    let start = index
    let isNegative = first == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let firstDigit = index
    var (magnitude, overflow) = (UInt64(0), false)
    while index < bytes.count, (48...57).contains(bytes[index]) {
      let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, tooLarge2) = product.addingReportingOverflow(UInt64(bytes[index] - 48))
      overflow = overflow || tooLarge || tooLarge2
      magnitude = sum
      index += 1
    }
    guard index > firstDigit else { throw JSONError(offset: index, message: "a number without digits") }
    guard bytes[firstDigit] != 48 || index == firstDigit + 1 else {
      throw JSONError(offset: firstDigit, message: "a number that begins with 0")
    }
    var isWhole = true
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      isWhole = false
      index += 1
      try digits()
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: "e") || bytes[index] == UInt8(ascii: "E") {
      isWhole = false
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") { index += 1 }
      try digits()
    }
    var integer: Int64?
    if isWhole, !overflow, !(isNegative && magnitude == 0) {
      integer = isNegative ? Int64(exactly: -Int128(magnitude)) : Int64(exactly: magnitude)
    }
    return RawNumber(range: start..<index, integer: integer)
  }

  private mutating func digits() throws(JSONError) {
    let start = index
    while index < bytes.count, (48...57).contains(bytes[index]) { index += 1 }
    guard index > start else { throw JSONError(offset: index, message: "a number without digits") }
  }
}
