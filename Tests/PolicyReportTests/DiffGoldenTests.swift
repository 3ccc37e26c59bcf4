internal import PolicyCore
internal import PolicyReport
internal import Testing

struct DiffGoldenTests {
  private func side(_ plan: Plan, _ policy: String = "p", _ snapshot: String = "s") -> PlanDiff.Side {
    PlanDiff.Side(plan: plan, policyDigest: policy, snapshotDigest: snapshot)
  }

  @Test func `two plans`() throws {
    let (before, after) = (Scene.policy(keep: 3), Scene.policy(keep: 1))
    let diff = PlanDiff.between(
      side(Planner.plan(before, on: Scene.snapshot())), side(Planner.plan(after, on: Scene.snapshot()), "q"),
      changedRules: Attribution.changedParts(before, after))
    #expect(!diff.added.isEmpty && !diff.removed.isEmpty)
    try Golden.check("diff-plans") { DiffText.render(diff, policy: after, style: $0) }
  }

  @Test func `two policies`() throws {
    let (before, after, snapshot) = (Scene.policy(keep: 2), Scene.policy(keep: 1), Scene.snapshot())
    let attribution = Attribution.of(before, after, on: snapshot) { Planner.plan($0, on: $1) }
    let diff = PlanDiff.between(
      side(Planner.plan(before, on: snapshot)), side(Planner.plan(after, on: snapshot), "q"), attribution: attribution)
    try Golden.check("diff-policies") { DiffText.render(diff, policy: after, style: $0) }
  }

  @Test func `other reasons`() throws {
    var after = Scene.everything()
    after.actions[2].because.removeFirst()
    after.actions[4].bytes *= 2
    after.held[1].by.removeLast()
    after.actions.removeLast()
    let diff = PlanDiff.between(side(Scene.everything()), side(after, "p", "t"))
    #expect(diff.changed.count == 2 && diff.keeps.count == 1 && diff.removed.count == 1)
    try Golden.check("diff-reasons") { DiffText.render(diff, style: $0) }
  }

  @Test func `two snapshots`() throws {
    let more = [
      Scene.run("eve/新的一次训练", user: "eve"), Scene.checkpoint("eve/新的一次训练/weights/epoch0.pt", number: 0, score: "0.1"),
    ]
    var after = Scene.snapshot(more, without: "alice/det/exp5")
    let changed = try #require(after.entities.firstIndex { $0.path == "bob/live" })
    after.entities[changed] = Scene.run("bob/live", user: "bob", days: 0, score: "0.7", bytes: 9 << 30)
    let checkpoints = ["epoch0.pt", "epoch10.pt"].map { ByteString("alice/det/exp4/weights/" + $0) }
    after.entities.removeAll { checkpoints.contains($0.path) }
    after.normalise()
    let diff = SnapshotDiff.between(Scene.snapshot(), after)
    #expect(diff.added.count == 2 && diff.removed.count == 3 && diff.changed.count == 1)
    try Golden.check("diff-snapshots") { DiffText.render(diff, style: $0) }
  }
}
