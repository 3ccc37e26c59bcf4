import PolicyAnalysis
import PolicyCore
import PolicySyntax
import Testing

/// Small changes by hand to the policy of a shared box, and what each of them means.
@Suite struct HandEditTests {
  static let box = """
    version: 1
    roots: [/data/runs]
    scan: { user: "{user}/{project}/**", project: "*/{project}/**" }
    params: { recent: { default: 5 } }
    trash: { purge_after: 7d }
    rules:
      - { id: pins, protect: runs, where: pinned }
      - id: live
        protect: runs
        where: state in [running, unknown]
      - { id: recent, keep: runs, per: user, latest: $recent }
      - id: good
        keep: runs
        where: mAP50 ?? 0 > 0.8
      - id: best-ever
        keep: runs
        per: [user, project]
        best: { n: 3, by: mAP50, missing: drop }
      - id: stale
        trash: runs
        where: state in [finished, failed, interrupted]
        after: 24h
    """

  struct Edit: Sendable, CustomTestStringConvertible {
    let name: String
    let from: String
    let to: String
    let isEquivalent: Bool
    /// What the run of the smallest witness has, where one value alone tells the two apart.
    var witness: [String: Fact] = [:]
    var testDescription: String { name }
  }

  static let edits: [Edit] = [
    Edit(
      name: "> to >=", from: "0 > 0.8", to: "0 >= 0.8", isEquivalent: false, witness: ["mAP50": .value(.number("0.8"))]),
    Edit(
      name: "no default", from: "mAP50 ?? 0 > 0.8", to: "mAP50 > 0.8", isEquivalent: false,
      witness: ["mAP50": .missing]),
    Edit(name: "finer groups", from: "per: user,", to: "per: [user, project],", isEquivalent: false),
    Edit(name: "fewer", from: "default: 5", to: "default: 3", isEquivalent: false),
    Edit(name: "more", from: "default: 5", to: "default: 6", isEquivalent: false),
    Edit(name: "later", from: "after: 24h", to: "after: 25h", isEquivalent: false),
    Edit(name: "other words", from: "after: 24h", to: "after: 1d", isEquivalent: true),
    Edit(
      name: "one state less", from: "failed, interrupted]", to: "failed]", isEquivalent: false,
      witness: ["state": .value(.text("interrupted"))]),
    Edit(
      name: "said otherwise", from: "state in [finished, failed, interrupted]",
      to: "not (state in [running, unknown])", isEquivalent: true),
    Edit(
      name: "no best", from: "best: { n: 3, by: mAP50, missing: drop }", to: "best: { n: 2, by: mAP50, missing: drop }",
      isEquivalent: false),
    Edit(name: "missing kept", from: "missing: drop", to: "missing: keep", isEquivalent: false),
    Edit(
      name: "pins said twice", from: "where: pinned", to: "where: name matches \"a*\" and pinned", isEquivalent: true),
    Edit(
      name: "order of rules",
      from: """
          - { id: recent, keep: runs, per: user, latest: $recent }
          - id: good
            keep: runs
            where: mAP50 ?? 0 > 0.8

        """,
      to: """
          - id: good
            keep: runs
            where: mAP50 ?? 0 > 0.8
          - { id: recent, keep: runs, per: user, latest: $recent }

        """, isEquivalent: true),
    Edit(name: "live said twice", from: "[running, unknown]", to: "[running]", isEquivalent: true),
  ]

  @Test(arguments: edits) func edit(_ edit: Edit) throws {
    #expect(Self.box.contains(edit.from))
    let after = Self.box.replacing(edit.from, with: edit.to)
    let result = PolicyComparer.compare(try load(Self.box).policy, try load(after).policy)
    switch result.verdict {
    case .equivalent: #expect(edit.isEquivalent)
    case .different(let difference):
      #expect(!edit.isEquivalent)
      let before = Planner.plan(try load(Self.box).policy, on: difference.snapshot)
      let now = Planner.plan(try load(after).policy, on: difference.snapshot)
      #expect(before.actions.map(\.path) != now.actions.map(\.path))
      for (fact, value) in edit.witness {
        let run = try #require(difference.snapshot.entities.first { $0.path == difference.act?.path })
        #expect(run.facts.fact(fact) == value)
      }
    case .undecided: Issue.record("not decided: \(result.reason)")
    }
  }
}
