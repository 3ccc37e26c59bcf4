public import PolicyCore

/// Sizes, counts and times as people read them.
public enum Quantities {
  /// `15.0 GiB`, `512 B`; three significant digits at the most, rounded down.
  public static func size(_ bytes: Int64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]
    let sign = bytes < 0 ? "-" : ""
    var magnitude = bytes.magnitude
    guard magnitude >= 1024 else { return "\(sign)\(magnitude) B" }
    var (unit, rest) = (-1, UInt64(0))
    while magnitude >= 1024, unit < units.count - 1 {
      rest = magnitude % 1024
      magnitude /= 1024
      unit += 1
    }
    return magnitude >= 100
      ? "\(sign)\(magnitude) \(units[unit])" : "\(sign)\(magnitude).\(rest * 10 / 1024) \(units[unit])"
  }

  /// `61.9%`, `90%`: one digit behind the point at the most, rounded down, so that a disk is never said to have reached a
  /// watermark that it has not; empty where there is no whole.
  public static func percent(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0, let tenths = Int64(exactly: Int128(part) * 1000 / Int128(whole)) else { return "" }
    return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths.magnitude % 10)%"
  }

  public static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) " + plural(number, one, many)
  }

  static func plural(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    number == 1 ? one : many ?? one + "s"
  }

  /// `2027-01-15 08:00Z`
  public static func minute(_ stamp: Timestamp) -> String {
    let text = stamp.rfc3339
    guard let letter = text.firstIndex(of: "T") else { return text }
    return text[..<letter] + " " + text[text.index(after: letter)...].prefix(5) + "Z"
  }

  /// A plan or policy digest in the few letters that people compare.
  public static func short(_ digest: String) -> String {
    let hexadecimal = digest.hasPrefix("sha256:") ? digest.dropFirst(7) : digest[...]
    return String(hexadecimal.prefix(12))
  }
}
