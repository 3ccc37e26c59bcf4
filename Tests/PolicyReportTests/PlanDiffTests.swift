internal import PolicyCore
internal import PolicyReport
internal import Testing

struct PlanDiffTests {
  private func snapshot() -> Snapshot {
    let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    let entities = (1...4).map { index -> Entity in
      let ended = FactValue.integer(now.nanoseconds - Int64(index) * 86_400_000_000_000 * 2)
      return Entity(
        kind: .run, path: ByteString("exp\(index)"),
        facts: FactRow([
          "state": .text("finished"), "finished_at": ended, "modified_at": ended, "bytes": .integer(1 << 30),
        ]))
    }
    var snapshot = Snapshot(now: now, roots: [Root(path: "/data")], entities: entities)
    snapshot.normalise()
    return snapshot
  }

  private func policy(_ count: Int) -> Policy {
    let ranking = Ranking(
      form: .latest, count: .limited(count), key: FactReference("finished_at"), better: .higher)
    return Policy(
      rules: [
        Rule(id: "recent", verb: .keep, kind: .run, selector: .ranked(ranking)),
        Rule(id: "stale", verb: .trash, kind: .run, after: .hours(24)),
      ] + Policy.implicitRules())
  }

  @Test func `a smaller count names the rule and what it costs`() {
    let snapshot = snapshot()
    let (before, after) = (policy(3), policy(1))
    let attribution = Attribution.of(before, after, on: snapshot) { Planner.plan($0, on: $1) }
    let diff = PlanDiff.between(
      .init(plan: Planner.plan(before, on: snapshot), policyDigest: "a", snapshotDigest: "s"),
      .init(plan: Planner.plan(after, on: snapshot), policyDigest: "b", snapshotDigest: "s"), attribution: attribution)
    #expect(diff.changedRules == ["recent"])
    #expect(diff.added.map(\.path) == ["exp2", "exp3"])
    #expect(diff.removed.isEmpty && diff.unchanged == 1)
    let text = DiffText.render(diff, style: TextStyle())
    #expect(text.hasPrefix("plan diff  policy changed (recent); same snapshot\n"))
    #expect(text.contains("  + trash     1.0 GiB  exp2  because of recent\n"))
    #expect(text.contains("trash 1.0 GiB → 3.0 GiB"))
  }

  @Test func `a refusal is a difference, in every format`() {
    let snapshot = snapshot()
    let (before, after) = (policy(3), policy(3))
    var limited = after
    limited.limits.maxTrash = Count.none
    func side(_ policy: Policy, _ name: String) -> PlanDiff.Side {
      .init(plan: Planner.plan(policy, on: snapshot), policyDigest: name, snapshotDigest: "s")
    }
    let diff = PlanDiff.between(side(before, "a"), side(limited, "b"))
    #expect(!diff.isEmpty && diff.added.isEmpty && diff.removed.isEmpty)
    #expect(DiffText.render(diff, style: TextStyle()).contains("\n  before: 1 action; now: refused by max_trash\n"))
    #expect(String(decoding: DiffText.json(diff), as: UTF8.self).contains("\"after\":[\"max_trash\"]"))
    let markdown = DiffMarkdown.render(diff, before: "a", after: "b")
    #expect(markdown.contains("**before: 1 action; now: refused by `max_trash`**"))
    #expect(!markdown.contains("Nothing is treated differently"))
    let back = PlanDiff.between(side(limited, "b"), side(before, "a"))
    #expect(DiffText.render(back, style: TextStyle()).contains("before: refused by max_trash; now: 1 action"))
    let both = PlanDiff.between(side(limited, "b"), side(limited, "b"))
    #expect(both.isEmpty)
    #expect(DiffText.render(both, style: TextStyle()).contains("before and now: refused by max_trash"))
  }

  @Test func `equal plans have no difference`() {
    let plan = Planner.plan(policy(2), on: snapshot())
    let side = PlanDiff.Side(plan: plan, policyDigest: "a", snapshotDigest: "s")
    #expect(PlanDiff.between(side, side).isEmpty)
  }
}
