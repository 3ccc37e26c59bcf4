internal import PolicyCore

extension Scene {
  static func action(
    _ verb: ActionVerb, _ path: ByteString, kind: EntityKind = .run, bytes: Int64 = 3 << 30, target: String? = nil,
    now freed: Int64 = 0, because: [Reason], notKept: [NearMiss] = [], record: String? = nil
  ) -> Action {
    Action(
      verb: verb, kind: kind, host: root.host, root: root.path, path: path, record: record, owner: "alice",
      bytes: bytes,
      target: target, freesVolume: "/data", freesNow: freed, freesLater: verb == .trash ? bytes : 0, because: because,
      notKept: notKept, expect: verb == .purge ? nil : identity(), purgeAfter: verb == .trash ? .hours(24) : nil)
  }

  /// One of everything that a plan can say.
  static func everything() -> Plan {
    let age = FactReading(fact: "age", value: "30d")
    let state = FactReading(fact: "state", value: "finished")
    let user = FactReading(fact: "user", value: "alice")
    let quota = Reason(
      rule: "per-user", readings: [FactReading(fact: "mAP50", value: "0.31")], group: [user], usage: 612 * gib,
      limit: 500 * gib)
    var counts = Plan.Counts()
    (counts.runs.total, counts.runs.archive, counts.runs.trash, counts.runs.kept) = (14, 1, 3, 6)
    (counts.runs.protected, counts.runs.undecided) = (2, 2)
    (counts.checkpoints.total, counts.checkpoints.withRun, counts.checkpoints.kept) = (40, 11, 29)
    (counts.unreadable, counts.skippedByQuota) = (1, 2)
    let question = Undecided.Question(rule: "stale", unknown: [FactReading(fact: "finished_at", value: "missing")])
    let unread = Undecided.Question(rule: "stale", unknown: [FactReading(fact: "mAP50", value: "unreadable")])
    func undecided(_ path: ByteString, _ question: Undecided.Question) -> Undecided {
      Undecided(kind: .run, host: root.host, root: root.path, path: path, questions: [question])
    }
    func held(_ path: ByteString, _ by: [Held.Holder], kind: EntityKind = .run) -> Held {
      Held(kind: kind, host: root.host, root: root.path, path: path, bytes: gib, wanted: ["stale"], by: by)
    }
    return Plan(
      now: now, roots: [root],
      actions: [
        action(
          .backup, "alice/det/exp2", target: "/mnt/nas/runs",
          because: [Reason(rule: "keepers", readings: [state, FactReading(fact: "backed_up_at", value: "missing")])]),
        action(
          .archive, "alice/det/exp1", target: "/mnt/nas/packed", now: 2 * gib,
          because: [Reason(rule: "pack", readings: [state, age])]),
        action(
          .trash, "alice/det/exp7", bytes: 12 * gib, because: [quota, Reason(rule: "stale", readings: [age, state])],
          notKept: [
            NearMiss(rule: "good", readings: [FactReading(fact: "mAP50", value: "0.31")]),
            NearMiss(rule: "recent", rank: 3, of: 9, keeps: 2),
          ]),
        action(
          .trash, "alice/det/a name that is far longer than the column that names have in this table", bytes: 512,
          because: [Reason(rule: "full", readings: [FactReading(fact: "age", value: "9d4h")])],
          notKept: [NearMiss(rule: "best-ever", missing: ["mAP50"])]),
        action(
          .trash, "李雷/特征级融合", because: [Reason(rule: "stale", readings: [age, state])],
          notKept: [NearMiss(rule: "recent", rank: 22, of: 23, keeps: 2)]),
        action(
          .purge, "bob/old\n\u{202E}gnp", bytes: 7 * gib, now: 7 * gib,
          because: [Reason(rule: "trash.purge_after", readings: [FactReading(fact: "age", value: "2d")])], record: "r1"),
      ],
      held: [
        held("alice/det/exp3", [Held.Holder(rule: "recent", rank: 1, of: 9)]),
        held("alice/det/exp4", [Held.Holder(rule: "good"), Held.Holder(rule: "recent", rank: 2, of: 9)]),
        held("bob/exp1", [Held.Holder(rule: "good", unknown: ["mAP50"])]),
        held("bob/exp2/weights/best.pt", [Held.Holder(rule: "builtin-pins", via: "bob/exp2")], kind: .checkpoint),
      ],
      undecided: (1...7).map { undecided(ByteString("carol/exp\($0)"), question) } + [undecided("dan/exp1", unread)],
      unmet: [
        Unmet(
          want: .quota, id: "per-user", group: [user], usage: 580 * gib, target: 500 * gib, heldBy: ["good", "recent"]),
        Unmet(
          want: .pressure, id: "full", group: [FactReading(fact: "volume", value: "/data")], usage: 910 * gib,
          target: 800 * gib, later: 15 * gib, heldBy: []),
      ],
      checks: [
        Check(subject: .limit, name: "max_trash", holds: true, value: 3, maximum: 200),
        Check(subject: .limit, name: "max_trash_bytes", holds: true, value: 15 * gib, maximum: 100 * gib),
        Check(subject: .never, name: "no-good-model-lost", holds: true),
      ],
      counts: counts, refusals: [])
  }
}
