/// What a test says of all numbers on either side of one, and of that one itself.
struct Threshold {
  /// As `SortKey` has it.
  let value: Int64
  /// `nil`: the entity is to be asked itself.
  let below, equal, above: Truth?

  private static let none = Threshold(value: 0, below: nil, equal: nil, above: nil)

  init(_ test: BoundTest, of operand: BoundOperand, now: Timestamp) {
    switch test {
    case .isMissing where !operand.isAge: (value, below, equal, above) = (0, .no, .no, .no)
    case .compare(let comparison, let constant): self = Self.of(comparison, constant, operand, now) ?? .none
    case .isMissing, .member, .matches, .has, .flag: self = .none
    }
  }

  private init(value: Int64, below: Truth?, equal: Truth?, above: Truth?) {
    (self.value, self.below, self.equal, self.above) = (value, below, equal, above)
  }

  private static func of(
    _ comparison: Comparison, _ constant: Constant, _ operand: BoundOperand, _ now: Timestamp
  ) -> Threshold? {
    let (isLess, isEqual, isMore) = (
      Truth(comparison.holds(-1)), Truth(comparison.holds(0)), Truth(comparison.holds(1))
    )
    switch (operand.fact.type, constant) {
    case (.time, .duration(let span)) where operand.isAge:
      // An age is above a span where the stamp is below what lies so far back.
      let (value, overflow) = now.nanoseconds.subtractingReportingOverflow(span.nanoseconds)
      return overflow ? nil : Threshold(value: value, below: isMore, equal: isEqual, above: isLess)
    case _ where operand.isAge: return nil
    case (.bytes, .bytes), (.duration, .duration), (.time, .time):
      return SortKey(constant).map { Threshold(value: $0.value, below: isLess, equal: isEqual, above: isMore) }
    case (.int, .number), (.number, .number), (.ratio, .number):
      return SortKey(constant).map { Threshold(value: $0.value, below: isLess, equal: nil, above: isMore) }
    default: return nil
    }
  }
}

extension Comparison {
  /// Whether it holds for a value that is less than the constant (−1), equal to it (0) or more (1).
  fileprivate func holds(_ order: Int) -> Bool {
    switch self {
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    case .equal: order == 0
    case .notEqual: order != 0
    }
  }
}
