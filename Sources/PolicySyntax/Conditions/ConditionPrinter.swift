public import PolicyCore

/// Conditions in the spelling of the language: canonical, so that reading the text again gives an equal condition.
public enum ConditionPrinter {
  public static func text(_ condition: Condition) -> String { or(condition) }

  /// One item of `order`.
  public static func text(_ key: OrderKey) -> String {
    switch key {
    case .fact(let operand, let ascending, let missing):
      let place = missing.map { " missing \($0.rawValue)" } ?? ""
      return "\(spelled(operand)) \(ascending ? "asc" : "desc")\(place)"
    case .condition(let condition, let first): return "\(or(condition)) \(first ? "first" : "last")"
    }
  }

  /// `mAP50`, `age(finished_at)`, `mAP50 ?? 0`.
  public static func spelled(_ operand: Operand) -> String {
    let fact = operand.isAge ? "age(\(operand.fact.spelled))" : operand.fact.spelled
    guard let fallback = operand.fallback else { return fact }
    return "\(fact) ?? \(LiteralPrinter.text(fallback))"
  }

  private static func or(_ condition: Condition) -> String {
    switch simplified(condition) {
    case .all(let parts): parts.map(primary).joined(separator: " and ")
    case .any(let parts): parts.map(primary).joined(separator: " or ")
    case let other: primary(other)
    }
  }

  /// Text that binds closer than `and`.
  private static func primary(_ condition: Condition) -> String {
    switch simplified(condition) {
    case .always: "true"
    case .all, .any: "(\(or(condition)))"
    case .not(let inner): negation(simplified(inner))
    case .compare(let operand, let comparison, let constant):
      "\(spelled(operand)) \(comparison.rawValue) \(LiteralPrinter.text(constant))"
    case .member(let operand, let list): "\(spelled(operand)) in \(listed(list))"
    case .matches(let operand, let glob): "\(spelled(operand)) matches \(LiteralPrinter.quoted(glob.pattern))"
    case .has(let operand, let text): "\(spelled(operand)) has \(LiteralPrinter.word(text))"
    case .isMissing(let fact): "\(fact.spelled) is missing"
    case .flag(let operand): spelled(operand)
    }
  }

  private static func negation(_ inner: Condition) -> String {
    switch inner {
    case .member(let operand, let list): "\(spelled(operand)) not in \(listed(list))"
    case .matches(let operand, let glob): "\(spelled(operand)) not matches \(LiteralPrinter.quoted(glob.pattern))"
    case .has(let operand, let text): "\(spelled(operand)) not has \(LiteralPrinter.word(text))"
    case .isMissing(let fact): "\(fact.spelled) is not missing"
    default: "not \(primary(inner))"
    }
  }

  private static func listed(_ list: [Constant]) -> String {
    "[\(list.map(LiteralPrinter.text).joined(separator: ", "))]"
  }

  /// The grammar has `true` only as a whole condition, and no joins of fewer than two; conditions that were built and
  /// not read may hold both. The result means the same.
  private static func simplified(_ condition: Condition) -> Condition {
    switch condition {
    case .all(let parts):
      let rest = parts.map(simplified).filter { $0 != .always }
      return rest.isEmpty ? .always : rest.count == 1 ? rest[0] : .all(rest)
    case .any(let parts):
      let rest = parts.map(simplified)
      if rest.contains(.always) { return .always }
      return rest.isEmpty ? never : rest.count == 1 ? rest[0] : .any(rest)
    case .not(let inner):
      let rest = simplified(inner)
      return rest == .always ? never : .not(rest)
    default: return condition
    }
  }

  /// Matches nothing: `pinned` is never missing.
  private static let never = Condition.all([
    .flag(Operand(FactReference("pinned"))), .not(.flag(Operand(FactReference("pinned")))),
  ])
}
