/// Braces and ranges of fixtures: `r{1..6}`, `{alice,bob}/r1`, `30d..25d`.
enum FixtureText {
  /// Why a pattern means no paths: a brace that is not closed, a range that is none, or more than anybody wants.
  static func mistake(_ pattern: String) -> String? {
    var count = 1
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return "the brace is not closed" }
      let inside = String(rest[rest.index(after: open)..<close])
      if inside.contains("{") { return "there are braces in braces" }
      if let (first, last) = ends(inside) {
        guard let low = Int(first), let high = Int(last) else { return "`{\(inside)}` is no range of whole numbers" }
        let (distance, overflow) = high.subtractingReportingOverflow(low)
        guard !overflow, distance.magnitude < most else { return "that would be more than \(most) paths" }
        count *= Int(distance.magnitude) + 1
      } else {
        count *= inside.split(separator: ",", omittingEmptySubsequences: false).count
      }
      guard count <= most else { return "that would be more than \(most) paths" }
      rest = rest[rest.index(after: close)...]
    }
    return nil
  }

  private static let most = 100_000

  /// Every path that a pattern means, in order; ranges count up or down.
  static func expand(_ pattern: String) -> [String] {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern[open...].firstIndex(of: "}") else {
      return [pattern]
    }
    let inside = String(pattern[pattern.index(after: open)..<close])
    let (head, tail) = (String(pattern[..<open]), String(pattern[pattern.index(after: close)...]))
    guard let choices = choices(inside) else {
      return expand(tail).map { "\(head){\(inside)}\($0)" }
    }
    let rests = expand(tail)
    return choices.flatMap { choice in rests.map { head + choice + $0 } }
  }

  private static func choices(_ inside: String) -> [String]? {
    if let (first, last) = ends(inside), let low = Int(first), let high = Int(last) {
      let width = first.hasPrefix("0") && first.count > 1 ? first.count : 0
      let numbers = low <= high ? Array(low...high) : Array((high...low).reversed())
      return numbers.map { number in
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
      }
    }
    let words = inside.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return words.count > 1 ? words : nil
  }

  /// Both ends of `a..b`.
  static func ends(_ text: String) -> (first: String, last: String)? {
    guard let dots = text.firstRange(of: "..") else { return nil }
    let (first, last) = (text[..<dots.lowerBound], text[dots.upperBound...])
    guard !first.isEmpty, !last.isEmpty, !last.hasPrefix(".") else { return nil }
    return (String(first), String(last))
  }

  /// The index-th of `count` equal steps from one number to another, both ends exact.
  static func step(_ first: Int64, _ last: Int64, _ index: Int, _ count: Int) -> Int64 {
    guard count > 1 else { return first }
    let product = Int128(last - first) * Int128(index)
    return first + Int64(product / Int128(count - 1))
  }
}
