import PolicyAnalysis
import PolicyCore
import PolicySyntax
import Testing

/// Policies that plan the same, of which one refuses what the other does.
@Suite struct RefusalTests {
  static let rules = """
    version: 1
    roots: [/data/runs]
    trash: { purge_after: 3d }
    archive: { to: /mnt/cold }
    rules:
      - { id: recent, keep: runs, where: state != failed, per: user, latest: 2 }
      - { id: t, trash: runs, where: "state in [finished, failed]", after: 7d }
      - { id: a, archive: runs, where: state == interrupted, after: 7d }
      - { id: c, trash: checkpoints, where: role == epoch and run.state == finished, after: 2d }

    """

  /// What is added to the one policy, to the other, who refuses only in the other, and how many things show it.
  static let cases: [(before: String, after: String, refuser: String, size: Int)] = [
    ("", "never: [{ id: n, destroy: runs, where: true }]", "n", 1),
    (
      "never: [{ id: m, destroy: runs, where: user == \"bob\" }]",
      "never: [{ id: n, destroy: runs, where: true }]", "n", 1
    ),
    ("", "never: [{ id: n, archive: runs, where: true }]", "n", 1),
    ("", "never: [{ id: n, destroy: checkpoints, where: role == epoch }]", "n", 2),
    ("", "limits: { max_trash: none }", "max_trash", 1),
    ("", "limits: { max_trash: 1 }", "max_trash", 2),
    ("limits: { max_trash: 8 }", "limits: { max_trash: 5 }", "max_trash", 6),
    ("", "limits: { max_archive: 2 }", "max_archive", 3),
    ("", "limits: { max_share: 50% }", "max_share", 1),
    ("limits: { max_share: 50% }", "limits: { max_share: 40% }", "max_share", 2),
    ("", "limits: { max_trash_bytes: 1TB }", "max_trash_bytes", 1),
    ("limits: { max_trash_bytes: 30% }", "limits: { max_trash_bytes: 20% }", "max_trash_bytes", 2),
  ]

  @Test(arguments: cases) func oneIsRefused(
    _ it: (before: String, after: String, refuser: String, size: Int)
  ) throws {
    let (left, right) = (try load(Self.rules + it.before).policy, try load(Self.rules + it.after).policy)
    for isSwapped in [false, true] {
      let verdict = PolicyComparer.compare(isSwapped ? right : left, isSwapped ? left : right).verdict
      guard case .different(let difference) = verdict else {
        Issue.record("\(it.after): \(verdict)")
        continue
      }
      #expect((isSwapped ? difference.leftRefusers : difference.rightRefusers) == [it.refuser])
      #expect((isSwapped ? difference.rightRefusers : difference.leftRefusers).isEmpty)
      #expect(!difference.both.isEmpty && difference.left.isEmpty && difference.right.isEmpty)
      #expect(difference.snapshot.entities.count == it.size, "\(it.after)")
      #expect(Planner.plan(left, on: difference.snapshot).isApplyable)
      #expect(Planner.plan(right, on: difference.snapshot).refusers == [it.refuser])
    }
  }

  /// Names and order of `never` mean nothing.
  @Test func namesAreNoDifference() throws {
    let (pinned, bobs) = ("destroy: runs, where: pinned }", "destroy: runs, where: user == \"bob\" }")
    let one = "never:\n  - { id: m, \(pinned)\n  - { id: n, \(bobs)"
    let other = "never:\n  - { id: y, \(pinned)\n  - { id: x, \(bobs)"
    let result = PolicyComparer.compare(try load(Self.rules + one).policy, try load(Self.rules + other).policy)
    guard case .equivalent = result.verdict else { return #expect(Bool(false), "\(result)") }
  }
}
