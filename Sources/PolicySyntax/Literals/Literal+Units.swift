internal import PolicyCore

/// What to write instead of a unit that the language does not have.
extension Literal {
  static func unknownUnit(_ word: [UInt8], numberEnd: Int, suffix: String, expected: FactType?) -> Fault {
    let number = String(decoding: word[..<numberEnd], as: UTF8.self)
    if suffix.hasPrefix(" ") {
      let unit = String(suffix.drop { $0 == " " })
      if let meant = meant(number, unit) {
        return Fault(
          code: "P0103", message: "a blank before the unit `\(unit)`", help: "write `\(meant)`", replacement: meant)
      }
    }
    let suffix = String(suffix.drop { $0 == " " })
    var fault = Fault(code: "P0103", message: "unknown unit `\(suffix)`")
    func write(_ unit: String) {
      fault.help = "write `\(number)\(unit)`"
      fault.replacement = number + unit
    }
    let lower = suffix.lowercased()
    if let malformed = malformedNumber(word, number, suffix) { return malformed }
    if suffix == "M", expected == .duration {
      calendar("month", 30, number, &fault)
    } else if suffix == "M", expected != .bytes {
      fault.caption = "months, or megabytes?"
      fault.help =
        "months differ in length, so write \(days(number, 30)); or write `\(number)MB` or `\(number)MiB` for a size"
    } else if ["k", "m", "g", "t", "p"].contains(lower) {
      let letter = lower.uppercased()
      fault.caption = "powers of 1000, or of 1024?"
      fault.help = "write `\(number)\(letter)B` (powers of 1000) or `\(number)\(letter)iB` (powers of 1024)"
    } else if ["mo", "mon", "mos", "mth", "month", "months"].contains(lower) {
      calendar("month", 30, number, &fault)
    } else if ["y", "yr", "yrs", "year", "years"].contains(lower) {
      calendar("year", 365, number, &fault)
    } else if let unit = longNames[lower] {
      if number.contains(".") { return fraction(number, unit) }
      write(unit)
    } else if ["ms", "us", "ns"].contains(lower) {
      fault.caption = "shorter than a second"
      fault.help = "the smallest unit is `s`"
    } else if let unit = sizeUnits.first(where: { $0.suffix.lowercased() == lower }) {
      write(unit.suffix)
    } else if let unit = sizeUnits.first(where: { $0.suffix.lowercased() == lower + "b" }) {
      write(unit.suffix)
    } else if ["byte", "bytes"].contains(lower) {
      write("B")
    } else {
      fault.help =
        "durations have the units `s`, `m`, `h`, `d`, `w`; sizes `B`, `KB`, `MB`, `GB`, `TB`, `PB`, `KiB` … `PiB`"
    }
    return fault
  }

  /// Number and unit without a blank between them, where that is a literal or nearly one.
  private static func meant(_ number: String, _ unit: String) -> String? {
    do throws(Fault) {
      _ = try read(Array((number + unit).utf8))
      return number + unit
    } catch {
      return error.replacement
    }
  }

  private static let longNames: [String: String] = [
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d", "w": "w", "wk": "w", "wks": "w", "week": "w", "weeks": "w",
  ]

  private static func calendar(_ name: String, _ length: Int64, _ number: String, _ fault: inout Fault) {
    fault.caption = "\(name)s differ in length"
    fault.help = "count days: write \(days(number, length))"
  }

  /// `90d` for three months; a general example where the number is not a small whole one.
  private static func days(_ number: String, _ length: Int64) -> String {
    guard let count = Int64(number), (1...100_000).contains(count) else { return "`\(length)d`" }
    return "`\(count * length)d`"
  }

  /// `1.5h` → `1h30m`.
  private static func fraction(_ number: String, _ unit: String) -> Fault {
    var fault = Fault(
      code: "P0104", message: "a duration is made of whole numbers", caption: "a fraction",
      help: "write smaller units, such as `1h30m`")
    if let scale = TimeSpan.units.first(where: { $0.suffix == unit }), let value = ExactDecimal(number),
      let exact = value.scaled(scale.nanoseconds), !value.isNegative, exact >= 1_000_000_000,
      exact.isMultiple(of: 1_000_000_000)
    {
      let spelled = TimeSpan(nanoseconds: exact).spelled
      fault.help = "write `\(spelled)`"
      fault.replacement = spelled
    }
    return fault
  }

  private static func malformedNumber(_ word: [UInt8], _ number: String, _ suffix: String) -> Fault? {
    if suffix.hasPrefix("."), suffix.utf8.dropFirst().allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) {
      return Fault(
        code: "P0104", message: "`\(number)\(suffix)` is not a number", caption: "a point without digits after it",
        help: suffix == "." ? "write `\(number)`" : "write a number such as `0.8`",
        replacement: suffix == "." ? number : nil)
    }
    if suffix.hasPrefix("_"), suffix.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) {
      let plain = number + suffix.split(separator: "_").joined()
      return Fault(
        code: "P0104", message: "`\(number)\(suffix)` is not a number", caption: "digits stand without separators",
        help: "write `\(plain)`", replacement: plain)
    }
    if number == "0", ["x", "o", "b"].contains(suffix.prefix(1).lowercased()), suffix.utf8.count > 1,
      suffix.lowercased() != "b"
    {
      return Fault(
        code: "P0104", message: "`\(number)\(suffix)` is not a number", caption: "only decimal numbers",
        help: "write the number with decimal digits")
    }
    return nil
  }
}
