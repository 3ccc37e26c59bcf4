import PolicyAnalysis
import PolicyCore
import PolicySyntax
import Testing

/// The snapshot that shows a violated `never` is as small as any, over all the ways to violate it.
@Suite struct PropertyWitnessTests {
  static func counterexamples(_ text: String) throws -> [Snapshot] {
    let result = PolicyLoader.load("policy.yaml") { _ in .success(Array(text.utf8)) }
    let loaded = try #require(result.loaded)
    return Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil).counterexamples.map(\.snapshot)
  }

  static let never = """

    never:
      - { id: n, destroy: checkpoints, where: role == best and run.mAP50 ?? 0 > 0.8 }
    """
  static let good = "  - { id: good, keep: runs, where: mAP50 ?? 0 > 0.8 }\n"
  static let cases: [(name: String, text: String, runs: Int, checkpoints: Int)] = [
    (
      "a failed run is no latest one",
      """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 1d }
      rules:
        - { id: k, keep: runs, per: user, latest: 3, where: state != failed }
        - { id: fin, trash: runs, where: state == finished, after: 10d }
        - { id: fail, trash: runs, where: state == failed, after: 10d }
      never:
        - { id: n, destroy: runs, where: user == "alice" }
      """, 1, 0
    ),
    // Two better ones of the project suffice, not three later ones of the user.
    ("the fewer rivals", WitnessTests.box.replacing(good, with: "") + never, 3, 1),
    ("firmly kept", WitnessTests.box + never, 0, 0),
    // What is too much by itself needs nothing beside it.
    (
      "a quota alone",
      """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 1d }
      rules:
        - { id: pins, protect: runs, where: pinned }
      quotas:
        - { id: q, of: runs, per: user, limit: 500GiB, evict: { where: state == finished } }
      never:
        - { id: n, destroy: runs, where: user == "alice" }
      """, 1, 0
    ),
    (
      "a checkpoint in its run",
      """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 1d }
      rules:
        - { id: last, keep: checkpoints, per: run, latest: 2, where: role == epoch }
        - { id: thin, trash: checkpoints, where: "run.state in [finished, failed]" }
        - { id: recent, keep: runs, per: user, latest: 3 }
        - { id: old, trash: runs, where: state == finished, after: 10d }
      never:
        - { id: n, destroy: checkpoints, where: role == best or role == epoch }
      """, 1, 1
    ),
  ]

  @Test(arguments: cases) func nothingSmallerShowsIt(
    _ it: (name: String, text: String, runs: Int, checkpoints: Int)
  ) throws {
    let snapshots = try Self.counterexamples(it.text)
    #expect(snapshots.count == (it.runs == 0 ? 0 : 1))
    for snapshot in snapshots {
      let listed = snapshot.entities.map { "\($0.path) \($0.facts.known)" }
      #expect(snapshot.entities.count { $0.kind == .run } == it.runs, "\(it.name): \(listed)")
      #expect(snapshot.entities.count { $0.kind == .checkpoint } == it.checkpoints, "\(it.name): \(listed)")
    }
  }
}
