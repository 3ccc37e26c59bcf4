internal import PolicyCore
internal import PolicySyntax

extension Condition {
  /// The tests that it is made of.
  var atoms: [Condition] {
    switch self {
    case .always: []
    case .all(let parts), .any(let parts): parts.flatMap(\.atoms)
    case .not(let part): part.atoms
    case .compare, .member, .matches, .has, .isMissing, .flag: [self]
    }
  }

  var words: String { ConditionPrinter.text(self) }

  /// True exactly at the constant of an ordered comparison.
  var boundary: Condition? {
    guard case .compare(let operand, let comparison, let constant) = self, comparison.isOrder else { return nil }
    var bare = operand
    bare.fallback = nil
    return .compare(bare, .equal, constant)
  }

  var constantWords: String {
    if case .compare(_, _, let constant) = self { LiteralPrinter.text(constant) } else { "" }
  }

  /// Whether a missing value leaves the test open; a source that cannot be read always does and is not asked for.
  func canBeUnknown(_ schema: FactSchema, _ kind: EntityKind) -> Bool {
    switch self {
    case .compare(let operand, _, _), .member(let operand, _), .matches(let operand, _), .has(let operand, _),
      .flag(let operand):
      guard operand.fallback == nil else { return false }
      return schema.definition(of: operand.fact, on: kind)?.isOptional ?? false
    case .always, .all, .any, .not, .isMissing: return false
    }
  }
}

extension Comparison {
  var isOrder: Bool { self != .equal && self != .notEqual }
}

extension Rule {
  /// `latest 3`, `every 10`.
  var selectorWords: String {
    switch selector {
    case nil: ""
    case .every(let step, _)?: "every \(step)"
    case .ranked(let ranking)?:
      switch ranking.count {
      case .none: "\(ranking.form.rawValue) none"
      case .all: "\(ranking.form.rawValue) all"
      case .limited(let count): "\(ranking.form.rawValue) \(count)"
      }
    }
  }
}
