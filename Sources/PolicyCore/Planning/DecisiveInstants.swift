/// The moments at which the passing of time alone can change a plan.
///
/// A condition reads the time only through ages, and a comparison of an age with a constant changes at the stamp plus the
/// constant, or one nanosecond later; a stamp that lies ahead is unreadable until it is reached; the trash is purged
/// when its time is over. Between two neighbouring moments of this list every plan has the same actions for the same
/// rules; at one of them nothing need change.
public struct DecisiveInstants {
  /// Nanoseconds from a stamp to a change, for every stamp of a kind that somebody counts from.
  private struct Clock: Hashable {
    let kind: EntityKind
    let stamp: FactReference
  }
  private let now: Int64
  private var waits: [Clock: Set<Int64>] = [:]
  private var found: Set<Int64> = []

  /// All of them after the snapshot's `now`, in order.
  public static func find(_ policy: Policy, on snapshot: Snapshot) -> [Timestamp] {
    find(policy, on: snapshot, deciding: nil)
  }

  /// Those that can change what becomes of some entities; the others only stand in rankings with them.
  static func find(_ policy: Policy, on snapshot: Snapshot, deciding: [Bool]?) -> [Timestamp] {
    var instants = DecisiveInstants(now: snapshot.now.nanoseconds)
    let parents = ParentTable(snapshot.entities)
    if deciding != nil {
      for rule in policy.rules { if case .ranked = rule.selector { instants.count(rule, policy) } }
      instants.look(snapshot.entities, parents: parents, nil, snapshot.roots, policy.schema)
    }
    instants.count(policy)
    instants.look(snapshot.entities, parents: parents, deciding, snapshot.roots, policy.schema)
    for record in snapshot.trash { instants.look(record, policy, snapshot.roots) }
    return instants.found.sorted().map { Timestamp(nanoseconds: $0) }
  }

  private init(now: Int64) { self.now = now }

  private mutating func add(_ stamp: Int64, _ wait: Int64) {
    let (sum, overflow) = stamp.addingReportingOverflow(wait)
    if !overflow, sum > now { found.insert(sum) }
  }

  // MARK: What the policy counts

  private mutating func count(_ policy: Policy) {
    for rule in policy.rules { count(rule, policy) }
    for quota in policy.quotas {
      count(quota.evict, quota.kind, policy)
      count(quota.per, quota.kind)
    }
    for pressure in policy.pressures {
      for step in pressure.relieve {
        switch step {
        case .purge: break
        case .archive(let eviction, let minimumAge): count(eviction, .run, policy, minimumAge)
        case .trash(let kind, let eviction, let minimumAge): count(eviction, kind, policy, minimumAge)
        }
      }
    }
    for property in policy.properties { count(property.condition, property.kind) }
  }

  private mutating func count(_ rule: Rule, _ policy: Policy) {
    count(rule.condition, rule.kind)
    if let after = rule.after { wait(after, policy.defaultStamp(rule.kind), rule.kind) }
    count(rule.per, rule.kind)
    switch rule.selector {
    case nil: break
    case .every(_, let by): read(by, rule.kind)
    case .ranked(let ranking):
      read(ranking.key, rule.kind)
      // It breaks ties.
      read(policy.defaultStamp(rule.kind), rule.kind)
    }
    guard rule.requiresBackup || rule.verb == .backup else { return }
    for kind in EntityKind.allCases {
      read(FactReference("modified_at"), kind)
      read(FactReference("backed_up_at"), kind)
    }
  }

  private mutating func count(_ per: [GroupKey], _ kind: EntityKind) {
    for case .fact(let reference) in per { read(reference, kind) }
  }

  private mutating func count(
    _ eviction: Eviction, _ kind: EntityKind, _ policy: Policy, _ minimumAge: TimeSpan? = nil
  ) {
    count(eviction.condition, kind)
    let stamp = policy.defaultStamp(kind)
    read(stamp, kind)
    if let minimumAge { wait(minimumAge, stamp, kind) }
    for key in eviction.order {
      switch key {
      case .condition(let condition, _): count(condition, kind)
      // All ages grow alike; only those that pass a constant change places.
      case .fact(let operand, _, _): count(operand, operand.fallback.map { [$0] } ?? [], kind)
      }
    }
  }

  private mutating func count(_ condition: Condition, _ kind: EntityKind) {
    switch condition {
    case .always: break
    case .all(let parts), .any(let parts): for part in parts { count(part, kind) }
    case .not(let part): count(part, kind)
    case .compare(let operand, _, let constant): count(operand, [constant], kind)
    case .member(let operand, let constants): count(operand, constants, kind)
    case .isMissing(let reference): read(reference, kind)
    case .matches(let operand, _), .has(let operand, _), .flag(let operand): count(operand, [], kind)
    }
  }

  private mutating func count(_ operand: Operand, _ constants: [Constant], _ kind: EntityKind) {
    read(operand.fact, kind)
    guard operand.isAge else { return }
    for case .duration(let span) in constants {
      wait(span, operand.fact, kind)
      if span.nanoseconds < .max { wait(TimeSpan(nanoseconds: span.nanoseconds + 1), operand.fact, kind) }
    }
  }

  /// A stamp that lies ahead can be read once it is reached.
  private mutating func read(_ fact: FactReference, _ kind: EntityKind) {
    wait(TimeSpan(nanoseconds: 0), fact, kind)
  }

  private mutating func wait(_ span: TimeSpan, _ stamp: FactReference, _ kind: EntityKind) {
    waits[Clock(kind: kind, stamp: stamp), default: [0]].insert(span.nanoseconds)
  }

  // MARK: What the snapshot holds

  private mutating func look(
    _ entities: [Entity], parents: ParentTable, _ counts: [Bool]?, _ roots: [Root], _ schema: FactSchema
  ) {
    // At the end of time every stamp can be read.
    let facts = FactReader(
      entities: entities, parents: parents, roots: roots, now: Timestamp(nanoseconds: .max), schema: schema)
    for kind in EntityKind.allCases {
      let members = entities.indices.filter { entities[$0].kind == kind && counts?[$0] ?? true }
      for (clock, spans) in waits where clock.kind == kind {
        let fact = facts.bind(clock.stamp, on: kind)
        guard fact.type == .time else { continue }
        for entity in members {
          guard case .known(.time(let stamp)) = facts.read(fact, of: entity) else { continue }
          for span in spans { add(stamp.nanoseconds, span) }
          // An age that no longer fits is unreadable.
          if stamp.nanoseconds < 0 { add(stamp.nanoseconds + .max, 1) }
        }
      }
    }
    for entity in entities { for backup in entity.backups { add(backup.at.nanoseconds, 0) } }
  }

  private mutating func look(_ record: TrashRecord, _ policy: Policy, _ roots: [Root]) {
    let trashedAt = record.trashedAt.nanoseconds
    add(trashedAt, 0)
    if let purgeAfter = policy.trash.purgeAfter {
      add(trashedAt, max(purgeAfter, record.purgeAfter ?? purgeAfter).nanoseconds)
    }
    for pressure in policy.pressures {
      for case .purge(let minimumAge?, _) in pressure.relieve { add(trashedAt, minimumAge.nanoseconds) }
    }
    if trashedAt < 0 { add(trashedAt + .max, 1) }
    guard policy.properties.contains(where: { $0.subject == .destroy }) else { return }
    var contents = record.contents
    for index in contents.indices { contents[index].root = record.root }
    look(
      contents, parents: Safeguards.parents(of: record), nil, roots, policy.schema)
  }
}
