internal import PolicyCore
internal import Testing

/// Law 4: planning again after applying, at the same `now`, comes to rest.
@Suite("law 4: plans come to rest") struct RestLaw {
  /// Nothing that apply changes is read: then the second plan has nothing left to do.
  private static func readsWhatApplyChanges(_ it: GeneratedCase, _ plan: Plan) -> Bool {
    it.policy.rules.contains { rule in
      rule.requiresBackup || rule.tier == .archived || reads(rule.condition)
        || rule.per.contains(.fact(FactReference("bytes"))) || ranksBytes(rule)
    } || plan.actions.contains { $0.verb == .archive }
  }

  private static func ranksBytes(_ rule: Rule) -> Bool {
    if case .ranked(let ranking) = rule.selector { return ranking.key.name == "bytes" }
    return false
  }

  private static func reads(_ condition: Condition) -> Bool {
    switch condition {
    case .always: false
    case .all(let parts), .any(let parts): parts.contains { reads($0) }
    case .not(let part): reads(part)
    case .isMissing(let reference): reference.name == "backed_up_at"
    case .compare(let operand, _, _), .member(let operand, _), .matches(let operand, _), .has(let operand, _),
      .flag(let operand):
      ["bytes", "files", "backed_up_at", "archived_at"].contains(operand.fact.name)
    }
  }

  @Test func aSecondPlanHasNothingLeftToDo() {
    var figures = Figures()
    let count = CaseCount.scaled(2000)
    for seed in 0..<UInt64(count) {
      var it = GeneratedCase.generate(7_000_000 + seed, .rulesOnly)
      it.snapshot = AppliedSnapshot.identified(it.snapshot)
      let plan = Planner.plan(it.policy, on: it.snapshot)
      guard !plan.actions.isEmpty, !Self.readsWhatApplyChanges(it, plan) else { continue }
      figures.add("acting")
      figures.add("trashing", if: plan.actions.contains { $0.verb == .trash })
      figures.add("backing up", if: plan.actions.contains { $0.verb == .backup })
      let after = AppliedSnapshot.apply(plan, policy: it.policy, to: it.snapshot, round: 0)
      let again = Planner.plan(it.policy, on: after)
      #expect(
        again.actions.isEmpty, "\(again.actions.map { "\($0.verb) \($0.path.displayText)" }) after \(it.description)")
    }
    print("law 4: \(count) cases: \(figures.line)")
    #expect(figures["acting"] * 8 > count)
    #expect(figures["trashing"] * 20 > count)
    #expect(figures["backing up"] * 50 > count)
  }

  @Test func repeatedPlanAndApplyEnd() {
    var figures = Figures()
    let count = CaseCount.scaled(1200)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(8_000_000 + seed)
      var snapshot = AppliedSnapshot.identified(it.snapshot)
      var rounds = 0
      while rounds < 12 {
        let plan = Planner.plan(it.policy, on: snapshot)
        if plan.actions.isEmpty { break }
        snapshot = AppliedSnapshot.apply(plan, policy: it.policy, to: snapshot, round: rounds)
        rounds += 1
      }
      figures.add("ended after one round", if: rounds == 1)
      figures.add("after more", if: rounds > 1 && rounds < 12)
      #expect(rounds < 12, "no end: \(it.description)")
    }
    print("law 4, repeated: \(count) cases: \(figures.line)")
    #expect(figures["ended after one round"] * 5 > count)
    #expect(figures["after more"] * 300 > count)
  }
}
