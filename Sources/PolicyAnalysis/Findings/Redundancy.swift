internal import PolicyCore
internal import PolicyDiagnostics

/// P0322: a keep that adds nothing. P0323: a keep of what nothing threatens.
enum Redundancy {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    var dropped: Set<String> = []
    let threats = try threats(it)
    let hasThreats = threats.values.contains { !$0.isEmpty }
    // The later one of two that say the same is the one too many.
    for rule in it.ownRules.sorted(by: { place($0, it) > place($1, it) }) {
      guard rule.rule.verb == .keep || rule.rule.verb == .protect, try it.meaning.isPossible(rule.picks) else {
        continue
      }
      let others = it.ownRules.filter { covers($0.rule, rule.rule) && !dropped.contains($0.rule.id) }
      if try isCovered(rule, others, it) {
        let few = try minimal(others) { (fewer: [RuleMeaning]) throws(BudgetSpent) -> Bool in
          try isCovered(rule, fewer, it)
        }
        dropped.insert(rule.rule.id)
        outcome.findings.append(it.place.finding(rule.rule.id, needless(rule.rule, few.map(\.rule), it)))
      } else if hasThreats, rule.rule.sugar == nil, try isSafe(rule, threats, it) {
        outcome.findings.append(it.place.finding(rule.rule.id, unthreatened(rule.rule, threats, it)))
      }
    }
    return outcome
  }

  private static func place(_ rule: RuleMeaning, _ it: CheckContext) -> (Int, Int, String) {
    let span = it.place.verb(rule.rule.id)
    return (span?.file ?? 0, span?.range.lowerBound ?? 0, rule.rule.id)
  }

  /// Whether `other` is at least as strong a hold on things of the same level.
  private static func covers(_ other: Rule, _ rule: Rule) -> Bool {
    guard other.id != rule.id, other.kind == rule.kind else { return false }
    switch (rule.verb, other.verb) {
    case (.protect, .protect), (.keep, .protect): return true
    case (.keep, .keep): return other.yieldsTo.isSubset(of: rule.yieldsTo)
    default: return false
    }
  }

  private static func isCovered(
    _ rule: RuleMeaning, _ others: [RuleMeaning], _ it: CheckContext
  ) throws(BudgetSpent) -> Bool {
    guard !others.isEmpty else { return false }
    return try it.meaning.always(rule.picks, try it.diagrams.any(others.map(\.picks)))
  }

  /// What may want a thing gone, by level.
  private static func threats(_ it: CheckContext) throws(BudgetSpent) -> [Subject: Diagram] {
    var threats: [Subject: Diagram] = [:]
    for subject in Subject.allCases {
      var sets = [it.meaning.wants(subject)]
      for quota in it.policy.quotas where Subject(quota.kind) == subject {
        sets.append(try it.compiler.truth(quota.evict.condition, on: quota.kind).yes)
      }
      for pressure in it.policy.pressures {
        for case .trash(let kind, let eviction, let minimumAge) in pressure.relieve where Subject(kind) == subject {
          sets.append(try it.meaning.taken(eviction, kind, minimumAge))
        }
      }
      threats[subject] = try it.diagrams.any(sets)
    }
    return threats
  }

  private static func isSafe(
    _ rule: RuleMeaning, _ threats: [Subject: Diagram], _ it: CheckContext
  ) throws(BudgetSpent) -> Bool {
    // A protect also shields what is above and below, and from archives: it is left alone.
    guard rule.rule.verb == .keep else { return false }
    return !(try it.meaning.isPossible(try it.diagrams.and(rule.scope, threats[rule.subject] ?? .nothing)))
  }

  private static func needless(_ rule: Rule, _ others: [Rule], _ it: CheckContext) -> Diagnostic {
    let names = others.map { "`\($0.id)`" }.joined(separator: " and ")
    return Diagnostic(
      "P0322", .warning, "`\(rule.id)` adds nothing", at: it.place.verb(rule.id),
      caption: "whatever it \(rule.verb.rawValue)s is held anyway",
      labels: others.compactMap { other in
        it.place.verb(other.id).map { .init($0, "\(other.verb == .protect ? "protected" : "kept") here already") }
      },
      help: "delete `\(rule.id)`, or narrow \(names)")
  }

  private static func unthreatened(_ rule: Rule, _ threats: [Subject: Diagram], _ it: CheckContext) -> Diagnostic {
    var notes = ["no trash rule, quota or pressure matches any of these \(rule.kind.plural)"]
    var help = "keep it for the day when some rule does, or delete it"
    if rule.kind == .run, threats[.run]?.isEmpty == false {
      // A run that lies in another one keeps that one, which may well be threatened.
      notes.append("a run inside another one keeps the outer one too: for that, `\(rule.id)` may be needed")
      help = "delete it only where no run lies inside another one"
    }
    return Diagnostic(
      "P0323", .info, "nothing threatens what `\(rule.id)` keeps", at: it.place.verb(rule.id), notes: notes, help: help)
  }
}
