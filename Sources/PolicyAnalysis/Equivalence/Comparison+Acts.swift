public import PolicyCore

/// What a plan does to one thing, without reasons.
public struct PlannedAct: Hashable, Sendable, Comparable {
  public let verb: ActionVerb
  public let kind: EntityKind
  public let path: ByteString
  public let tier: Tier
  /// Of a purge: the record.
  public let record: String
  /// Of an archive or backup: where it goes.
  public let target: String

  init(_ action: Action) {
    verb = action.verb
    kind = action.kind
    path = action.path
    tier = action.tier
    record = action.record ?? ""
    target = action.verb == .archive || action.verb == .backup ? action.target ?? "" : ""
  }

  private var key: [String] { [kind.rawValue, verb.rawValue, tier.rawValue, record, target] }

  public static func < (left: PlannedAct, right: PlannedAct) -> Bool {
    left.path == right.path ? left.key.lexicographicallyPrecedes(right.key) : left.path < right.path
  }
}

extension Plan {
  /// What it does, as a set.
  var acts: Set<PlannedAct> { Set(actions.map { PlannedAct($0) }) }
}
