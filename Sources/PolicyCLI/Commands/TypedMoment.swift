internal import PolicyCore

/// A moment as it is typed: `2027-01-15T08:00:00Z`, `2027-01-15`, or `+30d` from another one.
enum TypedMoment: Equatable {
  case at(Timestamp)
  case after(TimeSpan)

  init?(_ text: String) {
    if text.hasPrefix("+") {
      guard let span = Self.duration(String(text.dropFirst())) else { return nil }
      self = .after(span)
    } else {
      guard let moment = Timestamp(text) else { return nil }
      self = .at(moment)
    }
  }

  /// `nil` where it lies outside of what a time stamp can hold.
  func from(_ start: Timestamp) -> Timestamp? {
    switch self {
    case .at(let moment): moment
    case .after(let span): start.advanced(by: span)
    }
  }

  /// `1d12h`, in the units of the language; `nil` for anything else, and for what does not fit.
  static func duration(_ text: String) -> TimeSpan? {
    var total: Int64 = 0
    var rest = Array(text.utf8)[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { (48...57).contains($0) }
      rest = rest.dropFirst(digits.count)
      guard let count = Int64(String(decoding: digits, as: UTF8.self)), let letter = rest.popFirst(),
        let unit = TimeSpan.units.first(where: { Array($0.suffix.utf8) == [letter] })
      else { return nil }
      let (part, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
      let (sum, overflow2) = total.addingReportingOverflow(part)
      guard !overflow, !overflow2 else { return nil }
      total = sum
    }
    return TimeSpan(nanoseconds: total)
  }
}
