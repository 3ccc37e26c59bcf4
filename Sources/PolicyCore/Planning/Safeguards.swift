/// `never` and `limits`: what refuses a whole plan.
struct Safeguards {
  let policy: Policy
  let votes: Votes
  let snapshot: Snapshot

  /// Records that a `never destroy` speaks of: held, and refusing nothing.
  func heldRecords() -> [Int: [String]] {
    let properties = policy.properties.filter { $0.subject == .destroy }
    guard !properties.isEmpty else { return [:] }
    var held: [Int: [String]] = [:]
    for (index, record) in snapshot.trash.enumerated() {
      let facts = Self.facts(of: record, snapshot, policy)
      let violated = properties.filter { property in
        let condition = BoundCondition(
          property.condition, on: property.kind, facts, defaultStamp: policy.defaultStamp(property.kind))
        return record.contents.indices.contains { entity in
          let content = record.contents[entity]
          return content.kind == property.kind && content.path.isAtOrBelow(record.path)
            && condition.truth(of: entity, facts).may
        }
      }
      if !violated.isEmpty { held[index] = violated.map(\.id) }
    }
    return held
  }

  /// Who lies in whom among the contents of a record.
  static func parents(of record: TrashRecord) -> ParentTable {
    ParentTable(
      record.contents.map { content -> Int? in
        record.contents.indices
          .filter {
            record.contents[$0].kind == .run && record.contents[$0].path != content.path
              && content.path.isAtOrBelow(record.contents[$0].path)
          }
          .max { record.contents[$0].path.count < record.contents[$1].path.count }
      })
  }

  /// The contents of a record as a table of their own; a run that held a trashed checkpoint may stand among them.
  private static func facts(of record: TrashRecord, _ snapshot: Snapshot, _ policy: Policy) -> FactReader {
    let parents = parents(of: record)
    var contents = record.contents
    for index in contents.indices { contents[index].root = record.root }
    return FactReader(
      entities: contents, parents: parents, roots: snapshot.roots, now: snapshot.now, schema: policy.schema
    )
  }

  /// One check for every `never`, in order of ids.
  func properties(_ going: Going) -> [Check] {
    let tree = going.tree
    if policy.properties.isEmpty { return [] }
    var fates = [Going.Fate](repeating: .stays, count: tree.entities.count)
    for entity in tree.entities.indices where going.acts(entity) {
      tree.forEachAtOrBelow(entity) { fates[$0] = going.fates[entity] }
    }
    return policy.properties.map { property in
      let condition = BoundCondition(
        property.condition, on: property.kind, votes.facts, defaultStamp: policy.defaultStamp(property.kind))
      let wanted: Going.Fate = property.subject == .destroy ? .trash : .archive
      let violators = tree.entities.indices.filter {
        tree.entities[$0].kind == property.kind && fates[$0] == wanted
          && condition.truth(of: $0, votes.facts).may
      }
      return Check(
        subject: .never, name: property.id, holds: violators.isEmpty,
        violators: violators.map { tree.entities[$0].path })
    }
  }

  /// One check for every limit that is set.
  func limits(_ going: Going) -> [Check] {
    let entities = votes.entities
    let acting = entities.indices.filter { going.acts($0) }
    let trashed = acting.filter { going.fates[$0] == .trash }
    var checks: [Check] = []
    func check(_ name: String, _ value: Int64, _ maximum: Int64) {
      checks.append(
        Check(subject: .limit, name: name, holds: value <= maximum, value: value, maximum: maximum))
    }
    func maximum(_ count: Count) -> Int64? {
      switch count {
      case .none: 0
      case .all: nil
      case .limited(let count): Int64(count)
      }
    }
    if let limit = policy.limits.maxArchive, let most = maximum(limit) {
      check("max_archive", Int64(acting.filter { going.fates[$0] == .archive }.count), most)
    }
    let runs = entities.indices.filter { entities[$0].kind == .run && entities[$0].tier == .live }
    if let share = policy.limits.maxShare {
      // Runs that go with the run around them are gone as well.
      let lost = trashed.filter { entities[$0].kind == .run }.reduce(0) { sum, run in
        sum + going.tree.allAtOrBelow(run).count { entities[$0].kind == .run && entities[$0].tier == .live }
      }
      check("max_share", Int64(lost), share.scaled(Int64(runs.count)) ?? 0)
    }
    if let limit = policy.limits.maxTrash, let most = maximum(limit) { check("max_trash", Int64(trashed.count), most) }
    if let limit = policy.limits.maxTrashBytes {
      var (state, freed) = (Going(going.tree), Freed())
      for entity in trashed { freed.take(entity, .trash, &state, snapshot.roots) }
      switch limit {
      case .bytes(let most): check("max_trash_bytes", freed.moved.total, most)
      case .share(let share):
        var live = Usage()
        let before = Going(going.tree)
        for run in runs { live.add(before.share(of: run, snapshot.roots)) }
        check("max_trash_bytes", freed.moved.total, share.scaled(live.total) ?? 0)
      }
    }
    return checks
  }

  /// Why the plan is refused, in words.
  static func refusals(_ checks: [Check]) -> [String] {
    checks.filter { !$0.holds }.map { check in
      switch check.subject {
      case .never:
        let first = check.violators.first?.displayText ?? ""
        let others = check.violators.count > 1 ? " and \(check.violators.count - 1) more" : ""
        return "never `\(check.name)` does not hold: \(first)\(others)"
      case .limit:
        return "limit `\(check.name)` is exceeded: \(check.value ?? 0) where at most \(check.maximum ?? 0) is allowed"
      }
    }
  }
}
