internal import PolicyCore
internal import PolicyFormats
internal import Testing

/// A policy and trees small enough to follow by hand.
enum Scene {
  static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
  static let gib: Int64 = 1 << 30

  static func policy(keep count: Int = 2, limits: Limits = Limits(maxTrash: .limited(50))) -> Policy {
    let score = Operand(FactReference("mAP50"), fallback: .number(ExactDecimal(0)))
    let state = Operand(FactReference("state"))
    return Policy(
      name: "shared-gpu-box", trash: TrashSettings(purgeAfter: .hours(24)), limits: limits,
      rules: [
        Rule(
          id: "recent", verb: .keep, kind: .run, per: [.fact(FactReference("user"))],
          selector: .ranked(
            Ranking(form: .latest, count: .limited(count), key: FactReference("finished_at"), better: .higher))),
        Rule(
          id: "good", verb: .keep, kind: .run,
          condition: .compare(score, .greater, .number(ExactDecimal("0.8") ?? ExactDecimal(0)))),
        Rule(
          id: "stale", verb: .trash, kind: .run,
          condition: .member(state, [.text("finished"), .text("failed"), .text("interrupted")]), after: .hours(36),
          because: "not among the latest, not among the best"),
        Rule(
          id: "thin", verb: .trash, kind: .checkpoint,
          condition: .all([
            .compare(Operand(FactReference("state", scope: .run)), .equal, .text("finished")),
            .compare(Operand(FactReference("role")), .equal, .text("epoch")),
          ]), after: .hours(24)),
        Rule(
          id: "thin.keep[0]", verb: .keep, kind: .checkpoint, per: [.run],
          selector: .every(50, by: FactReference("number")), sugar: "thin.keep[0]"),
        Rule(
          id: "thin.keep[1]", verb: .keep, kind: .checkpoint,
          condition: .compare(Operand(FactReference("role")), .equal, .text("epoch")), per: [.run],
          selector: .ranked(
            Ranking(form: .best, count: .limited(1), key: FactReference("mAP50"), better: .higher, missing: .drop)),
          sugar: "thin.keep[1]"),
      ] + Policy.implicitRules())
  }

  static func run(
    _ path: ByteString, user: String = "alice", state: String = "finished", days: Int64 = 20, score: String? = "0.612",
    bytes: Int64 = 3 << 30
  ) -> Entity {
    let ended = FactValue.integer(now.nanoseconds - days * 86_400_000_000_000)
    var facts: [String: FactValue] = [
      "state": .text(ByteString(state)), "user": .text(ByteString(user)), "bytes": .integer(bytes),
      "modified_at": ended,
    ]
    if state != "unknown" { facts["finished_at"] = ended }
    if let score { facts["mAP50"] = .number(score) }
    return Entity(kind: .run, path: path, facts: FactRow(facts))
  }

  static func checkpoint(_ path: ByteString, number: Int64, score: String) -> Entity {
    Entity(
      kind: .checkpoint, path: path,
      facts: FactRow([
        "role": .text("epoch"), "number": .integer(number), "epoch": .integer(number + 1),
        "bytes": .integer(52_428_800),
        "mAP50": .number(score), "modified_at": .integer(now.nanoseconds - 20 * 86_400_000_000_000),
      ]))
  }

  /// Of all runs of a snapshot.
  static func bytes(_ snapshot: Snapshot) -> Int64 {
    snapshot.entities.filter { $0.kind == .run }.reduce(0) { sum, run in
      guard case .value(.integer(let bytes)) = run.facts.fact("bytes") else { return sum }
      return sum + bytes
    }
  }

  static let root = Root(host: "gpu1", path: "/data/runs", device: 66306, inode: 2, fileSystem: "ext4")

  static func snapshot(_ more: [Entity] = [], without: ByteString? = nil) -> Snapshot {
    let entities =
      [
        run("alice/det/exp1", days: 60), run("alice/det/exp2", days: 50, score: "0.871"),
        run("alice/det/exp3", days: 40, score: nil), run("alice/det/exp4", days: 3), run("alice/det/exp5", days: 1),
        run("李雷/特征级融合", user: "李雷", days: 12), run("李雷/exp2", user: "李雷", days: 6),
        run("李雷/exp3", user: "李雷", state: "failed", days: 5, score: nil, bytes: 4096),
        run("bob/live", user: "bob", state: "running", days: 0),
      ]
      + [("epoch0.pt", 0, "0.1"), ("epoch10.pt", 10, "0.5"), ("epoch20.pt", 20, "0.61"), ("epoch30.pt", 30, "0.60")]
      .map { checkpoint(ByteString("alice/det/exp4/weights/" + $0.0), number: $0.1, score: $0.2) }
    var snapshot = Snapshot(now: now, roots: [root], entities: (entities + more).filter { $0.path != without })
    snapshot.normalise()
    return snapshot
  }

  /// Through its file and back: what is shown is what the JSON says.
  static func saved(_ plan: Plan, _ policy: Policy = policy()) throws -> SealedPlan {
    let sealed = PlanCodec.seal(
      plan, policy: policy, files: [("box.yaml", String(repeating: "a", count: 64))],
      locations: ["stale": "box.yaml:40", "thin": "box.yaml:46", "per-user": "box.yaml:60", "full": "box.yaml:70"],
      snapshotDigest: "sha256:" + String(repeating: "c", count: 64))
    return try #require(PlanCodec.decode(PlanCodec.encode(sealed), path: "plan.json").plan)
  }

  static func identity() -> Identity {
    Identity(
      type: .directory, uid: 1000, device: 66306, inode: 99, mountID: 29, size: 4096, modified: now, changed: now,
      born: nil, entries: 3, bytes: gib, newestModified: now, newestChanged: now,
      treeDigest: String(repeating: "d", count: 64))
  }
}
