internal import PolicyCore

extension SmallScopes {
  /// Every pair of checkpoints with one stamp beside a third, over what may be known of how far each was.
  static func tiedCheckpoints() -> [Snapshot] {
    let progress: [(known: [String: Int64], unreadable: [String])] = [
      (["epoch": 1, "number": 0], []), (["epoch": 2, "number": 1], []), (["epoch": 2, "step": 9], []),
      (["step": 5], []), (["number": 7], []), ([:], []), (["number": 3], ["epoch"]), ([:], ["step"]),
    ]
    let now = SnapshotWriter.now.nanoseconds
    let rows = progress.map { known, unreadable in
      var facts: [String: FactValue] = [
        "bytes": .integer(10), "modified_at": .integer(now - 48 * 3_600_000_000_000), "mAP50": .number("0.5"),
      ]
      for (name, count) in known { facts[name] = .integer(count) }
      return FactRow(facts, unreadable: unreadable)
    }
    let run = Entity(
      kind: .run, path: "r", facts: FactRow(["state": .text("finished"), "bytes": .integer(30)]))
    var snapshots: [Snapshot] = []
    for first in rows {
      for second in rows {
        for third in [rows[0], rows[4]] {
          var snapshot = Snapshot(
            now: SnapshotWriter.now, roots: [Root(host: "h", path: "/d/a")],
            entities: [run]
              + zip(["r/a.pt", "r/b.pt", "r/c.pt"] as [ByteString], [first, second, third])
              .map { Entity(kind: .checkpoint, path: $0, facts: $1) })
          snapshot.normalise()
          snapshots.append(snapshot)
        }
      }
    }
    return snapshots
  }

  /// Every selector over a trash, and a quota that takes some.
  static func tiePolicies() -> [Policy] {
    let trash = Rule(id: "trash", verb: .trash, kind: .checkpoint)
    var policies: [Policy] = []
    for ties in Ranking.Ties.allCases {
      for count in [1, 2] {
        for (form, key, better) in [
          (Ranking.Form.best, "mAP50", Direction.higher), (.latest, "modified_at", .higher),
          (.oldest, "modified_at", .lower),
        ] {
          let ranking = Ranking(
            form: form, count: .limited(count), key: FactReference(key), better: better, ties: ties)
          let keep = Rule(id: "keep", verb: .keep, kind: .checkpoint, per: [.run], selector: .ranked(ranking))
          policies.append(Policy(rules: [keep, trash] + Policy.implicitRules()))
        }
      }
    }
    for limit: Int64 in [10, 20] {
      let oldest = OrderKey.fact(
        Operand(FactReference("modified_at"), isAge: true), ascending: false, missing: nil)
      let quota = Quota(
        id: "quota", kind: .checkpoint, per: [.run], limit: limit,
        evict: Eviction(condition: .always, order: [oldest]))
      policies.append(Policy(rules: Policy.implicitRules(), quotas: [quota]))
    }
    return policies
  }
}
