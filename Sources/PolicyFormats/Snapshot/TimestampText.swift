internal import PolicyCore

/// RFC 3339 for snapshots with hundreds of thousands of lines: the same spellings as `Timestamp`'s own, many times
/// faster. A test compares the two.
enum TimestampText {
  private static let secondsADay: Int64 = 86_400
  private static let billion: Int64 = 1_000_000_000

  /// Reads `yyyy-mm-ddThh:mm:ss[.fraction]Z`; other spellings go to `Timestamp`'s parser.
  static func parse(_ bytes: [UInt8], _ range: Range<Int>) -> Timestamp? {
    plain(bytes.span, range) ?? Timestamp(String(decoding: bytes[range], as: UTF8.self))
  }

  /// The same, and `nil` for other spellings, for seconds that no day has, and for years long gone or far off.
  static func plain(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Timestamp? {
    let start = range.lowerBound
    guard range.count == 20 || range.count > 21, bytes[range.upperBound - 1] == UInt8(ascii: "Z"),
      bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-"),
      bytes[start + 10] == UInt8(ascii: "T"), bytes[start + 13] == UInt8(ascii: ":"),
      bytes[start + 16] == UInt8(ascii: ":"), range.count == 20 || bytes[start + 19] == UInt8(ascii: "."),
      range.count <= 30,
      let year = digits(bytes, start, 4), let month = digits(bytes, start + 5, 2),
      let day = digits(bytes, start + 8, 2), let hour = digits(bytes, start + 11, 2),
      let minute = digits(bytes, start + 14, 2), let second = digits(bytes, start + 17, 2),
      (1...12).contains(month), day >= 1, day <= days(month, of: year), hour < 24, minute < 60, second < 60,
      (1700...2200).contains(year)
    else { return nil }
    var fraction: Int64 = 0
    if range.count > 20 {
      let places = range.count - 21
      guard let decimals = digits(bytes, start + 20, places) else { return nil }
      fraction = decimals
      for _ in places..<9 { fraction *= 10 }
    }
    let seconds = dayNumber(year, month, day) * secondsADay + hour * 3600 + minute * 60 + second
    return Timestamp(nanoseconds: seconds * billion + fraction)
  }

  private static func days(_ month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func digits(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> Int64? {
    var value: Int64 = 0
    for index in start..<(start + count) {
      guard (48...57).contains(bytes[index]) else { return nil }
      value = value * 10 + Int64(bytes[index] - 48)
    }
    return value
  }

  /// Days since 1970-01-01, counting years from 1 March so that the leap day comes last.
  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Appends the canonical spelling: as many decimals as are needed and no more.
  static func write(_ time: Timestamp, to output: inout ByteBuffer) {
    var (seconds, fraction) = time.nanoseconds.quotientAndRemainder(dividingBy: billion)
    if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + billion) }
    var (day, clock) = seconds.quotientAndRemainder(dividingBy: secondsADay)
    if clock < 0 { (day, clock) = (day - 1, clock + secondsADay) }
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth + (marchMonth < 10 ? 3 : -9)
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    output.append(UInt64(year), digits: 4)
    output.append(UInt8(ascii: "-"))
    output.append(UInt64(month), digits: 2)
    output.append(UInt8(ascii: "-"))
    output.append(UInt64(dayOfYear - (153 * marchMonth + 2) / 5 + 1), digits: 2)
    output.append(UInt8(ascii: "T"))
    output.append(UInt64(clock / 3600), digits: 2)
    output.append(UInt8(ascii: ":"))
    output.append(UInt64(clock / 60 % 60), digits: 2)
    output.append(UInt8(ascii: ":"))
    output.append(UInt64(clock % 60), digits: 2)
    if fraction > 0 {
      output.append(UInt8(ascii: "."))
      output.append(UInt64(fraction), digits: 9)
      output.trimEnd(UInt8(ascii: "0"))
    }
    output.append(UInt8(ascii: "Z"))
  }
}
