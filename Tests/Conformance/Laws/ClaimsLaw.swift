internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import Testing

/// What `check` claims to have proved, tried on snapshots that it has not seen.
@Suite("analysis: every claim is tried") struct ClaimsLaw {
  @Test func floorsAndPropertiesHold() {
    var figures = Figures()
    let count = CaseCount.scaled(250)
    for seed in 0..<UInt64(count) {
      let scope: GeneratedCase.Scope = seed.isMultiple(of: 2) ? .cleaning : .everything
      let policy = GeneratedCase.generate(8_000_000 + seed, scope).policy
      let result = Analyzer.analyze(policy, SourceMap(), SourceSet(), now: nil)
      let claims = result.proved.compactMap { Claim($0) }
      figures.add("floors", claims.count { $0.keep != nil })
      figures.add("properties", claims.count { $0.keep == nil })
      figures.add("refuted", result.counterexamples.count)
      figures.add("not decided", result.diagnostics.count { $0.code == "P0391" })
      for example in result.counterexamples {
        let plan = Planner.plan(policy, on: example.snapshot)
        #expect(plan.checks.contains { $0.subject == .never && $0.name == example.property && !$0.holds })
      }
      guard !claims.isEmpty else { continue }
      for attempt in 0..<UInt64(20) {
        let snapshot = GeneratedCase.generate(seed &* 777 + attempt, scope).snapshot
        let plan = Planner.plan(policy, on: snapshot)
        for claim in claims {
          figures.add("tried")
          let isTrue = holds(claim, policy, snapshot, plan)
          #expect(isTrue, "\(claim)\n\(GeneratedCase(policy: policy, snapshot: snapshot, seed: seed).description)")
        }
      }
    }
    print("claims: \(count) policies: \(figures.line)")
    #expect(figures["floors"] * 20 > count)
    #expect(figures["properties"] > 0)
    #expect(figures["refuted"] > 0)
  }

  /// `` `r1` has a floor: … (`r0`) `` or `` `n0` holds: … ``.
  struct Claim {
    let id: String
    /// The rule that is the floor; `nil` for a property.
    let keep: String?

    init?(_ text: String) {
      let words = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
      guard words.count > 2 else { return nil }
      id = words[1]
      if words[2].hasPrefix(" has a floor"), words.count >= 5 {
        keep = words[3]
      } else {
        keep = nil
      }
    }
  }

  private func holds(_ claim: Claim, _ policy: Policy, _ snapshot: Snapshot, _ plan: Plan) -> Bool {
    guard let keep = claim.keep else {
      return plan.checks.first { $0.subject == .never && $0.name == claim.id }?.holds ?? false
    }
    // What the rule trashes is ranked by the keep, behind those that it holds: its group does not run empty.
    // (An archive that goes first names the trash rules as well; it destroys nothing.)
    return plan.actions.filter { $0.verb == .trash && $0.because.contains { $0.rule == claim.id } }
      .allSatisfy { action in
        let entity = snapshot.entities.firstIndex {
          $0.path == action.path && $0.kind == action.kind && $0.tier == action.tier
            && snapshot.roots[$0.root].path == action.root && snapshot.roots[$0.root].host == action.host
        }
        guard let entity,
          let verdict = Planner.verdicts(policy, on: snapshot, entity: entity).first(where: { $0.rule == keep })
        else { return false }
        guard verdict.result != .false, let rank = verdict.rank, let keeps = verdict.keeps else { return false }
        return keeps >= 1 && rank > keeps
      }
  }
}
