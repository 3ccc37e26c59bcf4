internal import PolicyCore

extension ReferencePlanner {
  /// Who may be evicted, in order.
  func candidates(
    _ eviction: Eviction, among entities: [Int], relief: Relief?, minimumAge: TimeSpan? = nil
  ) -> [Int] {
    let members = entities.filter { entity in
      guard world.truth(eviction.condition, of: entity).isCertain, !isProtected(entity) else { return false }
      if fault != .minAgeIgnored, !world.age(of: entity, isAtLeast: minimumAge, policy).isCertain { return false }
      if let relief, !isFree(entity, for: relief) || mayBeArchived(entity) { return false }
      // A trash that waits for its backup is not overtaken by an eviction.
      if fault != .waitingIsEvicted, !rules(.trash, of: entity).allSatisfy({ isMet($0, entity) }) { return false }
      return eviction.order.allSatisfy { hasPlace($0, entity) }
    }
    let sorted = members.sorted { precedes($0, $1, eviction.order) }
    return fault == .orderReversed ? sorted.reversed() : sorted
  }

  private func hasPlace(_ key: OrderKey, _ entity: Int) -> Bool {
    guard case .fact(let operand, _, let missing) = key else { return true }
    switch world.read(operand, of: entity) {
    case .known: return true
    case .missing: return missing != nil || fault == .orderMissingGoes
    case .unreadable: return fault == .orderUnreadableGoes
    }
  }

  private func precedes(_ left: Int, _ right: Int, _ order: [OrderKey]) -> Bool {
    for key in order {
      switch key {
      case .condition(let condition, let first):
        let isFirst = { (entity: Int) -> Bool in
          let truth = world.truth(condition, of: entity)
          return fault == .unknownOrderConditionFirst ? truth.isPossible : truth.isCertain
        }
        let (a, b) = (isFirst(left), isFirst(right))
        if a != b { return a == first }
      case .fact(let operand, let ascending, let missing):
        switch (world.read(operand, of: left), world.read(operand, of: right)) {
        case (.known(let a), .known(let b)):
          if let order = a.compared(to: b), order != 0 { return ascending ? order < 0 : order > 0 }
        case (.known, _): return missing == .last
        case (_, .known): return missing != .last
        default: break
        }
      }
    }
    let older = fault == .evictionTiesNewest
    if let first = world.precedesByStamp(left, right, policy, newestFirst: older) { return first }
    if fault != .evictionTiesIgnoreProgress,
      let first = world.precedesByProgress(left, right, laterFirst: false)
    {
      return first
    }
    return world.precedesByPlace(left, right)
  }

  // MARK: Quotas

  mutating func applyQuotas() {
    let kinds: [EntityKind] = fault == .checkpointQuotasFirst ? [.checkpoint, .run] : [.run, .checkpoint]
    for kind in kinds {
      var taken: Set<Int> = []
      for quota in policy.quotas where quota.kind == kind {
        for entity in victims(of: quota) {
          taken.insert(entity)
          takers[entity, default: []].insert(quota.id)
        }
      }
      for entity in taken {
        acts[entity] = .trash
        evicted.insert(entity)
      }
    }
  }

  private mutating func victims(of quota: Quota) -> [Int] {
    var groups: [[ReferenceWorld.GroupName]: [Int]] = [:]
    for entity in world.entities.indices {
      let it = world.entities[entity]
      guard it.kind == quota.kind, it.tier == .live, !isGoing(entity) else { continue }
      var name: [ReferenceWorld.GroupName] = []
      for key in quota.per {
        guard let part = world.groupName(key, entity) else { continue }
        name.append(part)
      }
      if name.count < quota.per.count {
        if fault != .quotaTakesGroupless { continue }
        name = [.unknown]
      }
      groups[name, default: []].append(entity)
    }
    var taken: [Int] = []
    for members in groups.values { taken += victims(of: quota, members) }
    return taken
  }

  private mutating func victims(of quota: Quota, _ members: [Int]) -> [Int] {
    let state = self
    func usage(without gone: [Int]) -> Int64 {
      let isGone = { (entity: Int) -> Bool in
        gone.contains(entity) || state.isGoing(entity) || state.ancestors[entity].contains { gone.contains($0) }
      }
      return state.usage(members.filter { !isGone($0) }, isGoing: isGone)
    }
    let before = usage(without: [])
    guard before > quota.limit || (fault == .quotaAtLimit && before == quota.limit) else { return [] }
    let target = fault == .downToIgnored ? quota.limit : quota.downTo.scaled(quota.limit) ?? 0
    let candidates = candidates(quota.evict, among: members, relief: .quota)
    var gone: [Int] = []
    for candidate in candidates {
      let left = usage(without: gone)
      if left <= target { break }
      if fault == .quotaSkipsBig, left - bytes(candidate) < target { continue }
      gone.append(candidate)
    }
    figures.quotasOver += 1
    if usage(without: gone) > target {
      unmet.append("quota \(quota.id) \(usage(without: gone)) > \(target)")
      figures.quotasUnmet += 1
    }
    return gone
  }
}
