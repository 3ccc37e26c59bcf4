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

  /// What kinds of things refuse a plan.
  static func refusing(_ policy: Policy, _ snapshot: Snapshot) -> Set<Check.Subject> {
    Set(Planner.plan(policy, on: snapshot).checks.filter { !$0.holds }.map(\.subject))
  }

  /// The policy with quotas and pressure that bind on a snapshot: what votes alike is the same whatever they allow.
  private static func pressed(_ policy: Policy, _ snapshot: Snapshot, _ number: UInt64) -> Policy {
    var policy = policy
    for index in policy.quotas.indices {
      let members = snapshot.entities.filter { $0.kind == policy.quotas[index].kind }
      var total: Int64 = 0
      for entity in members {
        guard case .value(.integer(let bytes)) = entity.facts.fact("bytes") else { continue }
        total = total.addingReportingOverflow(bytes).partialValue
      }
      policy.quotas[index].limit = max(1, total / Int64(2 + number % 7))
    }
    for index in policy.pressures.indices where number % 3 != 0 {
      policy.pressures[index].high = ExactDecimal(1).percent
      policy.pressures[index].low = ExactDecimal(number % 2 == 0 ? 0 : 1).percent
    }
    return policy
  }

  private static func relaxed(_ policy: Policy) -> Policy {
    var policy = policy
    (policy.quotas, policy.pressures) = ([], [])
    return policy
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
        let hasRelief = !it.policy.quotas.isEmpty || !it.policy.pressures.isEmpty
        figures.add("of them with quotas or pressure", if: hasRelief)
        for try_ in 0..<UInt64(hasRelief ? 40 : 20) {
          let snapshot = GeneratedCase.generate(seed &* 1_000 + try_, .rulesOnly).snapshot
          figures.add("re-checked")
          let left = Self.acts(Self.pressed(it.policy, snapshot, try_), snapshot)
          let right = Self.acts(Self.pressed(other, snapshot, try_), snapshot)
          figures.add("of them with evictions", if: left != Self.acts(Self.relaxed(it.policy), snapshot))
          let standsAlike = Self.refusing(it.policy, snapshot) == Self.refusing(other, snapshot)
          if left != right || !standsAlike {
            figures.add("wrong")
            let shown = GeneratedCase(policy: it.policy, snapshot: snapshot, seed: seed)
            let second = GeneratedCase(policy: other, snapshot: snapshot, seed: seed)
            Issue.record("\(left) / \(right)\n\(shown.description)\n\(second.description)")
            break
          }
        }
      case .different(let difference):
        figures.add("different")
        let isRefused = !difference.leftRefusers.isEmpty || !difference.rightRefusers.isEmpty
        figures.add("of them by a refusal", if: isRefused)
        let (left, right) = (Self.refusing(it.policy, difference.snapshot), Self.refusing(other, difference.snapshot))
        #expect(isRefused == (left != right))
        #expect(isRefused || Self.acts(it.policy, difference.snapshot) != Self.acts(other, difference.snapshot))
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
