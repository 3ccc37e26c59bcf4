/// When the fate of one run or checkpoint next changes, if nothing happens but that time goes by: nobody trains, writes
/// or pins anything, and no plan is applied. Limits and `never`, which refuse plans, are no part of a decision.
public struct NextChange: Sendable, Equatable {
  public enum Finding: Sendable, Equatable {
    /// The first moment at which the decision, or a rule responsible for it, is another one.
    case change(at: Timestamp, to: EntityDecision)
    /// No moment is left at which time alone could change anything.
    case never
    /// It stays as it is until then; further it was not looked.
    case unchanged(before: Timestamp)
  }
  public var present: EntityDecision
  public var finding: Finding
  /// How many plans were made to find out.
  public var plans: Int

  /// - Parameters:
  ///   - horizon: how far to look ahead of the snapshot's `now`.
  ///   - most: how many plans to make at the most; `nil` takes fewer the larger the snapshot is.
  public static func of(
    _ entity: Int, _ policy: Policy, on snapshot: Snapshot, horizon: TimeSpan = .days(366), most: Int? = nil
  ) -> NextChange {
    var focus = Focus(entity, policy, snapshot)
    var plans = 0
    func decision(_ focus: Focus) -> EntityDecision {
      plans += 1
      return EntityDecision(of: focus.entity, focus.snapshot, in: Planner.plan(focus.policy, on: focus.snapshot))
    }
    let instants = DecisiveInstants.find(focus.policy, on: focus.snapshot)
    let present = decision(focus)
    let end = snapshot.now.advanced(by: horizon) ?? Timestamp(nanoseconds: .max)
    let most = most ?? max(8, min(1000, 2_000_000 / max(1, focus.snapshot.entities.count)))
    for instant in instants {
      guard instant <= end else { return NextChange(present: present, finding: .unchanged(before: end), plans: plans) }
      guard plans <= most else {
        return NextChange(present: present, finding: .unchanged(before: instant), plans: plans)
      }
      focus.snapshot.now = instant
      let then = decision(focus)
      if then != present {
        return NextChange(present: present, finding: .change(at: instant, to: then), plans: plans)
      }
    }
    return NextChange(present: present, finding: .never, plans: plans)
  }
}

/// The part of a policy and of a snapshot that can have a say in one entity's fate.
///
/// Quotas and pressure look at everything. Without them an entity's fate depends on the votes on what lies in the same
/// outermost run, and those depend, through rankings, on the members of its groups; on nothing else.
private struct Focus {
  var policy: Policy
  var snapshot: Snapshot
  var entity: Int

  init(_ entity: Int, _ policy: Policy, _ snapshot: Snapshot) {
    (self.entity, self.policy, self.snapshot) = (entity, policy, snapshot)
    self.policy.limits = Limits()
    guard policy.pressures.isEmpty else { return }
    self.policy.properties = []
    self.snapshot.trash = []
    guard policy.quotas.isEmpty else { return }
    self.policy.rules.removeAll { $0.verb == .backup }
    restrict(Self.relevant(entity, self.policy, snapshot))
  }

  private mutating func restrict(_ isRelevant: [Bool]) {
    let all = snapshot.entities
    snapshot.entities = all.indices.filter { isRelevant[$0] }.map { all[$0] }
    entity = isRelevant.prefix(entity).count { $0 }
    snapshot.normalise()
  }

  private static func relevant(_ entity: Int, _ policy: Policy, _ snapshot: Snapshot) -> [Bool] {
    let entities = snapshot.entities
    let parents = ParentTable(entities)
    func outermost(_ entity: Int) -> Int {
      var top = entity
      while let parent = parents[top] { top = parent }
      return top
    }
    let top = outermost(entity)
    let own = entities.indices.map { outermost($0) == top }
    var relevant = own
    let facts = FactReader(
      entities: entities, parents: parents, roots: snapshot.roots, now: snapshot.now, schema: policy.schema)
    for rule in policy.rules {
      guard case .ranked = rule.selector else { continue }
      let members = entities.indices.filter { entities[$0].kind == rule.kind }
      // A stamp that lies ahead makes a group of its own until it is reached.
      let isSteady = rule.per.allSatisfy { key in
        guard case .fact(let reference) = key else { return true }
        return policy.schema.definition(of: reference, on: rule.kind)?.type != .time
      }
      let groups = isSteady ? Grouping(rule.per, on: rule.kind, facts).groups(members) : [members]
      for group in groups where group.contains(where: { own[$0] }) { for member in group { relevant[member] = true } }
    }
    // Facts of the run that holds a checkpoint are read there.
    for entity in entities.indices where relevant[entity] {
      var line = parents[entity]
      while let run = line {
        relevant[run] = true
        line = parents[run]
      }
    }
    return relevant
  }
}
