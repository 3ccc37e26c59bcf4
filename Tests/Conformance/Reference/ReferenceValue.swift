internal import PolicyCore

/// A value as the reference sees it: comparable only within its own case.
enum ReferenceValue: Hashable {
  case flag(Bool)
  /// Numbers, ratios and sizes.
  case amount(ExactDecimal)
  /// Durations and moments, in nanoseconds.
  case nanoseconds(Int64)
  case text(ByteString)
  case words([ByteString])

  init(_ constant: Constant) {
    switch constant {
    case .bool(let value): self = .flag(value)
    case .number(let value): self = .amount(value)
    case .bytes(let value): self = .amount(ExactDecimal(value))
    case .duration(let span): self = .nanoseconds(span.nanoseconds)
    case .time(let moment): self = .nanoseconds(moment.nanoseconds)
    case .text(let text): self = .text(text)
    }
  }

  /// −1, 0 or 1; `nil` where the two do not compare.
  func compared(to other: ReferenceValue) -> Int? {
    switch (self, other) {
    case (.flag(let left), .flag(let right)): left == right ? 0 : left ? 1 : -1
    case (.amount(let left), .amount(let right)): left < right ? -1 : right < left ? 1 : 0
    case (.nanoseconds(let left), .nanoseconds(let right)): left < right ? -1 : left > right ? 1 : 0
    case (.text(let left), .text(let right)): left < right ? -1 : right < left ? 1 : 0
    default: nil
    }
  }
}

/// What reading a fact gives.
enum ReferenceReading: Hashable {
  case known(ReferenceValue)
  case missing
  case unreadable

  var value: ReferenceValue? {
    if case .known(let value) = self { return value }
    return nil
  }
}

/// Strong Kleene logic: F < U < T.
enum Kleene: Int {
  case no, unknown, yes

  init(_ truth: Bool) { self = truth ? .yes : .no }
  var isPossible: Bool { self != .no }
  var isCertain: Bool { self == .yes }
}
