import PolicyAnalysis
import PolicyCore
import PolicySyntax
import Testing

/// Pairs of policies that look alike and are not, and the other way round.
@Suite struct ComparisonTests {
  static func compare(_ left: String, _ right: String) throws -> PolicyComparison.Verdict {
    PolicyComparer.compare(try load(left).policy, try load(right).policy).verdict
  }

  static func differs(_ verdict: PolicyComparison.Verdict) -> Bool {
    if case .different = verdict { true } else { false }
  }
  static func agrees(_ verdict: PolicyComparison.Verdict) -> Bool {
    if case .equivalent = verdict { true } else { false }
  }

  static let archives = """
    version: 1
    roots: [/data/runs]
    trash: { purge_after: 7d }
    archive: { to: /mnt/cold }
    rules:
      - { id: a, archive: runs, where: state == finished, to: /mnt/a }
      - { id: b, archive: runs, where: "state in [finished, failed]", to: /mnt/b }
    """

  /// The same runs, packed away to somewhere else.
  @Test func placesOfArchivesCount() throws {
    #expect(Self.differs(try Self.compare(Self.archives, Self.archives.replacing("/mnt/b", with: "/mnt/c"))))
    #expect(Self.differs(try Self.compare(Self.archives, Self.archives.replacing(", to: /mnt/b", with: ""))))
    let spelled = Self.archives.replacing(", to: /mnt/b", with: "")
    #expect(Self.agrees(try Self.compare(spelled, Self.archives.replacing("/mnt/b", with: "/mnt/cold"))))
  }

  /// Nobody but the author of a snapshot puts checkpoints outside of runs; a plan is made of them all the same.
  @Test func checkpointsWithoutARunCount() throws {
    let plain = """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 7d }
      rules:
        - { id: thin, trash: checkpoints, where: role == epoch }
      """
    let held = plain + "\n  - { id: live, protect: checkpoints, where: run.state == running }"
    #expect(Self.differs(try Self.compare(plain, held)))
    let property = "\nnever: [{ id: n, destroy: checkpoints, where: role == epoch and run.state == running }]"
    let result = PolicyLoader.load("policy.yaml") { _ in .success(Array((plain + property).utf8)) }
    let loaded = try #require(result.loaded)
    let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
    #expect(analysis.counterexamples.map(\.snapshot.entities.count) == [1])
    #expect(!analysis.proved.contains { $0.hasPrefix("`n`") })
  }

  /// Where something stands can always be read, so parts of a tree are all of it.
  @Test func aRuleMayBeSplitByPlaces() throws {
    let plain = """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 7d }
      rules:
        - { id: gone, trash: runs, where: state == failed }
      """
    for fact in ["path", "name"] {
      let split =
        plain.replacing("state == failed }", with: "state == failed and \(fact) matches \"team1*\" }")
        + "\n  - { id: rest, trash: runs, where: state == failed and \(fact) not matches \"team1*\" }"
      #expect(Self.agrees(try Self.compare(plain, split)))
      let half = split.replacing("not matches \"team1*\"", with: "not matches \"team*\"")
      #expect(Self.differs(try Self.compare(plain, half)))
    }
  }

  /// Very many tags make a proof too dear; snapshots with some of them are tried.
  @Test func manyTagsAreTried() throws {
    let tags = (1...9).map { "tags has \"t\($0)\"" }.joined(separator: " or ")
    let plain = """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 7d }
      rules:
        - { id: gone, trash: runs, where: state == failed and age > 24h }
        - { id: tagged, keep: runs, where: '\(tags)' }
      """
    #expect(Self.differs(try Self.compare(plain, plain.replacing("state == failed", with: "state == finished"))))
    let turned = plain.replacing("state == failed and age > 24h", with: "age > 24h and state == failed")
    let result = PolicyComparer.compare(try load(plain).policy, try load(turned).policy)
    if case .undecided = result.verdict { #expect(result.searched > 0) } else { #expect(Self.agrees(result.verdict)) }
  }

  /// Where a proof is too dear, random snapshots are tried all the same, and counted.
  @Test func whatIsNotDecidedSaysHowMuchWasTried() throws {
    var budget = PolicyComparer.Budget()
    budget.nodes = 5
    let other = Self.archives.replacing(
      "state == finished", with: "\"not (state in [failed, interrupted, running, unknown])\"")
    let result = PolicyComparer.compare(try load(Self.archives).policy, try load(other).policy, budget: budget)
    guard case .undecided = result.verdict else { return #expect(Bool(false), "\(result.verdict)") }
    #expect(result.searched == budget.searches)
    #expect(result.reason.contains("budget"))
  }

  /// Of two rules that archive a run, the first by id says where to.
  @Test func namesOfArchiveRulesCountWhereTheyDecide() throws {
    let swapped = Self.archives.replacing("id: a", with: "id: x").replacing("id: b", with: "id: a")
    #expect(Self.differs(try Self.compare(Self.archives, swapped)))
    let renamed = Self.archives.replacing("id: a", with: "id: c").replacing("id: b", with: "id: d")
    #expect(Self.agrees(try Self.compare(Self.archives, renamed)))
  }
}
