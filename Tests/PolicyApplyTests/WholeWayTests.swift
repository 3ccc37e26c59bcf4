import PolicyCore
import PolicyFormats
import PolicyScan
import Testing

@testable import PolicyApply

/// The scanner, the planner and apply together: what each writes, the others understand.
@Suite struct WholeWayTests {
  let root = TestRoot()

  init() {
    let isOver = Condition.member(
      Operand(FactReference("state")), [.text("finished"), .text("interrupted"), .text("failed")])
    root.policy = Policy(
      roots: [ByteString(root.path)], trash: TrashSettings(purgeAfter: .hours(24)),
      rules: Policy.implicitRules() + [
        Rule(id: "stale", verb: .trash, kind: .run, condition: isOver, after: .hours(24))
      ])
    for name in ["exp1", "exp2", "exp3"] {
      root.write(name + "/args.yaml", "task: detect\nmode: train\nepochs: 1\n")
      root.write(name + "/results.csv", "epoch,metrics/mAP50(B)\n1,0.5\n")
      root.write(name + "/weights/best.pt", "best of " + name)
    }
    root.clock.advance(72 * TestRoot.hour)
  }

  private func look(_ now: Timestamp? = nil) -> Replanned {
    let clock = Timestamp(nanoseconds: root.clock.now)
    let result = Scanner.scan(
      ScanRequest(
        roots: [ByteString(root.path)], settings: root.policy.scan, now: now ?? clock, clock: clock, host: "here",
        homes: []))
    return Replanned(plan: Planner.plan(root.policy, on: result.snapshot), snapshot: result.snapshot)
  }

  private func apply(_ plan: Plan) -> ApplyOutcome {
    root.clock.advance(1_000_000_000)
    return Applier.apply(root.seal(plan), options: root.options()) { _, _, now in look(now) }
  }

  private func reasons(_ outcome: ApplyOutcome) -> [String] {
    outcome.items.map { item in
      switch item.result {
      case .done: "\(item.verb) \(item.path.displayText)"
      case .skipped(let reason), .failed(let reason): "\(item.path.displayText): \(reason)"
      }
    }
  }

  @Test func fromTheTreeToTheTrashAndBackAndAway() throws {
    let first = look()
    #expect(first.plan.actions.map(\.path) == ["exp1", "exp2", "exp3"])
    _ = Pins.pin(ByteString(root.path + "/exp3"), because: "paper", roots: [root.root], options: root.options())
    // Pinned since: the plan is stale as a whole, and planned again leaves it out.
    #expect(apply(first.plan).status == .stale)
    let second = look()
    #expect(second.plan.actions.map(\.path) == ["exp1", "exp2"])
    #expect(second.plan.held.contains { $0.path == "exp3" && $0.by.contains { $0.rule == "builtin-pins" } })
    let outcome = apply(second.plan)
    #expect(outcome.status == .done, "\(reasons(outcome)) \(outcome.message ?? "")")

    let third = look()
    #expect(third.snapshot.trash.map(\.path) == ["exp1", "exp2"])
    #expect(third.snapshot.trash.allSatisfy { $0.contents.map(\.kind) == [.run, .checkpoint] })
    #expect(third.snapshot.entities.filter { $0.kind == .run }.map(\.path) == ["exp3"])
    #expect(third.plan.actions.isEmpty)

    #expect(root.restore(.paths([ByteString(root.path + "/exp1")])).status == .done)
    let fourth = look()
    #expect(fourth.plan.actions.isEmpty)
    #expect(fourth.plan.held.contains { $0.path == "exp1" && $0.by.contains { $0.rule == "builtin-restored" } })

    root.clock.advance(24 * TestRoot.hour)
    let fifth = look()
    #expect(fifth.plan.actions.map(\.verb) == [.purge])
    let purged = apply(fifth.plan)
    #expect(purged.status == .done, "\(reasons(purged)) \(purged.message ?? "")")
    #expect(reasons(purged) == ["purge exp2"])
    #expect(look().snapshot.trash.isEmpty)
    #expect(root.text("exp1/weights/best.pt") == "best of exp1")

    root.clock.advance(8 * 24 * TestRoot.hour)
    #expect(look().plan.actions.map(\.path) == ["exp1"])
  }

  @Test func aRunThatCameToLifeStopsThePlan() throws {
    let plan = look().plan
    // Written now: by the turned clock that is long ago, so its stamp is put where the clock stands.
    #expect(shell("touch", ["-d", "@\(root.clock.now / 1_000_000_000)", root.path + "/exp2/results.csv"]))
    let outcome = apply(plan)
    #expect(outcome.status == .stale, "\(reasons(outcome))")
    #expect(["exp1", "exp2", "exp3"].allSatisfy { root.exists($0 + "/weights/best.pt") })
  }

  @Test func aPlanThroughItsFileIsThePlan() throws {
    let sealed = root.seal(look().plan)
    let read = PlanCodec.decode(PlanCodec.encode(sealed), path: "plan.json")
    let plan = try #require(read.plan)
    root.clock.advance(1_000_000_000)
    let outcome = Applier.apply(plan, options: root.options()) { _, _, now in look(now) }
    #expect(outcome.status == .done, "\(reasons(outcome)) \(outcome.message ?? "")")
    #expect(root.restore(.plan(plan.digest)).items.count == 3)
  }
}
