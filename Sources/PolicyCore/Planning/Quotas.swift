/// What quotas evict: for every group over its limit the shortest prefix of its candidates.
struct QuotaRelief {
  let policy: Policy
  let votes: Votes
  let roots: [Root]

  struct Result {
    var evicted: [(entity: Int, reason: Reason)] = []
    var unmet: [Unmet] = []
    /// Entities skipped because their `per` fact is not known.
    var skipped: Set<Int> = []
  }

  /// Quotas of one kind, each from the same state; the evictions are united by the caller.
  func relieve(_ kind: EntityKind, _ going: Going) -> Result {
    var result = Result()
    for quota in policy.quotas where quota.kind == kind { enforce(quota, going, &result) }
    return result
  }

  private func enforce(_ quota: Quota, _ start: Going, _ result: inout Result) {
    let facts = votes.facts
    let grouping = Grouping(quota.per, on: quota.kind, facts)
    let members = votes.entities.indices.filter {
      votes.entities[$0].kind == quota.kind && votes.entities[$0].tier == .live
    }
    result.skipped.formUnion(members.filter { !grouping.isKnown($0) })
    let condition = BoundCondition(
      quota.evict.condition, on: quota.kind, facts, defaultStamp: policy.defaultStamp(quota.kind))
    let order = EvictionOrder(quota.evict.order, on: quota.kind, policy, facts)
    for group in grouping.groups(members.filter { grouping.isKnown($0) }) {
      var going = start
      var usage = Usage()
      let inGroup = Set(group)
      for entity in group where !going.isGoing[entity] { usage.add(going.share(of: entity, roots)) }
      guard usage.total > quota.limit else { continue }
      let before = usage.total
      let target = quota.downTo.scaled(quota.limit) ?? quota.limit
      let words = group.first.map { grouping.words($0) } ?? []
      let candidates = order.sorted(
        group.filter { !going.isGoing[$0] && Candidates(votes: votes).mayTrash($0, condition, against: .quota) })
      for entity in candidates {
        if usage.total <= target { break }
        if going.isGoing[entity] { continue }
        for member in going.tree.allAtOrBelow(entity) where inGroup.contains(member) && !going.isGoing[member] {
          usage.remove(going.share(of: member, roots))
        }
        going.set(entity, .trash)
        result.evicted.append(
          (
            entity,
            Reason(
              rule: quota.id, readings: condition.readings(of: entity, facts), text: quota.because, group: words,
              usage: before, limit: quota.limit)
          ))
      }
      if usage.total > target {
        let holders = group.filter { !going.isGoing[$0] }.flatMap { votes.holdingRules($0, against: .quota) }
        result.unmet.append(
          Unmet(
            want: .quota, id: quota.id, group: words, usage: usage.total, target: target,
            heldBy: Set(holders).sorted()))
      }
    }
  }
}

/// Who may be evicted at all.
struct Candidates {
  let votes: Votes

  /// must(where), P* = ∅, K = ∅, every soft keep yields, A° = ∅, and no rule's trash waits for a backup.
  func mayTrash(_ entity: Int, _ condition: BoundCondition, against relief: Relief) -> Bool {
    !votes.isProtected[entity] && !votes.isKept(entity, against: relief) && !votes.awaitsArchive(entity)
      && !votes.waitsForBackup(entity) && condition.truth(of: entity, votes.facts).must
  }

  /// For archiving under pressure: keeps do not matter, nothing is lost.
  func mayArchive(_ entity: Int, _ condition: BoundCondition) -> Bool {
    !votes.isProtected[entity] && !votes.waitsForBackup(entity) && condition.truth(of: entity, votes.facts).must
  }
}

extension Votes {
  /// Ids of the rules that hold an entity against this relief.
  func holdingRules(_ entity: Int, against relief: Relief) -> [String] {
    holders(of: entity).filter { holder in
      guard let rule = policy.rules.first(where: { $0.id == holder.rule }) else { return true }
      return rule.verb != .keep || rule.yieldsTo.isEmpty || !rule.yieldsTo.contains(relief)
    }.map(\.rule)
  }
}
