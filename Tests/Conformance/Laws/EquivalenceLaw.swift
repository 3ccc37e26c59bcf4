internal import PolicyAnalysis
internal import PolicyCore
internal import Testing

/// What `diff --semantic` claims, against snapshots that it has not seen.
@Suite("analysis: what is proved holds") struct EquivalenceLaw {
  static func acts(_ policy: Policy, _ snapshot: Snapshot) -> Set<String> {
    Set(
      Planner.plan(policy, on: snapshot).actions.map {
        "\($0.verb) \($0.kind) \($0.host) \($0.root) \($0.path) \($0.tier) \($0.record ?? "") \($0.target ?? "")"
      })
  }

  @Test func equivalentPoliciesNeverDiffer() {
    var figures = Figures()
    let count = CaseCount.scaled(1) > 1 ? 10_000 : 150
    let clock = ContinuousClock()
    var worst = Duration.zero
    var total = Duration.zero
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(7_000_000 + seed, seed % 10 == 0 ? .everything : .rulesOnly)
      var editor = PolicyEditor(dice: Dice(seed))
      var other = editor.edited(it.policy)
      if seed.isMultiple(of: 3) { other = editor.edited(other) }
      let start = clock.now
      let result = PolicyComparer.compare(it.policy, other)
      let taken = clock.now - start
      worst = max(worst, taken)
      total += taken
      switch result.verdict {
      case .equivalent:
        figures.add("equivalent")
        for try_ in 0..<UInt64(20) {
          let snapshot = GeneratedCase.generate(seed &* 1_000 + try_, .rulesOnly).snapshot
          figures.add("re-checked")
          let (left, right) = (Self.acts(it.policy, snapshot), Self.acts(other, snapshot))
          if left != right {
            figures.add("wrong")
            let shown = GeneratedCase(policy: it.policy, snapshot: snapshot, seed: seed)
            let second = GeneratedCase(policy: other, snapshot: snapshot, seed: seed)
            Issue.record("\(left) / \(right)\n\(shown.description)\n\(second.description)")
            break
          }
        }
      case .different(let difference):
        figures.add("different")
        #expect(Self.acts(it.policy, difference.snapshot) != Self.acts(other, difference.snapshot))
      case .undecided:
        figures.add("not decided")
        if it.policy.quotas.isEmpty, it.policy.pressures.isEmpty { figures.add("of them without quotas and pressure") }
      }
    }
    print("equivalence: \(count) pairs: \(figures.line); mean \(total / count), worst \(worst)")
    #expect(figures["equivalent"] * 10 > count)
    #expect(figures["different"] * 10 > count)
    #expect(figures["wrong"] == 0)
  }
}
