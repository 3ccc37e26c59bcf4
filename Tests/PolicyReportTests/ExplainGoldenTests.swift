internal import PolicyCore
internal import PolicyReport
internal import Testing

struct ExplainGoldenTests {
  private func check(
    _ name: String, _ path: ByteString, is decision: String, _ snapshot: Snapshot = Scene.snapshot(),
    _ policy: Policy = Scene.policy()
  ) throws {
    let entity = try #require(snapshot.entities.firstIndex { $0.path == path })
    let explanation = Explanation(
      snapshot: snapshot, entity: entity, plan: Planner.plan(policy, on: snapshot),
      verdicts: Planner.verdicts(policy, on: snapshot, entity: entity), policy: policy,
      nextChange: NextChange.of(entity, policy, on: snapshot))
    #expect(explanation.decision == decision)
    try Golden.check(name) { ExplainText.render(explanation, style: $0) }
  }

  @Test func `it goes`() throws { try check("explain-trash", "alice/det/exp1", is: "trash") }
  @Test func `it is kept`() throws { try check("explain-kept", "alice/det/exp2", is: "held") }
  @Test func `it is too young`() throws { try check("explain-young", "alice/det/exp5", is: "kept") }
  @Test func `a checkpoint`() throws {
    try check("explain-checkpoint", "alice/det/exp4/weights/epoch10.pt", is: "trash")
  }

  @Test func `nobody can decide`() throws {
    let facts = FactRow(["state": .text("finished"), "user": .text("zoe"), "mAP50": .number("0.1")])
    var snapshot = Scene.snapshot([Entity(kind: .run, path: "zoe/exp1", facts: facts)])
    snapshot.normalise()
    var policy = Scene.policy()
    policy.rules.removeAll { $0.id == "recent" }
    try check("explain-undecided", "zoe/exp1", is: "undecided", snapshot, policy)
  }
}
