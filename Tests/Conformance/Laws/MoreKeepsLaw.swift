internal import PolicyCore
internal import Testing

/// Law 3: adding a `protect` or `keep`, or raising a count, never adds a destruction.
@Suite("law 3: more keeps, fewer destructions") struct MoreKeepsLaw {
  /// The policy with one more vote for staying, and the id of the rule that changed.
  private static func strengthened(_ policy: Policy, _ dice: inout Dice, isFirm: Bool) -> (Policy, Rule) {
    var rules = policy.rules
    let counted = rules.indices.filter { rules[$0].isCounted }
    if !isFirm, !counted.isEmpty, dice.chance(50) {
      let index = dice.pick(counted)
      if case .ranked(var ranking) = rules[index].selector, case .limited(let count) = ranking.count {
        ranking.count = dice.chance(30) ? .all : .limited(count + 1)
        rules[index].selector = .ranked(ranking)
      }
      return (with(rules, policy), rules[index])
    }
    var author = PolicyAuthor(dice: dice)
    var rule = author.rule("added", [.keep, .protect])
    dice = author.dice
    if isFirm { rule.yieldsTo = [] }
    return (with(rules + [rule], policy), rule)
  }

  static func with(_ rules: [Rule], _ policy: Policy) -> Policy {
    var policy = policy
    policy.rules = rules.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    return policy
  }

  @Test func neverAddADestruction() {
    var figures = Figures()
    let count = CaseCount.scaled(1500)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(3_000_000 + seed, seed.isMultiple(of: 2) ? .rulesOnly : .cleaning)
      var dice = Dice(seed)
      let (policy, rule) = Self.strengthened(it.policy, &dice, isFirm: false)
      let before = Destruction(Planner.plan(it.policy, on: it.snapshot), it.snapshot)
      let after = Destruction(Planner.plan(policy, on: it.snapshot), it.snapshot)
      figures.add("destroying", if: !before.names.isEmpty)
      figures.add("saved", if: after.names.count < before.names.count)
      figures.add("saved by a raised count", if: after.names.count < before.names.count && rule.id != "added")
      #expect(after.names.isSubset(of: before.names), "\(rule) adds to \(it.description)")
    }
    print("law 3: \(count) cases: \(figures.line)")
    #expect(figures["destroying"] * 4 > count)
    #expect(figures["saved"] * 10 > count)
    #expect(figures["saved by a raised count"] * 50 > count)
  }

  /// With quotas and pressure something else may go in its place, but never what is newly kept.
  @Test func whatIsNewlyKeptStaysUnderPressure() {
    var figures = Figures()
    let count = CaseCount.scaled(1000)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(4_000_000 + seed)
      var dice = Dice(seed)
      let (policy, rule) = Self.strengthened(it.policy, &dice, isFirm: true)
      let before = Destruction(Planner.plan(it.policy, on: it.snapshot), it.snapshot)
      let after = Destruction(Planner.plan(policy, on: it.snapshot), it.snapshot)
      let kept = ReferenceWorld(it.snapshot, entities: it.snapshot.entities, policy: policy, fault: nil)
        .picked(rule, policy)
      figures.add("saved", if: !before.names.isSubset(of: after.names))
      figures.add("other victims", if: !after.names.isSubset(of: before.names))
      for entity in kept.sorted() {
        let name = Destruction.name(it.snapshot.entities[entity], it.snapshot)
        // A keep speaks for its own level: a checkpoint may still go with its run.
        let gone = rule.verb == .protect ? after.names : after.direct
        #expect(!gone.contains(name), "\(rule) does not hold \(name) in \(it.description)")
        figures.add("newly kept", if: before.names.contains(name))
      }
    }
    print("law 3 with quotas and pressure: \(count) cases: \(figures.line)")
    #expect(figures["saved"] * 20 > count)
    #expect(figures["newly kept"] * 20 > count)
  }
}
