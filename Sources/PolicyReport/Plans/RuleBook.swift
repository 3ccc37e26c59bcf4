internal import PolicyCore

/// The rules behind a decision: where a value is told, what it was measured against can be told too.
struct RuleBook {
  private let rules: [String: Rule]

  init(_ policy: Policy?) {
    rules = Dictionary((policy?.rules ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func rule(_ id: String) -> Rule? { rules[id] }

  /// What the rule asks of a fact: `> 0.8`, `at least 24h`. `failing`: only what the value does not meet.
  func bounds(_ reading: FactReading, _ id: String, failing: Bool) -> String {
    guard let rule = rules[id] else { return "" }
    var bounds = Self.atoms(rule.condition, isNegated: false)
      .filter { Self.isMeant($0.operand, reading.fact) }
      .compactMap { $0.words(reading.value, failing: failing) }
    if !failing, reading.fact == "age", let after = rule.after {
      bounds.append(DisplayText.tied("after \(after.spelled)"))
    }
    return bounds.joined(separator: ", ")
  }

  /// `by mAP50` of a ranking by something other than time.
  func key(_ id: String) -> String {
    guard case .ranked(let ranking)? = rules[id]?.selector, ranking.form == .best else { return "" }
    return " by \(ranking.key.spelled)"
  }

  /// `every 50` of `every: { n: 50 }`, with what counts.
  func step(_ id: String) -> (step: Int, by: FactReference)? {
    guard case .every(let step, let by)? = rules[id]?.selector else { return nil }
    return (step, by)
  }

  // MARK: Atoms

  struct Atom {
    enum Test {
      case compare(Comparison, Constant)
      case member([Constant])
      case matches(Glob)
      case has(ByteString)
    }
    let operand: Operand
    let test: Test
    let isNegated: Bool
  }

  static func atoms(_ condition: Condition, isNegated: Bool) -> [Atom] {
    switch condition {
    case .always, .isMissing, .flag: []
    case .all(let list), .any(let list): list.flatMap { atoms($0, isNegated: isNegated) }
    case .not(let inner): atoms(inner, isNegated: !isNegated)
    case .compare(let operand, let comparison, let constant):
      [Atom(operand: operand, test: .compare(comparison, constant), isNegated: isNegated)]
    case .member(let operand, let constants):
      [Atom(operand: operand, test: .member(constants), isNegated: isNegated)]
    case .matches(let operand, let glob): [Atom(operand: operand, test: .matches(glob), isNegated: isNegated)]
    case .has(let operand, let element): [Atom(operand: operand, test: .has(element), isNegated: isNegated)]
    }
  }

  private static func isMeant(_ operand: Operand, _ fact: String) -> Bool {
    guard operand.isAge else { return operand.fact.spelled == fact }
    return fact == "age(\(operand.fact.spelled))"
      || fact == "age" && AgeBasis(rawValue: operand.fact.name) != nil && operand.fact.scope == .own
  }
}

extension RuleBook.Atom {
  /// `nil` where the value says it all: a state that is the one asked for.
  func words(_ value: String, failing: Bool) -> String? {
    switch test {
    case .compare(let comparison, .text(let text)):
      let wantsEqual = (comparison == .equal) != isNegated
      let holds = (text.displayText == value) == wantsEqual
      return failing && !holds ? (wantsEqual ? "" : "not ") + DisplayText.escape(text) : nil
    case .compare(_, .bool): return nil
    case .compare(let comparison, let constant):
      let comparison = isNegated ? Self.opposite(comparison) : comparison
      if failing, Self.holds(value, comparison, constant) == true { return nil }
      return DisplayText.tied("\(comparison.rawValue) \(Self.words(constant))")
    case .member(let constants):
      let words = constants.map(Self.words)
      guard failing, words.contains(DisplayText.escape(value)) == isNegated, value != "missing" else { return nil }
      let several = words.count == 1 ? words[0] : words.dropLast().joined(separator: ", ") + " or \(words.last ?? "")"
      return isNegated ? "none of \(several)" : several
    case .matches(let glob):
      guard failing, glob.matches(ByteString(value)) == isNegated else { return nil }
      return (isNegated ? "not " : "") + "\"\(DisplayText.escape(glob.pattern))\""
    case .has(let element):
      guard failing else { return nil }
      return (isNegated ? "not " : "") + DisplayText.escape(element)
    }
  }

  private static func holds(_ value: String, _ comparison: Comparison, _ constant: Constant) -> Bool? {
    switch constant {
    case .number(let bound): ExactDecimal(value).map { holds($0, comparison, bound) }
    case .bytes(let bound): Int64(value).map { holds($0, comparison, bound) }
    default: nil
    }
  }

  private static func holds<Value: Comparable>(_ value: Value, _ comparison: Comparison, _ bound: Value) -> Bool {
    switch comparison {
    case .equal: value == bound
    case .notEqual: value != bound
    case .less: value < bound
    case .greater: value > bound
    case .lessOrEqual: value <= bound
    case .greaterOrEqual: value >= bound
    }
  }

  private static func opposite(_ comparison: Comparison) -> Comparison {
    switch comparison {
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    case .equal: .notEqual
    case .notEqual: .equal
    }
  }

  private static func words(_ constant: Constant) -> String {
    switch constant {
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): number.description
    case .bytes(let count): Quantities.size(count)
    case .duration(let span): span.spelled
    case .time(let stamp): stamp.rfc3339
    case .text(let text): DisplayText.escape(text)
    }
  }
}
