/// What makes two actions the same one, whatever policy or reasons they come from.
public struct ActionKey: Hashable, Sendable {
  public let host: ByteString
  public let root: ByteString
  public let verb: ActionVerb
  public let kind: EntityKind
  public let path: ByteString
  public let record: String?

  public init(_ action: Action) {
    host = action.host
    root = action.root
    verb = action.verb
    kind = action.kind
    path = action.path
    record = action.record
  }
}

/// The difference of two plans, keyed by what is done to what.
public struct PlanDiff: Sendable {
  /// A plan and what it was made from.
  public struct Side: Sendable {
    public var plan: Plan
    public var policyDigest: String
    public var snapshotDigest: String
    public init(plan: Plan, policyDigest: String, snapshotDigest: String) {
      self.plan = plan
      self.policyDigest = policyDigest
      self.snapshotDigest = snapshotDigest
    }
  }

  public enum Cause: String, Sendable, CaseIterable { case policy, snapshot, now }

  /// Something wanted by both plans, whose holders changed.
  public struct KeepChange: Sendable, Equatable {
    public var path: ByteString
    public var root: ByteString
    public var before: [String]
    public var after: [String]
  }

  public var causes: [Cause]
  public var added: [Action]
  public var removed: [Action]
  /// The same action for other reasons: before, after.
  public var changed: [(before: Action, after: Action)]
  public var keeps: [KeepChange]
  public var unchanged: Int
  public var trashBefore: Int64
  public var trashAfter: Int64
  /// How many actions each plan has, and who refuses all of them (`Plan.refusers`).
  public var countBefore: Int
  public var countAfter: Int
  public var refusedBefore: [String]
  public var refusedAfter: [String]
  /// Rules, quotas and settings that differ between the two policies, when both are known.
  public var changedRules: [String]
  /// Which of them, alone, make an action appear or vanish.
  public var attribution: [ActionKey: [String]]

  public var isEmpty: Bool {
    added.isEmpty && removed.isEmpty && changed.isEmpty && keeps.isEmpty && refusedBefore == refusedAfter
  }

  public static func between(
    _ before: Side, _ after: Side, changedRules: [String] = [], attribution: Attribution? = nil
  ) -> PlanDiff {
    func table(_ plan: Plan) -> [ActionKey: Action] {
      Dictionary(plan.actions.map { (ActionKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    }
    let (old, new) = (table(before.plan), table(after.plan))
    let shared = after.plan.actions.compactMap { action in old[ActionKey(action)].map { (before: $0, after: action) } }
    let changed = shared.filter { pair in
      pair.before.because.map(\.rule) != pair.after.because.map(\.rule) || pair.before.bytes != pair.after.bytes
    }
    var causes: [Cause] = []
    if before.policyDigest != after.policyDigest { causes.append(.policy) }
    if before.snapshotDigest != after.snapshotDigest { causes.append(.snapshot) }
    if before.plan.now != after.plan.now { causes.append(.now) }
    return PlanDiff(
      causes: causes, added: after.plan.actions.filter { old[ActionKey($0)] == nil },
      removed: before.plan.actions.filter { new[ActionKey($0)] == nil }, changed: changed,
      keeps: keeps(before.plan, after.plan), unchanged: shared.count - changed.count,
      trashBefore: trashed(before.plan), trashAfter: trashed(after.plan),
      countBefore: before.plan.actions.count, countAfter: after.plan.actions.count,
      refusedBefore: before.plan.refusers, refusedAfter: after.plan.refusers,
      changedRules: attribution?.changedRules ?? changedRules, attribution: attribution?.responsible ?? [:])
  }

  private static func trashed(_ plan: Plan) -> Int64 {
    plan.actions.filter { $0.verb == .trash }.reduce(0) { $0.saturatingAdd($1.bytes) }
  }

  private static func keeps(_ before: Plan, _ after: Plan) -> [KeepChange] {
    struct Key: Hashable {
      let host: ByteString, root: ByteString, path: ByteString
      let kind: EntityKind
    }
    func key(_ held: Held) -> Key { Key(host: held.host, root: held.root, path: held.path, kind: held.kind) }
    let old = Dictionary(before.held.map { (key($0), $0.by.map(\.rule)) }, uniquingKeysWith: { first, _ in first })
    return after.held.compactMap { held in
      guard let rules = old[key(held)], rules != held.by.map(\.rule) else { return nil }
      return KeepChange(path: held.path, root: held.root, before: rules, after: held.by.map(\.rule))
    }
  }
}
