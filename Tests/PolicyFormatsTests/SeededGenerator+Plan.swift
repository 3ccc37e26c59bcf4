internal import PolicyCore
internal import PolicyFormats

extension SeededGenerator {
  mutating func readings() -> [FactReading] {
    let names = ["state", "age", "mAP50", "mAP50-95", "bytes"].shuffled(using: &self).prefix(below(4))
    return names.map { FactReading(fact: $0, value: text()) }
  }

  private mutating func ruleID() -> String { "rule-\(below(5))" }
  private mutating func small() -> Int { below(100) }
  private mutating func bytes() -> Int64 { Int64(below(1 << 50)) }

  mutating func action(_ root: Root, verb: ActionVerb) -> Action {
    Action(
      verb: verb, kind: pick(EntityKind.allCases), host: root.host, root: root.path, path: path(),
      tier: chance(10) ? .archived : .live, record: verb == .purge ? "record-\(next())" : nil,
      owner: maybe { $0.name() }, bytes: bytes(), target: maybe { $0.word() }, freesVolume: maybe { $0.name() },
      freesNow: bytes(), freesLater: bytes(),
      because: (0...below(2)).map {
        Reason(
          rule: "rule-\($0)", readings: readings(), text: maybe { $0.text() }, group: chance(20) ? readings() : [],
          usage: maybe { $0.bytes() }, limit: maybe { $0.bytes() })
      },
      notKept: (0..<below(3)).map {
        NearMiss(
          rule: "keep-\($0)", rank: maybe { $0.small() }, of: maybe { $0.small() }, keeps: maybe { $0.small() },
          missing: chance(30) ? ["mAP50"] : [], readings: chance(30) ? readings() : [])
      },
      expect: verb == .purge ? nil : identity(), needs: chance(20) ? ["backup"] : [],
      purgeAfter: maybe { _ in .hours(24) })
  }

  mutating func plan() -> Plan {
    let roots = [
      Root(host: "gpu1", path: "/data/runs", device: next(), inode: next(), mountID: 29, fileSystem: "ext4"),
      Root(host: name(), path: ByteString([0x2F] + name().bytes + [0x31]), device: 1, inode: 2),
    ]
    var counts = Plan.Counts()
    (counts.runs.total, counts.runs.trash, counts.runs.kept, counts.runs.protected) = (small(), small(), small(), 2)
    (counts.checkpoints.total, counts.checkpoints.withRun, counts.unreadable) = (small(), small(), small())
    (counts.checkpoints.undecided, counts.runs.archive, counts.skippedByQuota) = (small(), small(), small())
    return Plan(
      now: time(), roots: roots,
      actions: ActionVerb.allCases.flatMap { verb in (0..<below(4)).map { _ in action(pick(roots), verb: verb) } },
      held: (0..<below(4)).map { _ in
        Held(
          kind: pick(EntityKind.allCases), host: roots[0].host, root: roots[0].path, path: path(),
          tier: chance(10) ? .archived : .live, record: maybe { _ in "r" }, bytes: bytes(), wanted: [ruleID()],
          by: (0...below(2)).map { _ in
            Held.Holder(
              rule: ruleID(), rank: maybe { $0.small() }, of: maybe { $0.small() },
              unknown: chance(20) ? ["mAP50"] : [], via: maybe { $0.name() })
          })
      },
      undecided: (0..<below(4)).map { _ in
        Undecided(
          kind: pick(EntityKind.allCases), host: roots[0].host, root: roots[0].path, path: path(),
          tier: chance(10) ? .archived : .live,
          questions: [Undecided.Question(rule: ruleID(), unknown: readings())])
      },
      unmet: (0..<below(3)).map { _ in
        Unmet(
          want: pick([.quota, .pressure]), id: ruleID(), group: readings(), usage: bytes(), target: bytes(),
          later: bytes(), heldBy: [ruleID()])
      },
      checks: [
        Check(subject: .limit, name: "max_trash", holds: true, value: 2, maximum: 200),
        Check(subject: .never, name: "no-loss", holds: chance(50), violators: (0..<below(3)).map { _ in path() }),
      ],
      counts: counts, refusals: chance(20) ? [text()] : [])
  }

  mutating func sealedPlan() -> SealedPlan {
    PlanCodec.seal(
      plan(), policy: policy(),
      files: [("box.yaml", String(repeating: "a", count: 64)), ("base.yaml", String(repeating: "b", count: 64))],
      locations: ["rule-0": "box.yaml:12", "rule-1": "base.yaml:3", "nobody": "box.yaml:1"],
      snapshotDigest: "sha256:" + String(repeating: "c", count: 64))
  }
}
