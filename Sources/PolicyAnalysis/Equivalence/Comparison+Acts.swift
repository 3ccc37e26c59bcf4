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

  /// Who refuses it, by what they are: a limit can be acknowledged, a `never` cannot.
  var refusing: [Check.Subject: [String]] {
    Dictionary(grouping: checks.filter { !$0.holds }, by: \.subject).mapValues { $0.map(\.name).sorted() }
  }
}

extension Difference {
  /// `nil` where the two plans do the same and stand alike.
  init?(_ left: Plan, _ right: Plan, on snapshot: Snapshot, facts: [EntityKind: [String]]) {
    let (a, b) = (left.acts, right.acts)
    let (refusing, other) = (left.refusing, right.refusing)
    self.snapshot = snapshot
    self.facts = facts
    self.left = a.subtracting(b).sorted()
    self.right = b.subtracting(a).sorted()
    leftRefusers = refusing.filter { other[$0.key] == nil }.flatMap(\.value).sorted()
    rightRefusers = other.filter { refusing[$0.key] == nil }.flatMap(\.value).sorted()
    let isRefused = !leftRefusers.isEmpty || !rightRefusers.isEmpty
    both = isRefused ? a.intersection(b).sorted() : []
    if a == b, !isRefused { return nil }
  }
}
