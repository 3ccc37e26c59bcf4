internal import PolicyCore
internal import Testing

/// Law 7: a second, naive evaluator written from the page agrees on every generated case.
@Suite("law 7: the reference agrees") struct ReferenceAgreementLaw {
  static func differs(_ it: GeneratedCase, fault: Fault? = nil) -> Bool {
    let expected = ReferencePlanner.plan(it.policy, on: it.snapshot, fault: fault)
    return expected != ReferenceOutcome(Planner.plan(it.policy, on: it.snapshot))
  }

  /// Prints a minimal case with both answers.
  static func report(_ failing: GeneratedCase) -> String {
    let small = Shrinker.shrink(failing) { differs($0) }
    let expected = ReferencePlanner.plan(small.policy, on: small.snapshot).description
    let actual = ReferenceOutcome(Planner.plan(small.policy, on: small.snapshot)).description
    return small.description + "\nonly the reference: \(expected.filter { !actual.contains($0) })"
      + "\nonly the planner: \(actual.filter { !expected.contains($0) })"
  }

  @Test func agreesOnEveryGeneratedCase() {
    var figures = Figures()
    let count = CaseCount.scaled(20_000)
    var differences = 0
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(seed)
      let expected = ReferencePlanner.plan(it.policy, on: it.snapshot)
      let plan = Planner.plan(it.policy, on: it.snapshot)
      if expected != ReferenceOutcome(plan) {
        differences += 1
        if differences <= 5 { Issue.record("\(Self.report(it))") }
      }
      Self.count(expected, plan, &figures)
    }
    #expect(differences == 0)
    print("law 7: \(count) cases: \(figures.line)")
    for (name, floor) in Self.floors {
      #expect(figures[name] * 100 >= count * floor / 100, "\(name): \(figures[name])")
    }
  }

  @Test func agreesOnEverySmallCase() {
    var figures = Figures()
    for snapshot in SmallScopes.snapshots() {
      for policy in SmallScopes.policies() {
        let expected = ReferencePlanner.plan(policy, on: snapshot)
        let actual = ReferenceOutcome(Planner.plan(policy, on: snapshot))
        figures.add("cases")
        figures.add("trash", if: expected.actions.contains { $0.hasPrefix("trash") })
        figures.add("held", if: !expected.held.isEmpty)
        if expected != actual {
          figures.add("differences")
          let it = GeneratedCase(policy: policy, snapshot: snapshot, seed: 0)
          if figures["differences"] <= 2 { Issue.record("\(Self.report(it))") }
        }
      }
    }
    print("law 7, every pair of runs: \(figures.line)")
    #expect(figures["differences"] == 0)
    #expect(figures["cases"] == 12_000)
    #expect(figures["trash"] * 5 > figures["cases"])
    #expect(figures["held"] * 5 > figures["cases"])
  }

  @Test func agreesOnEveryTieOfCheckpoints() {
    var figures = Figures()
    for snapshot in SmallScopes.tiedCheckpoints() {
      for policy in SmallScopes.tiePolicies() {
        let expected = ReferencePlanner.plan(policy, on: snapshot)
        figures.add("cases")
        figures.add("trash", if: !expected.actions.isEmpty)
        figures.add("held", if: !expected.held.isEmpty)
        if expected != ReferenceOutcome(Planner.plan(policy, on: snapshot)) {
          figures.add("differences")
          let it = GeneratedCase(policy: policy, snapshot: snapshot, seed: 0)
          if figures["differences"] <= 2 { Issue.record("\(Self.report(it))") }
        }
      }
    }
    print("law 7, every tie of checkpoints: \(figures.line)")
    #expect(figures["differences"] == 0)
    #expect(figures["trash"] * 3 > figures["cases"])
    #expect(figures["held"] * 2 > figures["cases"])
  }

  private static func count(_ expected: ReferenceOutcome, _ plan: Plan, _ figures: inout Figures) {
    for verb in ActionVerb.allCases { figures.add(verb.rawValue, if: plan.actions.contains { $0.verb == verb }) }
    figures.add("held", if: !plan.held.isEmpty)
    figures.add("undecided", if: !plan.undecided.isEmpty)
    figures.add("quota over", if: expected.figures.quotasOver > 0)
    figures.add("quota unmet", if: expected.figures.quotasUnmet > 0)
    figures.add("pressure acting", if: expected.figures.pressuresActing > 0)
    figures.add("pressure unmet", if: expected.figures.pressuresUnmet > 0)
    figures.add("evicted", if: expected.figures.evicted > 0)
    figures.add("never refused", if: plan.checks.contains { $0.subject == .never && !$0.holds })
    figures.add("limit refused", if: plan.checks.contains { $0.subject == .limit && !$0.holds })
    figures.add("limit held", if: plan.checks.contains { $0.subject == .limit && $0.holds })
  }

  /// In hundredths of a percent of the cases.
  private static let floors: [(String, Int)] = [
    ("backup", 500), ("archive", 500), ("trash", 1500), ("purge", 500), ("held", 2500), ("undecided", 500),
    ("quota over", 500), ("quota unmet", 200), ("pressure acting", 500), ("pressure unmet", 200), ("evicted", 400),
    ("never refused", 100), ("limit refused", 100), ("limit held", 300),
  ]
}
