internal import PolicyCore
internal import PolicyDiagnostics

/// P0320: a rule that never acts, because other rules hold whatever it matches. P0321: a part of its condition that
/// never does.
enum Shadowing {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    for rule in it.ownRules where rule.rule.verb == .trash || rule.rule.verb == .archive {
      guard try it.meaning.isPossible(rule.scope) else { continue }
      let holders = holders(of: rule, it)
      let left = try rest(of: rule.scope, holders, it)
      if left.isEmpty {
        let responsible = try minimal(holders) { (fewer: [RuleMeaning]) throws(BudgetSpent) -> Bool in
          try rest(of: rule.scope, fewer, it).isEmpty
        }
        outcome.findings.append(
          it.place.finding(
            rule.rule.id, shadowed(rule.rule, try held(rule.rule, by: responsible, it), responsible, it)))
      } else {
        outcome.findings += try parts(rule, holders, it)
      }
    }
    return outcome
  }

  /// Rules without a selector that hold things of this level from this verb; those that nobody wrote first, so that a
  /// smallest set names what somebody did write.
  private static func holders(of rule: RuleMeaning, _ it: CheckContext) -> [RuleMeaning] {
    let all = it.meaning.rules.filter { other in
      guard !other.isSelective, other.rule.id != rule.rule.id else { return false }
      let isAbove = rule.subject == .checkpoint && other.subject == .run
      guard other.subject == rule.subject || isAbove else { return false }
      switch other.rule.verb {
      case .protect: return true
      case .keep: return rule.rule.verb == .trash && !isAbove
      case .archive: return rule.rule.verb == .trash
      case .trash, .backup: return false
      }
    }
    return all.filter(\.rule.isBuiltIn) + all.filter { !$0.rule.isBuiltIn }
  }

  private static func rest(
    of set: Diagram, _ holders: [RuleMeaning], _ it: CheckContext
  ) throws(BudgetSpent) -> Diagram {
    var held = Diagram.nothing
    for holder in holders {
      held = try it.diagrams.or(held, holder.rule.verb == .archive ? holder.awaits : holder.picks)
    }
    return try it.diagrams.and(it.meaning.axioms, try it.diagrams.minus(set, held))
  }

  /// Where the smallest set of and-ed parts stands of which the holders leave nothing.
  private static func held(
    _ rule: Rule, by holders: [RuleMeaning], _ it: CheckContext
  ) throws(BudgetSpent) -> [SourceSpan] {
    guard let spans = it.place.entry(rule.id)?.conditionNodes else { return [] }
    var bare = rule
    bare.condition = .always
    let base = try RuleMeaning(bare, it.policy, it.compiler).scope
    let parts = it.conjuncts(rule.condition, spans)
    let few = try minimal(Array(parts.indices)) { (indices: [Int]) throws(BudgetSpent) -> Bool in
      var set = base
      for index in indices {
        let truth = try it.compiler.truth(parts[index].condition, on: rule.kind)
        set = try it.diagrams.and(set, truth.yes)
      }
      return try rest(of: set, holders, it).isEmpty
    }
    // All of it is one place where it was written as one.
    return few.count == parts.count && !isList(parts.map(\.span), in: spans) ? [] : few.map { parts[$0].span }
  }

  private static func isList(_ parts: [SourceSpan], in spans: [SourceSpan]) -> Bool {
    guard let first = spans.first, let last = parts.last else { return false }
    return last.range.upperBound > first.range.upperBound
  }

  private static func shadowed(
    _ rule: Rule, _ places: [SourceSpan], _ responsible: [RuleMeaning], _ it: CheckContext
  ) -> Diagnostic {
    let (holding, notes) = Self.places(responsible, it)
    let labels = places.dropFirst().map { Diagnostic.Label($0, "and of this") } + holding
    let others = responsible.filter { !$0.rule.isBuiltIn }.map { "`\($0.rule.id)`" }
    return Diagnostic(
      "P0320", .warning, "rule `\(rule.id)` never acts", at: places.first ?? it.place.condition(rule.id),
      caption: "so nothing is left for this rule", labels: labels, notes: notes,
      help: others.isEmpty
        ? "delete `\(rule.id)`" : "delete `\(rule.id)`, or narrow \(others.joined(separator: " and "))")
  }

  /// Where the rules that hold something stand; of those that stand nowhere, a sentence.
  static func places(_ responsible: [RuleMeaning], _ it: CheckContext) -> (labels: [Diagnostic.Label], notes: [String])
  {
    var labels: [Diagnostic.Label] = []
    var notes: [String] = []
    for holder in responsible {
      let verb =
        switch holder.rule.verb {
        case .protect: "protected"
        case .keep: "kept"
        case .archive: "archived"
        case .trash, .backup: "held"
        }
      if let span = it.place.condition(holder.rule.id) {
        labels.append(.init(span, "what it matches is \(verb) here"))
      } else {
        notes.append("what it matches is \(verb) by the built-in rule `\(holder.rule.id)`")
      }
    }
    return (labels, notes)
  }

  // MARK: - Parts

  private static func parts(
    _ rule: RuleMeaning, _ holders: [RuleMeaning], _ it: CheckContext
  ) throws(BudgetSpent) -> [Finding] {
    guard let spans = it.place.entry(rule.rule.id)?.conditionNodes else { return [] }
    var findings: [Finding] = []
    var offset = rule.rule.condition.isAll ? 1 : 0
    for conjunct in it.conjuncts(rule.rule.condition, spans) {
      let own = Array(spans.dropFirst(offset).prefix(conjunct.condition.nodeCount))
      offset += conjunct.condition.nodeCount
      for (alternative, span, words) in alternatives(conjunct.condition, own, it) {
        let narrowed = try it.diagrams.and(rule.scope, try it.compiler.truth(alternative, on: rule.rule.kind).yes)
        guard try rest(of: narrowed, holders, it).isEmpty else { continue }
        let isPossible = try it.meaning.isPossible(narrowed)
        findings.append(
          it.place.finding(
            rule.rule.id,
            Diagnostic(
              "P0321", .info, "a part of `\(rule.rule.id)` never acts", at: span,
              caption: isPossible ? "\(words) is always held" : "\(words) cannot be true beside the rest",
              help: "leave it out, or see with `policy explain PATH` which rule holds it")))
      }
    }
    return findings
  }

  /// What is or-ed in a part, words of a list included.
  private static func alternatives(
    _ condition: Condition, _ spans: [SourceSpan], _ it: CheckContext
  ) -> [(Condition, SourceSpan, String)] {
    switch condition {
    case .any:
      return it.disjuncts(condition, spans).map { ($0.condition, $0.span, "`\(it.place.text($0.span))`") }
    case .member(let operand, let constants) where constants.count > 1:
      guard let span = spans.first else { return [] }
      return constants.map { (.member(operand, [$0]), span, "`\($0.written)`") }
    case .always, .all, .not, .compare, .member, .matches, .has, .isMissing, .flag: return []
    }
  }
}

extension Condition {
  var isAll: Bool { if case .all = self { true } else { false } }
}
