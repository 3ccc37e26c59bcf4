internal import PolicyCore

/// A whole policy as sets of assignments: P, K, S, D, A and B of language.md §6, and what follows from them for one run
/// and one checkpoint in it. Things nested in each other beyond that are asked about apart.
struct PolicyMeaning {
  let policy: Policy
  let compiler: ConditionCompiler
  /// What holds in every snapshot.
  let axioms: Diagram
  let rules: [RuleMeaning]
  private(set) var protects: [Subject: Diagram] = [:]
  private(set) var firmlyKeeps: [Subject: Diagram] = [:]
  private(set) var softlyKeeps: [Subject: Diagram] = [:]
  private(set) var awaits: [Subject: Diagram] = [:]
  private(set) var wants: [Subject: Diagram] = [:]

  var diagrams: Diagrams { compiler.diagrams }

  init(_ policy: Policy, _ compiler: ConditionCompiler, axioms: Diagram) throws(BudgetSpent) {
    self.policy = policy
    self.compiler = compiler
    self.axioms = axioms
    var rules: [RuleMeaning] = []
    for rule in policy.rules { rules.append(try RuleMeaning(rule, policy, compiler)) }
    self.rules = rules
    for subject in Subject.allCases {
      protects[subject] = try union(subject) { $0.rule.verb == .protect }
      firmlyKeeps[subject] = try union(subject) { $0.rule.verb == .keep && $0.rule.yieldsTo.isEmpty }
      softlyKeeps[subject] = try union(subject) { $0.rule.verb == .keep && !$0.rule.yieldsTo.isEmpty }
      wants[subject] = try union(subject) { $0.rule.verb == .trash }
      var awaiting = Diagram.nothing
      for rule in rules where rule.subject == subject { awaiting = try compiler.diagrams.or(awaiting, rule.awaits) }
      awaits[subject] = awaiting
    }
  }

  /// One policy by itself.
  static func of(_ policy: Policy, budget: Int) throws(BudgetSpent) -> PolicyMeaning {
    try PolicyMeaning.of([policy], budget: budget)[0]
  }

  /// Several, in one universe, so that their sets can be compared.
  static func of(_ policies: [Policy], budget: Int) throws(BudgetSpent) -> [PolicyMeaning] {
    let universe = try Universe(policies)
    let diagrams = Diagrams(sizes: universe.variables.map(\.regions.count), budget: budget)
    let compiler = ConditionCompiler(universe: universe, diagrams: diagrams)
    let axioms = try SelectorAxioms(compiler: compiler).all()
    var meanings: [PolicyMeaning] = []
    for policy in policies { meanings.append(try PolicyMeaning(policy, compiler, axioms: axioms)) }
    return meanings
  }

