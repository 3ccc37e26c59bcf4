internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import Testing

struct PlanGoldenTests {
  private func check(_ name: String, _ plan: Plan, _ policy: Policy = Scene.policy(), all: Bool = false) throws {
    let sealed = try Scene.saved(plan, policy)
    try Golden.check(name) { PlanText.render(sealed, savedAs: "plan.json", all: all, style: $0) }
  }

  @Test func `an ordinary plan`() throws { try check("plan", Planner.plan(Scene.policy(), on: Scene.snapshot())) }

  @Test func `nothing to do`() throws {
    var snapshot = Snapshot(now: Scene.now, roots: [Scene.root], entities: [Scene.run("alice/exp1", days: 1)])
    snapshot.normalise()
    try check("plan-empty", Planner.plan(Scene.policy(), on: snapshot))
  }

  @Test func `everything at once`() throws { try check("plan-everything", Scene.everything()) }
  @Test func `everything, with what stays`() throws { try check("plan-all", Scene.everything(), all: true) }

  @Test func `more than a limit allows`() throws {
    let policy = Scene.policy(keep: 1, limits: Limits(maxTrash: .limited(2), maxTrashBytes: .bytes(1 << 30)))
    let plan = Planner.plan(policy, on: Scene.snapshot())
    #expect(!plan.isApplyable)
    try check("plan-over-limits", plan, policy)
  }

  @Test func `against a never`() throws {
    var policy = Scene.policy(keep: 1)
    policy.properties = [
      Property(
        id: "no-scored-run-lost", subject: .destroy, kind: .run,
        condition: .compare(Operand(FactReference("mAP50")), .greater, .number(ExactDecimal("0.6") ?? ExactDecimal(0))))
    ]
    let plan = Planner.plan(policy, on: Scene.snapshot())
    #expect(!plan.isApplyable)
    try check("plan-against-never", plan, policy)
  }

  @Test func `a long name for the plan is told as a command to paste`() throws {
    let file = "plans/" + String(repeating: "today-", count: 20) + ".json"
    let sealed = try Scene.saved(Scene.everything())
    let text = PlanText.render(sealed, savedAs: file, all: false, style: TextStyle(width: 60))
    let joined = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n")
    Layout.check(joined, width: 60, "command")
    #expect(String(joined.split(separator: "\\\n").joined()).contains(file))
  }
}
