internal import PolicyCore

/// Every pair of runs over a few values, and every keep over a trash: nothing left to chance.
enum SmallScopes {
  private static func facts() -> [FactRow] {
    let now = SnapshotWriter.now.nanoseconds
    let hour: Int64 = 3_600_000_000_000
    var rows: [FactRow] = []
    for metric in ["0.5", "0.50", "0.8", nil, "x"] {
      for age: Int64? in [24 * hour, 24 * hour + 1, nil, -hour] {
        var facts: [String: FactValue] = [
          "state": .text("finished"), "user": .text("u"), "bytes": .integer(10),
          "modified_at": .integer(now - 48 * hour),
        ]
        if let metric { facts["mAP50"] = .number(metric) }
        if let age { facts["finished_at"] = .integer(now - age) }
        rows.append(FactRow(facts))
      }
    }
    return rows
  }

  static func snapshots() -> [Snapshot] {
    let rows = facts()
    var snapshots: [Snapshot] = []
    for first in rows {
      for second in rows {
        var snapshot = Snapshot(
          now: SnapshotWriter.now, roots: [Root(host: "h", path: "/d/a")],
          entities: [
            Entity(kind: .run, path: "r1", facts: first), Entity(kind: .run, path: "r2", facts: second),
          ])
        snapshot.normalise()
        snapshots.append(snapshot)
      }
    }
    return snapshots
  }

  static func policies() -> [Policy] {
    var keeps: [Rule] = []
    for ties in Ranking.Ties.allCases {
      for missing in Ranking.MissingKeys.allCases {
        for (form, key, better) in [
          (Ranking.Form.best, "mAP50", Direction.higher), (.latest, "finished_at", .higher),
          (.oldest, "finished_at", .lower),
        ] {
          let ranking = Ranking(
            form: form, count: .limited(1), key: FactReference(key), better: better, missing: missing, ties: ties)
          keeps.append(Rule(id: "keep", verb: .keep, kind: .run, selector: .ranked(ranking)))
        }
      }
    }
    for verb in [Verb.keep, .protect, .archive] {
      let condition = Condition.compare(
        Operand(FactReference("mAP50")), .greater, .number(ExactDecimal("0.5") ?? .zero))
      keeps.append(Rule(id: "keep", verb: verb, kind: .run, condition: condition))
    }
    let trash = Rule(id: "trash", verb: .trash, kind: .run, after: nil)
    let late = Rule(id: "trash", verb: .trash, kind: .run, after: .hours(24))
    return keeps.flatMap { keep in
      [trash, late].map { Policy(rules: [keep, $0] + Policy.implicitRules()) }
    }
  }
}