  private func union(_ subject: Subject, _ counts: (RuleMeaning) -> Bool) throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for rule in rules where rule.subject == subject && counts(rule) {
      result = try compiler.diagrams.or(result, rule.picks)
    }
    return result
  }

  func protects(_ subject: Subject) -> Diagram { protects[subject] ?? .nothing }
  func firmlyKeeps(_ subject: Subject) -> Diagram { firmlyKeeps[subject] ?? .nothing }
  func softlyKeeps(_ subject: Subject) -> Diagram { softlyKeeps[subject] ?? .nothing }
  func awaits(_ subject: Subject) -> Diagram { awaits[subject] ?? .nothing }
  func wants(_ subject: Subject) -> Diagram { wants[subject] ?? .nothing }

  /// What is so of a checkpoint because of the run that it lies in.
  func ofRun(_ diagram: Diagram) throws(BudgetSpent) -> Diagram {
    try diagrams.minus(diagram, try compiler.flag(.loose))
  }

  /// P*(e) ≠ ∅, of the run alone or of the checkpoint and its run.
  func isProtected(_ subject: Subject) throws(BudgetSpent) -> Diagram {
    subject == .run ? protects(.run) : try diagrams.or(try ofRun(protects(.run)), protects(.checkpoint))
  }

  private func isAwaited(_ subject: Subject) throws(BudgetSpent) -> Diagram {
    subject == .run ? awaits(.run) : try diagrams.or(try ofRun(awaits(.run)), awaits(.checkpoint))
  }

  private func isMet(_ subject: Subject) throws(BudgetSpent) -> Diagram { try compiler.flag(.backedUp(subject)) }

  /// act(e) = trash, by rules; not counting that the run of a checkpoint may go as a whole.
  func trashed(_ subject: Subject) throws(BudgetSpent) -> Diagram {
    var acting = Diagram.nothing
    for rule in rules where rule.subject == subject && rule.rule.verb == .trash {
      acting = try diagrams.or(acting, rule.acts)
    }
    let held = try diagrams.any([
      try isProtected(subject), firmlyKeeps(subject), softlyKeeps(subject), try isAwaited(subject),
    ])
    return try diagrams.minus(acting, held)
  }

  /// act(e) = archive.
  func archived(_ subject: Subject) throws(BudgetSpent) -> Diagram {
    var acting = Diagram.nothing
    for rule in rules where rule.subject == subject && rule.rule.verb == .archive {
      acting = try diagrams.or(acting, rule.acts)
    }
    return try diagrams.minus(acting, try isProtected(subject))
  }

  /// Where quotas or pressure could take it, were they under the greatest need.
  func evictable(_ subject: Subject) throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for quota in policy.quotas where Subject(quota.kind) == subject {
      let takes = try compiler.truth(quota.evict.condition, on: quota.kind).yes
      result = try diagrams.or(result, try evicts(takes, subject, .quota))
    }
    for pressure in policy.pressures {
      for case .trash(let kind, let eviction, let minimumAge) in pressure.relieve where Subject(kind) == subject {
        let takes = try taken(eviction, kind, minimumAge)
        result = try diagrams.or(result, try evicts(takes, subject, .pressure))
      }
    }
    return result
  }

  func taken(_ eviction: Eviction, _ kind: EntityKind, _ minimumAge: TimeSpan?) throws(BudgetSpent) -> Diagram {
    let takes = try compiler.truth(eviction.condition, on: kind).yes
    guard let minimumAge else { return takes }
    return try diagrams.and(takes, try compiler.isAged(policy.defaultStamp(kind), on: kind, minimumAge).yes)
  }

  private func evicts(_ takes: Diagram, _ subject: Subject, _ relief: Relief) throws(BudgetSpent) -> Diagram {
    var held = [try isProtected(subject), firmlyKeeps(subject), try isAwaited(subject)]
    for rule in rules where rule.subject == subject {
      if rule.rule.verb == .keep, !rule.rule.yieldsTo.isEmpty, !rule.rule.yieldsTo.contains(relief) {
        held.append(rule.picks)
      }
      // What waits for a backup is no candidate.
      if rule.rule.verb == .trash, rule.rule.requiresBackup {
        held.append(try diagrams.minus(rule.picks, try isMet(subject)))
      }
    }
    let live = try compiler.flag(.tier(subject), false)
    return try diagrams.minus(try diagrams.and(takes, live), try diagrams.any(held))
  }

  /// Archived by a step under pressure.
  func archivedUnderPressure() throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for pressure in policy.pressures {
      for case .archive(let eviction, let minimumAge) in pressure.relieve {
        result = try diagrams.or(result, try taken(eviction, .run, minimumAge))
      }
    }
    let live = try compiler.flag(.tier(.run), false)
    return try diagrams.minus(try diagrams.and(result, live), protects(.run))
  }

  /// Whether any snapshot has it.
  func isPossible(_ diagram: Diagram) throws(BudgetSpent) -> Bool { !(try diagrams.and(axioms, diagram).isEmpty) }

  /// Whether it holds in every snapshot where `left` does.
  func always(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Bool {
    !(try isPossible(try diagrams.minus(left, right)))
  }
}
