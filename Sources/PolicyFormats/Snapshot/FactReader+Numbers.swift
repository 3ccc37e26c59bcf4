internal import PolicyCore

extension FactReader {
  /// A metric's text, trimmed; its value is looked at only for the declared range.
  static func number(_ bytes: [UInt8], _ range: Range<Int>, _ column: FactTable.Column) -> Reading {
    var range = range
    while let first = range.first, bytes[first] == 0x20 || bytes[first] == 0x09 { range.removeFirst() }
    while let last = range.last, bytes[last] == 0x20 || bytes[last] == 0x09 { range.removeLast() }
    if !isPlainFraction(bytes.span, range) {
      guard let number = ExactDecimal(ascii: bytes.span.extracting(range)) else {
        return .doubtful("\(column.name) is \(quoted(Array(bytes[range]))), which is no number")
      }
      if column.type == .ratio, !number.isRatio {
        return .doubtful("\(column.name) is \(quoted(Array(bytes[range]))), not from 0 to 1")
      }
    }
    return .known(.number(String(decoding: bytes[range], as: UTF8.self)))
  }

  /// `0.` and a few digits, as nearly all ratios are: a number from 0 to 1 without working it out.
  static func isPlainFraction(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard (3...30).contains(range.count), bytes[range.lowerBound] == 48,
      bytes[range.lowerBound + 1] == UInt8(ascii: ".")
    else { return false }
    for place in (range.lowerBound + 2)..<range.upperBound where !(48...57).contains(bytes[place]) { return false }
    return true
  }

  /// A short piece of a file, fit for display.
  static func quoted(_ bytes: [UInt8]) -> String {
    guard bytes.count <= 40, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return "something else" }
    return "`\(String(decoding: bytes, as: UTF8.self))`"
  }
}
