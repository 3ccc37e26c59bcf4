import PolicyAnalysis
import PolicyCore
import PolicySyntax
import Testing

/// What a comparison shows: whether it finds a snapshot at all, and how small that is.
@Suite struct WitnessTests {
  static let box = """
    version: 1
    roots: [/data/runs]
    trash: { purge_after: 24h }
    limits: { max_trash: 200 }
    rules:
      - { id: recent, keep: runs, where: state != failed, per: user, latest: 3 }
      - { id: best-ever, keep: runs, per: [user, project], best: { n: 2, by: mAP50, missing: drop } }
      - { id: good, keep: runs, where: mAP50 ?? 0 > 0.8 }
      - { id: failed-starts, trash: runs, where: state == failed, after: 24h }
      - { id: stale, trash: runs, where: "state in [finished, interrupted]", after: 14d }
    quotas:
      - id: user-500g
        of: runs
        per: user
        limit: 500GiB
        down_to: 90%
        evict:
          where: state in [finished, failed, interrupted] and age > 24h
          order: [state == failed first, mAP50 asc missing first, finished_at asc]
    """

  static func compare(_ left: String, _ right: String) throws -> PolicyComparison {
    PolicyComparer.compare(try load(left).policy, try load(right).policy)
  }

  static func shown(_ left: String, _ right: String) throws -> Snapshot? {
    if case .different(let difference) = try compare(left, right).verdict { difference.snapshot } else { nil }
  }

  static func acts(_ text: String, _ snapshot: Snapshot) throws -> Set<ActionKey> {
    Set(Planner.plan(try load(text).policy, on: snapshot).actions.map { ActionKey($0) })
  }

  static let edits: [(from: String, to: String)] = [
    ("mAP50 ?? 0 > 0.8", "mAP50 ?? 0 >= 0.8"), ("mAP50 ?? 0 > 0.8", "mAP50 > 0.8"),
    ("  - { id: good, keep: runs, where: mAP50 ?? 0 > 0.8 }\n", ""),
    ("  - { id: failed-starts, trash: runs, where: state == failed, after: 24h }\n", ""),
    ("id: good, keep: runs", "id: good, protect: runs"), ("latest: 3", "latest: 4"),
    ("limit: 500GiB", "limit: 400GiB"),
    ("mAP50 asc missing first, finished_at asc]", "finished_at asc]"),
  ]

  /// Nothing can be left out of a snapshot that shows a difference.
  @Test(arguments: edits) func nothingCanGo(_ edit: (from: String, to: String)) throws {
    #expect(Self.box.contains(edit.from))
    let after = Self.box.replacing(edit.from, with: edit.to)
    let snapshot = try #require(try Self.shown(Self.box, after), "\(edit)")
    let (left, right) = (try Self.acts(Self.box, snapshot), try Self.acts(after, snapshot))
    #expect(left != right)
    for index in snapshot.entities.indices {
      var smaller = snapshot
      let gone = smaller.entities.remove(at: index)
      if gone.kind == .run { smaller.entities.removeAll { $0.path.isAtOrBelow(gone.path) } }
      smaller.normalise()
      let (left, right) = (try Self.acts(Self.box, smaller), try Self.acts(after, smaller))
      #expect(left == right, "\(edit.to): without \(gone.path)")
    }
  }

  static func keeping(_ pattern: String) -> String {
    """
    version: 1
    roots: [runs]
    trash: { purge_after: 7d }
    rules:
      - { id: k, keep: runs, where: path matches "\(pattern)" }
      - { id: t, trash: runs, where: state == finished, after: 7d }
    """
  }

  /// Paths of another depth than the shortest that a pattern can match.
  @Test(arguments: [("alice/*", "alice/**"), ("alice/*/keep", "alice/*/keep*"), ("*", "**"), ("*/exp*", "**/exp*")])
  func depthCounts(_ left: String, _ right: String) throws {
    #expect(try Self.shown(Self.keeping(left), Self.keeping(right)) != nil)
  }

  /// Edits that only certain values show: numbers that one step divides, another host, a value that is not there.
  @Test(arguments: [
    ("every: { n: 10 }", "every: { n: 20 }", 2), ("every: { n: 20 }", "every: { n: 10 }", 2),
    ("every: { n: 10 }", "every: { n: 15 }", 2), ("per: user, latest: 2", "per: [user, host], latest: 2", 3),
    ("mAP50 asc missing first", "mAP50 asc missing last", 2),
  ]) func valuesThatShowIt(_ from: String, _ to: String, _ size: Int) throws {
    let text = """
      version: 1
      roots: [/data/runs]
      trash: { purge_after: 3d }
      rules:
        - { id: ev, keep: checkpoints, per: run, every: { n: 10 } }
        - { id: c, trash: checkpoints, where: run.state == finished, after: 2d }
        - { id: k, keep: runs, per: user, latest: 2, where: state != interrupted }
        - { id: t, trash: runs, where: state == failed, after: 9d }
      quotas:
        - { id: q, of: runs, per: user, limit: 1TB, evict: { where: state == interrupted, order: [mAP50 asc missing first] } }
      """
    let before = text.contains(from) ? text : text.replacing(to, with: from)
    #expect(before.contains(from))
    let snapshot = try #require(try Self.shown(before, before.replacing(from, with: to)), "\(from)")
    #expect(snapshot.entities.count == size, "\(to): \(snapshot.entities.map(\.path))")
  }

  /// Quotas that differ are named, key by key.
  @Test func quotasThatDifferAreNamed() throws {
    func settings(_ from: String, _ to: String) throws -> [String] {
      try Self.compare(Self.box, Self.box.replacing(from, with: to)).settings
    }
    #expect(try settings(", finished_at asc]", ", finished_at desc]") == ["quotas.user-500g.evict.order"])
    #expect(try settings("down_to: 90%", "down_to: 80%") == ["quotas.user-500g.down_to"])
    #expect(try settings("id: user-500g", "id: user-half-a-tebibyte").isEmpty)
  }

  /// The same quotas take the same where the rules vote alike on everything.
  @Test func equalQuotasMeetEqualVotes() throws {
    let said = Self.box.replacing(
      "\"state in [finished, interrupted]\"", with: "\"not (state in [failed, running, unknown])\"")
    let same = try Self.compare(Self.box, said)
    guard case .equivalent = same.verdict else { return #expect(Bool(false), "\(same)") }
    // What only the quota sees is no equivalence: a keep that gives way is not one that does not.
    let soft = Self.box.replacing("per: user, latest: 3", with: "per: user, latest: 3, yields_to: [quota]")
    if case .equivalent = try Self.compare(Self.box, soft).verdict { #expect(Bool(false), "a soft keep is a keep") }
  }

  /// Three later ones that stay, and the one that is too much by itself: nothing has to fill up a quota that is gone.
  @Test func aQuotaIsShownWithoutFiller() throws {
    let rules = String(try #require(Self.box.split(separator: "quotas:").first))
    let snapshot = try #require(try Self.shown(Self.box, rules))
    #expect(snapshot.entities.count == 4, "\(snapshot.entities.map(\.path))")
  }
}
