internal import PolicyCore

/// What a word that begins with a digit (or a minus and a digit) says.
enum Literal: Hashable {
  case number(ExactDecimal, isPercent: Bool)
  /// Bytes; negative where written so.
  case size(Int64)
  /// Negative where written so.
  case duration(TimeSpan)
  case time(Timestamp)

  /// Why a word is no literal.
  struct Fault: Error, Hashable {
    /// P0103 for a unit that the language does not have, P0104 for everything else.
    var code: String
    var message: String
    var caption = ""
    var help: String?
    /// What the word becomes when `help` leaves no choice.
    var replacement: String?
  }

  /// Reads a whole word. `expected` only sharpens messages: `3M` is three months or three megabytes.
  static func read(_ word: [UInt8], expected: FactType? = nil) throws(Fault) -> Literal {
    if looksLikeDate(word) { return .time(try readDate(word)) }
    let numberEnd = endOfNumber(word)
    let suffix = String(decoding: word[numberEnd...], as: UTF8.self)
    if suffix.isEmpty { return .number(try decimal(word), isPercent: false) }
    if suffix == "%" {
      let ratio = try decimal(Array(word[..<numberEnd])).percent
      guard ExactDecimal(ratio.description) == ratio else { throw tooLong() }
      return .number(ratio, isPercent: true)
    }
    if let unit = sizeUnits.first(where: { $0.suffix == suffix }) {
      return .size(try readSize(Array(word[..<numberEnd]), unit))
    }
    if let span = try readDuration(word) { return .duration(span) }
    throw unknownUnit(word, numberEnd: numberEnd, suffix: suffix, expected: expected)
  }

  /// The sizes of the language, largest first; powers of 1000 and of 1024.
  static let sizeUnits: [(suffix: String, bytes: Int64)] = [
    ("PiB", 1 << 50), ("PB", 1_000_000_000_000_000), ("TiB", 1 << 40), ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("KB", 1000),
    ("B", 1),
  ]

  static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  // MARK: - Numbers

  /// End of `[-]digits[.digits][e[±]digits]` at the start of the word.
  private static func endOfNumber(_ word: [UInt8]) -> Int {
    func digits(from start: Int) -> Int {
      var index = start
      while index < word.count, isDigit(word[index]) { index += 1 }
      return index
    }
    var end = digits(from: word.first == UInt8(ascii: "-") ? 1 : 0)
    if end < word.count, word[end] == UInt8(ascii: ".") {
      let fraction = digits(from: end + 1)
      if fraction > end + 1 { end = fraction }
    }
    if end < word.count, word[end] == UInt8(ascii: "e") || word[end] == UInt8(ascii: "E") {
      var start = end + 1
      if start < word.count, word[start] == UInt8(ascii: "-") || word[start] == UInt8(ascii: "+") { start += 1 }
      let exponent = digits(from: start)
      if exponent > start { end = exponent }
    }
    return end
  }

  private static func decimal(_ word: [UInt8]) throws(Fault) -> ExactDecimal {
    guard let value = ExactDecimal(parsing: word) else { throw tooLong() }
    return value
  }

  private static func tooLong() -> Fault {
    Fault(
      code: "P0104", message: "this number cannot be held exactly",
      caption: "more than \(ExactDecimal.maximumDigits) digits, or an exponent beyond \(ExactDecimal.maximumExponent)",
      help: "write a shorter number")
  }

  // MARK: - Sizes

  private static func readSize(_ number: [UInt8], _ unit: (suffix: String, bytes: Int64)) throws(Fault) -> Int64 {
    let value = try decimal(number)
    if unit.bytes == 1, value.wholeNumber == nil, value.scaled(1) != nil {
      throw Fault(
        code: "P0104", message: "a part of a byte", caption: "not a whole number of bytes",
        help: "write a whole number of bytes, or a larger unit")
    }
    guard let bytes = value.scaled(unit.bytes) else {
      throw Fault(
        code: "P0104", message: "this size is too large", caption: "more than \(Int64.max) bytes",
        help: "write at most `8191PiB`")
    }
    return bytes
  }

  // MARK: - Durations

  /// `nil` when the word is not made of whole numbers and duration units.
  private static func readDuration(_ word: [UInt8]) throws(Fault) -> TimeSpan? {
    let isNegative = word.first == UInt8(ascii: "-")
    var index = isNegative ? 1 : 0
    var (total, overflow): (Int64, Bool) = (0, false)
    guard index < word.count else { return nil }
    while index < word.count {
      let start = index
      var count: Int64 = 0
      while index < word.count, isDigit(word[index]) {
        let (shifted, over) = count.multipliedReportingOverflow(by: 10)
        let (sum, over2) = shifted.addingReportingOverflow(Int64(word[index] - 48))
        overflow = overflow || over || over2
        count = sum
        index += 1
      }
      guard index > start, index < word.count,
        let unit = TimeSpan.units.first(where: { Array($0.suffix.utf8) == [word[index]] })
      else { return nil }
      let (part, over) = count.multipliedReportingOverflow(by: unit.nanoseconds)
      let (sum, over2) = total.addingReportingOverflow(part)
      overflow = overflow || over || over2
      total = sum
      index += 1
    }
    guard !overflow else {
      throw Fault(
        code: "P0104", message: "this duration is too long", caption: "more than 292 years",
        help: "write at most `106751d`")
    }
    return TimeSpan(nanoseconds: isNegative ? -total : total)
  }

  // MARK: - Dates

  private static func looksLikeDate(_ word: [UInt8]) -> Bool {
    if word.contains(UInt8(ascii: ":")) { return true }
    guard let dash = word.dropFirst().firstIndex(of: UInt8(ascii: "-")) else { return false }
    // `1e-4` is a number; `2026-1-5` is a date that needs help.
    return word[..<dash].allSatisfy(isDigit) && dash >= 1
  }

  private static func readDate(_ word: [UInt8]) throws(Fault) -> Timestamp {
    let text = String(decoding: word, as: UTF8.self)
    if let time = Timestamp(text) { return time }
    var fault = Fault(
      code: "P0104", message: "`\(text)` is not a date", caption: "not understood",
      help: "write `2026-01-31`, or with a time in UTC `2026-01-31T08:00:00Z`")
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    if Timestamp(text + "Z") != nil {
      fault.caption = "a time of day needs its zone"
      fault.help = "write `\(text)Z`: times are in UTC"
    } else if let zone = zoneStart(word), Timestamp(String(decoding: word[..<zone], as: UTF8.self) + "Z") != nil {
      fault.caption = "another zone than UTC"
      fault.help = "convert it to UTC and write `Z` at its end"
    } else if parts.count == 3, parts[0].utf8.count == 4, parts.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) {
      let padded = parts.map { $0.utf8.count == 1 ? "0" + $0 : String($0) }.joined(separator: "-")
      if Timestamp(padded) != nil {
        fault.caption = "month and day have two digits each"
        fault.help = "write `\(padded)`"
        fault.replacement = padded
      } else {
        fault.caption = "no such day, or outside the years 1678 to 2261"
        fault.help = "write a day of the calendar as year-month-day, such as `2026-01-31`"
      }
    }
    throw fault
  }

  /// Where `+02:00`, `-02:00` begins.
  private static func zoneStart(_ word: [UInt8]) -> Int? {
    guard let clock = word.firstIndex(of: UInt8(ascii: "T")) else { return nil }
    return word[clock...].firstIndex { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
  }
}
