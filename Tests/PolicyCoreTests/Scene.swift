internal import PolicyCore

/// A small world for planner tests: one root, runs that finished so many hours ago.
struct Scene {
  static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
  var entities: [Entity] = []
  var trash: [TrashRecord] = []
  var volumes: [Volume] = []

  static func ago(hours: Int64, nanoseconds: Int64 = 0) -> FactValue {
    .integer(now.nanoseconds - hours * 3_600_000_000_000 - nanoseconds)
  }

  mutating func run(
    _ path: ByteString, state: String = "finished", hours: Int64? = 100, bytes: Int64 = 10, user: ByteString = "alice",
    _ more: [String: FactValue] = [:], unreadable: [String] = [], links: [HardLink] = []
  ) {
    var facts: [String: FactValue] = [
      "state": .text(ByteString(state)), "bytes": .integer(bytes), "user": .text(user),
    ]
    if let hours {
      facts["finished_at"] = Self.ago(hours: hours)
      facts["modified_at"] = Self.ago(hours: hours)
    }
    facts.merge(more) { _, new in new }
    entities.append(Entity(kind: .run, path: path, facts: FactRow(facts, unreadable: unreadable), links: links))
  }

  mutating func checkpoint(_ path: ByteString, hours: Int64 = 100, bytes: Int64 = 1, _ more: [String: FactValue] = [:])
  {
    var facts: [String: FactValue] = ["bytes": .integer(bytes), "modified_at": Self.ago(hours: hours)]
    facts.merge(more) { _, new in new }
    entities.append(Entity(kind: .checkpoint, path: path, facts: FactRow(facts)))
  }

  var snapshot: Snapshot {
    var snapshot = Snapshot(
      now: Self.now, roots: [Root(path: "/data/runs")], volumes: volumes, entities: entities, trash: trash)
    snapshot.normalise()
    return snapshot
  }

  func plan(_ policy: Policy) -> Plan { Planner.plan(policy, on: snapshot) }
}

extension Policy {
  static func of(
    _ rules: [Rule], trash: TrashSettings = TrashSettings(), limits: Limits = Limits(), quotas: [Quota] = [],
    pressures: [Pressure] = [], properties: [Property] = []
  ) -> Policy {
    Policy(
      trash: trash, limits: limits, rules: rules + Policy.implicitRules(), quotas: quotas, pressures: pressures,
      properties: properties)
  }
}

extension Plan {
  /// `trash exp3`, in plan order.
  var moves: [String] { actions.map { "\($0.verb.rawValue) \($0.path.displayText)" } }
  /// `exp1: recent`
  var holds: [String] {
    held.map { "\($0.path.displayText): \($0.by.map(\.rule).joined(separator: " "))" }
  }
}

extension Condition {
  static func stateIn(_ states: ByteString..., run: Bool = false) -> Condition {
    .member(Operand(FactReference("state", scope: run ? .run : .own)), states.map { .text($0) })
  }
  static func mAP50(orZero: Bool, above bound: String) -> Condition {
    .compare(
      Operand(FactReference("mAP50"), fallback: orZero ? .number(.zero) : nil), .greater,
      .number(ExactDecimal(bound) ?? .zero))
  }
}

extension Rule {
  static let stale = Rule(
    id: "stale", verb: .trash, kind: .run, condition: .stateIn("finished", "failed", "interrupted"), after: .hours(24))
  static func latest(_ count: Int, per: [GroupKey] = []) -> Rule {
    Rule(
      id: "recent", verb: .keep, kind: .run, per: per,
      selector: .ranked(
        Ranking(form: .latest, count: .limited(count), key: FactReference("finished_at"), better: .higher)))
  }
}
