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
    let instants = DecisiveInstants.find(focus.policy, on: focus.snapshot, deciding: focus.deciding)
    let present = decision(focus)
    let end = snapshot.now.advanced(by: horizon) ?? Timestamp(nanoseconds: .max)
    let most = most ?? max(8, min(1000, 1_000_000 / max(1, focus.snapshot.entities.count)))
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
/// Pressure looks at everything. Without it an entity's fate depends on what lies in the same outermost run; through
/// quotas, on the fates of the other members of its groups, and so on; and through rankings on who else stands in them,
/// but not on what becomes of those.
private struct Focus {
  var policy: Policy
  var snapshot: Snapshot
  var entity: Int
  /// Whose fate matters; the others only stand in rankings. `nil`: everybody's.
  var deciding: [Bool]?

  init(_ entity: Int, _ policy: Policy, _ snapshot: Snapshot) {
    (self.entity, self.policy, self.snapshot) = (entity, policy, snapshot)
    self.policy.limits = Limits()
    guard policy.pressures.isEmpty else { return }
    self.policy.properties = []
    self.policy.rules.removeAll { $0.verb == .backup }
    self.snapshot.trash = []
    let circle = Circle(self.policy, snapshot)
    let deciding = circle.deciding(with: entity)
    restrict(to: circle.standing(with: deciding), deciding)
  }

  private mutating func restrict(to isRelevant: [Bool], _ isDeciding: [Bool]) {
    let all = snapshot.entities
    let kept = all.indices.filter { isRelevant[$0] }
    snapshot.entities = kept.map { all[$0] }
    deciding = kept.map { isDeciding[$0] }
    entity = isRelevant.prefix(entity).count { $0 }
    snapshot.normalise()
  }
}

/// Who has to do with whom.
private struct Circle {
  let policy: Policy
  let snapshot: Snapshot
  let facts: FactReader
  /// The outermost run of each entity, or itself.
  let tops: [Int]

  init(_ policy: Policy, _ snapshot: Snapshot) {
    (self.policy, self.snapshot) = (policy, snapshot)
    let parents = ParentTable(snapshot.entities)
    facts = FactReader(
      entities: snapshot.entities, parents: parents, roots: snapshot.roots, now: snapshot.now, schema: policy.schema)
    tops = snapshot.entities.indices.map { entity in
      var top = entity
      while let parent = parents[top] { top = parent }
      return top
    }
  }

  /// Those whose fates hang together: in one outermost run, or in one group of a quota.
  func deciding(with entity: Int) -> [Bool] {
    let groups = policy.quotas.flatMap { self.groups($0.per, on: $0.kind) }
    var isIn = [Bool](repeating: false, count: snapshot.entities.count)
    isIn[tops[entity]] = true
    var grows = true
    while grows {
      grows = false
      for group in groups where group.contains(where: { isIn[tops[$0]] }) {
        for member in group where !isIn[tops[member]] {
          isIn[tops[member]] = true
          grows = true
        }
      }
    }
    return tops.map { isIn[$0] }
  }

  /// Those, the members of their rankings, and the runs around all of these, whose facts are read there.
  func standing(with deciding: [Bool]) -> [Bool] {
    var standing = deciding
    for rule in policy.rules {
      guard case .ranked = rule.selector else { continue }
      for group in groups(rule.per, on: rule.kind) where group.contains(where: { deciding[$0] }) {
        for member in group { standing[member] = true }
      }
    }
    for entity in standing.indices where standing[entity] {
      var line = facts.parents[entity]
      while let run = line {
        standing[run] = true
        line = facts.parents[run]
      }
    }
    return standing
  }

  private func groups(_ per: [GroupKey], on kind: EntityKind) -> [[Int]] {
    let members = snapshot.entities.indices.filter { snapshot.entities[$0].kind == kind }
    // A stamp that lies ahead makes a group of its own until it is reached.
    let isSteady = per.allSatisfy { key in
      guard case .fact(let reference) = key else { return true }
      return policy.schema.definition(of: reference, on: kind)?.type != .time
    }
    return isSteady ? Grouping(per, on: kind, facts).groups(members) : [members]
  }
}
