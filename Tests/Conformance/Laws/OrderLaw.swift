internal import PolicyCore
internal import PolicyFormats
internal import Testing

/// Law 1: the order of rules, and of entities in the snapshot, never changes a plan's digest.
@Suite("law 1: order never matters") struct OrderLaw {
  static func sealed(_ policy: Policy, _ snapshot: Snapshot) -> SealedPlan {
    PlanCodec.seal(
      Planner.plan(policy, on: snapshot), policy: policy, files: [], locations: [:],
      snapshotDigest: SnapshotCodec.digest(snapshot))
  }

  /// The same things in another order, as another file or scan would have them.
  static func shuffled(_ it: GeneratedCase, _ dice: inout Dice) -> GeneratedCase {
    var other = it
    let policy = it.policy
    other.policy = Policy(
      ageOf: policy.ageOf, trash: policy.trash, archive: policy.archive, backup: policy.backup, limits: policy.limits,
      rules: policy.rules.shuffled(using: &dice), quotas: policy.quotas.shuffled(using: &dice),
      pressures: policy.pressures.shuffled(using: &dice), properties: policy.properties.shuffled(using: &dice))
    let order = it.snapshot.roots.indices.shuffled(using: &dice)
    other.snapshot.roots = order.map { it.snapshot.roots[$0] }
    func place(_ root: Int) -> Int { order.firstIndex(of: root) ?? root }
    for index in other.snapshot.entities.indices {
      other.snapshot.entities[index].root = place(other.snapshot.entities[index].root)
      other.snapshot.entities[index].parent = nil
    }
    for index in other.snapshot.trash.indices {
      other.snapshot.trash[index].root = place(other.snapshot.trash[index].root)
    }
    other.snapshot.entities.shuffle(using: &dice)
    other.snapshot.trash.shuffle(using: &dice)
    other.snapshot.volumes.shuffle(using: &dice)
    other.snapshot.normalise()
    return other
  }

  @Test func permutationsHaveOneDigest() {
    var figures = Figures()
    let count = CaseCount.scaled(400)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(1_000_000 + seed)
      let plan = Self.sealed(it.policy, it.snapshot)
      var dice = Dice(seed)
      let other = Self.shuffled(it, &dice)
      figures.add("with actions", if: !plan.plan.actions.isEmpty)
      figures.add("quotas", if: it.policy.quotas.count > 1)
      figures.add("pressures", if: it.policy.pressures.count > 1)
      figures.add("several roots", if: it.snapshot.roots.count > 1)
      #expect(Self.sealed(other.policy, other.snapshot).digest == plan.digest, "\(it.description)")
    }
    print("law 1: \(count) cases: \(figures.line)")
    #expect(figures["with actions"] * 4 > count)
    #expect(figures["quotas"] * 20 > count)
    #expect(figures["pressures"] * 20 > count)
    #expect(figures["several roots"] * 10 > count)
  }
}
