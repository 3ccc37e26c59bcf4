internal import PolicyCore
internal import PolicyDiagnostics

/// P0330: a trash rule without a floor, which could empty a whole group at once. Floors that hold are shown.
enum Floors {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    for rule in it.ownRules where rule.rule.verb == .trash {
      guard let reach = try reach(of: rule, it) else { continue }
      if let floor = try floor(under: reach, rule, it) {
        outcome.proved.append(
          "`\(rule.rule.id)` has a floor: \(words(floor.rule))\(try FloorTakers(it: it, floor: floor).words())")
      } else {
        outcome.findings.append(it.place.finding(rule.rule.id, diagnostic(rule.rule, it)))
      }
    }
    return outcome
  }

  /// What the rule can really take: what no rule without a selector holds. `nil` when that is nothing.
  private static func reach(of rule: RuleMeaning, _ it: CheckContext) throws(BudgetSpent) -> Diagram? {
    var held: [Diagram] = []
    for other in it.meaning.rules where !other.isSelective {
      let isAbove = rule.subject == .checkpoint && other.subject == .run
      guard other.subject == rule.subject || isAbove else { continue }
      if other.rule.verb == .protect || (other.rule.verb == .keep && !isAbove) {
        held.append(isAbove ? try it.meaning.ofRun(other.picks) : other.picks)
      }
    }
    let reach = try it.diagrams.and(it.meaning.axioms, try it.diagrams.minus(rule.scope, try it.diagrams.any(held)))
    return reach.isEmpty ? nil : reach
  }

  /// A keep or protect that always leaves the first of every group: whenever the rule could empty one of its groups, the
  /// top of that group stays.
  private static func floor(
    under reach: Diagram, _ rule: RuleMeaning, _ it: CheckContext
  ) throws(BudgetSpent) -> RuleMeaning? {
    // One that gives way to quotas or pressure is less of a floor than one that does not.
    let floors = it.meaning.rules.filter { $0.subject == rule.subject && leavesSome($0.rule) }
    for group in [floors.filter(\.rule.yieldsTo.isEmpty), floors.filter { !$0.rule.yieldsTo.isEmpty }] {
      var strongest: RuleMeaning?
      for other in group where try it.meaning.always(reach, try ranked(by: other, it)) {
        if strongest.map({ leavesMore(other.rule, than: $0.rule) }) ?? true { strongest = other }
      }
      if let strongest { return strongest }
    }
    return nil
  }

  /// Whether it leaves as much of every group as another, and of some of them more.
  private static func leavesMore(_ rule: Rule, than other: Rule) -> Bool {
    let (own, theirs) = (Set(rule.per), Set(other.per))
    guard depth(rule) >= depth(other), own.isSuperset(of: theirs) else { return false }
    return depth(rule) > depth(other) || own != theirs
  }

  /// What the rule ranks or holds: what `missing: drop` leaves out is neither.
  private static func ranked(by other: RuleMeaning, _ it: CheckContext) throws(BudgetSpent) -> Diagram {
    guard case .ranked(let ranking)? = other.rule.selector, ranking.missing == .drop else { return other.scope }
    let known = try it.compiler.facts(FactKey(ranking.key, on: other.rule.kind)) { $0 != .missing }
    return try it.diagrams.and(other.scope, known)
  }

  /// How many of a group stay.
  private static func depth(_ rule: Rule) -> Int {
    guard case .ranked(let ranking)? = rule.selector else { return 0 }
    return ranking.count.bound(.max)
  }

  private static func leavesSome(_ rule: Rule) -> Bool {
    guard rule.verb == .keep || rule.verb == .protect, case .ranked(let ranking)? = rule.selector else { return false }
    switch ranking.count {
    case .none: return false
    case .all, .limited: return true
    }
  }

  private static func words(_ rule: Rule) -> String {
    guard case .ranked(let ranking)? = rule.selector else { return "`\(rule.id)`" }
    let count =
      switch ranking.count {
      case .none: "none"
      case .all: "all"
      case .limited(let count): "\(count)"
      }
    let isOne = ranking.count == .limited(1)
    let which =
      switch ranking.form {
      case .latest: "newest"
      case .oldest: "oldest"
      case .best: "best by \(ranking.key.spelled)"
      }
    let groups = rule.per.map { key in
      switch key {
      case .run: "run"
      case .fact(let fact): fact.spelled
      }
    }
    let group = groups.isEmpty ? "all" : "each " + groups.joined(separator: " and ")
    return "the \(isOne ? "" : count + " ")\(which) of \(group) \(isOne ? "stays" : "stay")"
      + " (`\(rule.id)`)"
  }

  private static func diagnostic(_ rule: Rule, _ it: CheckContext) -> Diagnostic {
    let noun = rule.kind.plural
    let owner = rule.kind == .run ? "of a user" : "of a run"
    let group = rule.kind == .run ? "user" : "run"
    let text = it.place.text(it.place.condition(rule.id))
    let covered =
      text.isEmpty || rule.condition == .always
      ? "no `keep` with `latest` or `best` covers all \(noun)"
      : "no `keep` with `latest` or `best` covers \(noun) where `\(text)`"
    return Diagnostic(
      "P0330", .warning, "rule `\(rule.id)` has no floor", at: it.place.verb(rule.id),
      caption: "can trash every \(noun.dropLast()) \(owner) at once", notes: [covered],
      help: "add `keep: \(noun)`, `per: \(group)`, `latest: 1`, or accept this with `allow: [{ code: P0330 }]`")
  }
}
