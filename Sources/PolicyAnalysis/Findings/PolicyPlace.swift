internal import PolicyCore
internal import PolicyDiagnostics

/// A policy and where it was written.
struct PolicyPlace: Sendable {
  let policy: Policy
  let map: SourceMap
  let sources: SourceSet
  let now: Timestamp?
  let snapshot: Snapshot?

  /// Rules that somebody wrote.
  var ownRules: [Rule] { policy.rules.filter { !$0.isBuiltIn } }

  func entry(_ id: String) -> SourceMap.Entry? { map.entries[id] }

  /// Of the verb of a rule, quota or property.
  func verb(_ id: String) -> SourceSpan? {
    guard let entry = map.entries[id] else { return nil }
    // With what it takes, where that is one thing: `trash: runs`.
    let whole = entry.clauses.values.first { $0.range.lowerBound == entry.verb.range.lowerBound }
    guard let whole, entry.clauses["relieve"] != whole, entry.clauses["evict"] != whole else { return entry.verb }
    return whole
  }

  /// Of the whole condition.
  func condition(_ id: String) -> SourceSpan? {
    guard let first = map.entries[id]?.conditionNodes.first else { return verb(id) }
    return first
  }

  func clause(_ id: String, _ key: String) -> SourceSpan? { map.entries[id]?.clauses[key] }

  /// As it was written, on one line.
  func text(_ span: SourceSpan?) -> String {
    guard let span else { return "" }
    return sources.text(of: span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  func finding(_ rule: String?, _ diagnostic: Diagnostic) -> Finding { Finding(rule: rule, diagnostic: diagnostic) }

  func undecided(_ question: String) -> Finding {
    Finding(
      rule: nil,
      diagnostic: Diagnostic(
        "P0391", .info, "not decided: \(question)", at: map.clauses["rules"] ?? map.clauses["version"],
        notes: ["the search took more than its budget; nothing is claimed either way"],
        help: "fewer different constants and patterns in one policy make it smaller"))
  }
}

/// What the analyses that prove something work on.
struct CheckContext {
  let place: PolicyPlace
  let meaning: PolicyMeaning

  var policy: Policy { place.policy }
  var diagrams: Diagrams { meaning.diagrams }
  var compiler: ConditionCompiler { meaning.compiler }
  var universe: Universe { meaning.compiler.universe }
  /// Of rules that somebody wrote, in order of ids.
  var ownRules: [RuleMeaning] { meaning.rules.filter { !$0.rule.isBuiltIn } }

  /// Without what can only be because a source cannot be read: nobody writes a rule for that.
  func readable(_ diagram: Diagram) throws(BudgetSpent) -> Diagram {
    var result = try diagrams.and(meaning.axioms, diagram)
    for (index, variable) in universe.variables.enumerated() where variable.regions.contains(.unreadable) {
      result = try diagrams.and(result, try diagrams.among(index, variable.regions.map { $0 != .unreadable }))
    }
    return result
  }

  /// The most ordinary assignment in a set.
  func example(_ diagram: Diagram) throws(BudgetSpent) -> Model? {
    diagrams.models(of: try diagrams.and(meaning.axioms, diagram), count: 1, cost: universe.cost).first
  }

  /// The set with one fact free to be anything.
  func forget(_ key: FactKey, in diagram: Diagram) throws(BudgetSpent) -> Diagram {
    guard let variable = universe.variable(key) else { return diagram }
    return try diagrams.forget(variable, in: diagram)
  }

  /// The parts of a condition that are and-ed, each with where it was written.
  func conjuncts(_ condition: Condition, _ spans: [SourceSpan]) -> [(condition: Condition, span: SourceSpan)] {
    parts(condition, spans) { if case .all(let parts) = $0 { parts } else { nil } }
  }

  /// The parts that are or-ed.
  func disjuncts(_ condition: Condition, _ spans: [SourceSpan]) -> [(condition: Condition, span: SourceSpan)] {
    parts(condition, spans) { if case .any(let parts) = $0 { parts } else { nil } }
  }

  private func parts(
    _ condition: Condition, _ spans: [SourceSpan], _ opened: (Condition) -> [Condition]?
  ) -> [(condition: Condition, span: SourceSpan)] {
    guard let first = spans.first else { return [] }
    guard let inner = opened(condition) else { return [(condition, first)] }
    var result: [(Condition, SourceSpan)] = []
    var index = 1
    for part in inner {
      result.append((part, spans.indices.contains(index) ? spans[index] : first))
      index += part.nodeCount
    }
    return result
  }
}

extension Condition {
  /// Itself and everything in it: as many as there are spans for it.
  var nodeCount: Int {
    switch self {
    case .all(let parts), .any(let parts): 1 + parts.reduce(0) { $0 + $1.nodeCount }
    case .not(let part): 1 + part.nodeCount
    case .always, .compare, .member, .matches, .has, .isMissing, .flag: 1
    }
  }

  /// Every fact that it speaks of.
  var facts: [FactReference] {
    switch self {
    case .always: []
    case .all(let parts), .any(let parts): parts.flatMap(\.facts)
    case .not(let part): part.facts
    case .compare(let operand, _, _), .member(let operand, _), .matches(let operand, _), .has(let operand, _),
      .flag(let operand):
      [operand.fact]
    case .isMissing(let fact): [fact]
    }
  }
}

/// Leaves out of a list whatever a claim does not need, one after another.
func minimal<Element>(
  _ elements: [Element], _ holds: ([Element]) throws(BudgetSpent) -> Bool
) throws(BudgetSpent) -> [Element] {
  var kept = elements
  var index = 0
  while index < kept.count {
    var fewer = kept
    fewer.remove(at: index)
    if try holds(fewer) { kept = fewer } else { index += 1 }
  }
  return kept
}

extension Diagrams {
  /// The assignments that are in the set for some region of the variable.
  func forget(_ variable: Int, in diagram: Diagram) throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for region in 0..<sizes[variable] {
      result = try or(result, try cofactor(diagram, variable, region))
    }
    return result
  }
}
