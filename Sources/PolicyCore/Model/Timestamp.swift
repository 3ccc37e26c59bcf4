/// A moment: nanoseconds since 1970-01-01T00:00:00Z, UTC, without leap seconds. Covers the years 1678 to 2261.
public struct Timestamp: Hashable, Comparable, Sendable {
  public let nanoseconds: Int64
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// `self − earlier`, or `nil` where that does not fit.
  public func since(_ earlier: Timestamp) -> TimeSpan? {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return overflow ? nil : TimeSpan(nanoseconds: difference)
  }

  /// `self + span`, or `nil` where that does not fit.
  public func advanced(by span: TimeSpan) -> Timestamp? {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(span.nanoseconds)
    return overflow ? nil : Timestamp(nanoseconds: sum)
  }

  /// Parses `yyyy-mm-dd`, `yyyy-mm-ddThh:mmZ`, `yyyy-mm-ddThh:mm:ssZ` and the latter with up to nine decimals.
  /// Other zones, other spellings and impossible dates are `nil`.
  public init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    func digits(_ count: Int) -> Int64? {
      guard rest.count >= count else { return nil }
      var value: Int64 = 0
      for byte in rest.prefix(count) {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      rest = rest.dropFirst(count)
      return value
    }
    func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2) else { return nil }
    guard (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, year: year) else { return nil }
    var (hour, minute, second, fraction): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
    if !rest.isEmpty {
      guard take("T"), let h = digits(2), take(":"), let m = digits(2), h < 24, m < 60 else { return nil }
      (hour, minute) = (h, m)
      if take(":") {
        guard let s = digits(2), s < 60 else { return nil }
        second = s
        if take(".") {
          var places = 0
          while let byte = rest.first, (48...57).contains(byte) {
            guard places < 9 else { return nil }
            fraction = fraction * 10 + Int64(byte - 48)
            places += 1
            rest = rest.dropFirst()
          }
          guard places > 0 else { return nil }
          for _ in places..<9 { fraction *= 10 }
        }
      }
      guard take("Z"), rest.isEmpty else { return nil }
    }
    var seconds = Self.dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
    // The earliest moment has a fraction: its whole second alone would not fit.
    if seconds < 0, fraction > 0 { (seconds, fraction) = (seconds + 1, fraction - 1_000_000_000) }
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (total, overflow2) = scaled.addingReportingOverflow(fraction)
    guard !overflow, !overflow2 else { return nil }
    self.nanoseconds = total
  }

  /// RFC 3339 in UTC, with as many decimals as are needed and no more: `2027-01-15T08:00:00Z`.
  public var rfc3339: String {
    var seconds = nanoseconds / 1_000_000_000
    var fraction = nanoseconds % 1_000_000_000
    if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1_000_000_000) }
    var day = seconds / 86_400
    var clock = seconds % 86_400
    if clock < 0 { (day, clock) = (day - 1, clock + 86_400) }
    let (year, month, dayOfMonth) = Self.civil(day)
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    var text =
      "\(year)-\(two(month))-\(two(dayOfMonth))T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
    if fraction > 0 {
      var decimals = String(fraction)
      decimals = String(repeating: "0", count: 9 - decimals.utf8.count) + decimals
      while decimals.utf8.last == UInt8(ascii: "0") { decimals.removeLast() }
      text += "." + decimals
    }
    return text + "Z"
  }

  private static func days(inMonth month: Int64, year: Int64) -> Int64 {
    let leap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    return month == 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar, by counting years from 1 March.
  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ dayNumber: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth + (marchMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}

/// A length of time in nanoseconds; never negative where the language speaks of one.
public struct TimeSpan: Hashable, Comparable, Sendable {
  public let nanoseconds: Int64
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count * 1_000_000_000) }
  public static func minutes(_ count: Int64) -> TimeSpan { seconds(count * 60) }
  public static func hours(_ count: Int64) -> TimeSpan { seconds(count * 3600) }
  public static func days(_ count: Int64) -> TimeSpan { seconds(count * 86_400) }
  public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The units of the language, longest first: suffix and nanoseconds.
  public static let units: [(suffix: String, nanoseconds: Int64)] = [
    ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000),
    ("m", 60_000_000_000), ("s", 1_000_000_000),
  ]

  /// Exactly, in the language's units (`1d12h`), without weeks: `14d` is what people write, and compare with other days.
  /// Parts of a second are dropped. `0s` for nothing.
  public var spelled: String {
    var (rest, text) = (nanoseconds.magnitude, nanoseconds < 0 ? "-" : "")
    for unit in Self.units where unit.suffix != "w" {
      let count = rest / unit.nanoseconds.magnitude
      if count > 0 { text += "\(count)\(unit.suffix)" }
      rest %= unit.nanoseconds.magnitude
    }
    return text.isEmpty || text == "-" ? "0s" : text
  }
}
