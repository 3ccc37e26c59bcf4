internal import PolicyCore

extension ReferenceWorld {
  /// `age ≥ after`, by the stamp that plain `age` counts from.
  func age(of entity: Int, isAtLeast span: TimeSpan?, _ policy: Policy) -> Kleene {
    guard let span else { return .yes }
    let stamp = policy.defaultStamp(entities[entity].kind)
    guard case .known(.nanoseconds(let age)) = read(Operand(stamp, isAge: true), of: entity) else {
      return fault == .unknownAgePasses ? .yes : .unknown
    }
    return Kleene(fault == .ageMustExceed ? age > span.nanoseconds : age >= span.nanoseconds)
  }

  /// Whom a rule takes hold of.
  func picked(_ rule: Rule, _ policy: Policy) -> Set<Int> {
    let scope = entities.indices.filter { index in
      let entity = entities[index]
      guard entity.kind == rule.kind else { return false }
      let truth = truth(rule.condition, of: index)
      switch rule.verb {
      case .protect: return fault == .protectNeedsCertainty ? truth.isCertain : truth.isPossible
      case .keep: return fault == .keepNeedsCertainty ? truth.isCertain : truth.isPossible
      case .backup: return entity.tier == .live && truth.isPossible
      case .trash, .archive:
        let wanted = fault == .trashActsOnUnknown && rule.verb == .trash ? truth.isPossible : truth.isCertain
        let tier = rule.verb == .trash ? rule.tier : .live
        return entity.tier == tier && wanted && age(of: index, isAtLeast: rule.after, policy).isCertain
      }
    }
    guard let selector = rule.selector else { return Set(scope) }
    var groups: [[GroupName]: [Int]] = [:]
    for index in scope { groups[groupName(rule.per, index), default: []].append(index) }
    var picked: Set<Int> = []
    for members in groups.values {
      switch selector {
      case .every(let count, let fact): picked.formUnion(every(count, fact, members))
      case .ranked(let ranking): picked.formUnion(ranked(ranking, members, policy))
      }
    }
    return picked
  }

  enum GroupName: Hashable {
    case tier(String)
    case value(ReferenceValue)
    case run(Int)
    case alone(Int)
    case unknown
  }

  private func groupName(_ per: [GroupKey], _ index: Int) -> [GroupName] {
    var name: [GroupName] = fault == .tiersRankTogether ? [] : [.tier(entities[index].tier.rawValue)]
    if fault == .groupsIgnorePer { return name }
    for key in per {
      name.append(groupName(key, index) ?? (fault == .unknownGroupsTogether ? .unknown : .alone(index)))
    }
    return name
  }

  /// `nil` where the fact is not known.
  func groupName(_ key: GroupKey, _ index: Int) -> GroupName? {
    switch key {
    case .run: run(of: index).map { .run($0) }
    case .fact(let fact): read(fact, of: index).value.map { .value($0) }
    }
  }

  private func every(_ count: Int, _ fact: FactReference, _ members: [Int]) -> [Int] {
    members.filter { index in
      guard case .known(.amount(let number)) = read(fact, of: index) else { return fault != .everyOutsideNumberless }
      guard let whole = number.wholeNumber else { return false }
      return whole % Int64(count) == 0
    }
  }

  private func ranked(_ ranking: Ranking, _ members: [Int], _ policy: Policy) -> [Int] {
    var (keyed, others): ([Int], [Int]) = ([], [])
    for index in members {
      switch read(ranking.key, of: index) {
      case .known: keyed.append(index)
      case .missing:
        let isKept = ranking.missing == .keep ? fault != .missingKeyOut : fault == .missingDropIgnored
        if isKept { others.append(index) }
      case .unreadable: if fault != .unreadableKeyOut { others.append(index) }
      }
    }
    let count: Int =
      switch ranking.count {
      case .none: 0
      case .all: keyed.count
      case .limited(let number): number + (fault == .countOneMore ? 1 : fault == .countOneLess ? -1 : 0)
      }
    let chosen = keyed.filter { member in keyed.filter { isAhead($0, of: member, ranking, policy) }.count < count }
    return chosen + others
  }

  /// By key, stamp, progress and place; not at all where the progress of one cannot be held against the other's.
  private func isAhead(_ left: Int, of right: Int, _ ranking: Ranking, _ policy: Policy) -> Bool {
    let (a, b) = (read(ranking.key, of: left).value, read(ranking.key, of: right).value)
    if let a, let b, let order = a.compared(to: b), order != 0 {
      return ranking.better == .higher ? order > 0 : order < 0
    }
    let newest = ranking.ties == .newest || fault == .tiesFlipIgnored
    if fault != .tiesIgnoreStamp, let first = precedesByStamp(left, right, policy, newestFirst: newest) { return first }
    if fault == .tiesIgnoreProgress { return left != right && precedesByPlace(left, right) }
    let isLaterFirst = newest && (ranking.form != .oldest || fault == .oldestTakesLater)
    if left == right { return false }
    let isComparable = sort(ofProgress: left) == sort(ofProgress: right)
    if !isComparable, fault != .unknownProgressLoses { return false }
    let isRead = ![left, right].contains(where: isProgressUnreadable)
    if !isRead, fault != .unreadableProgressLoses { return false }
    return precedesByProgress(left, right, laterFirst: isLaterFirst) ?? precedesByPlace(left, right)
  }

  private static let progress = ["epoch", "step", "number"]

  /// What the progress of a checkpoint is counted in.
  private func sort(ofProgress entity: Int) -> String? {
    guard entities[entity].kind == .checkpoint else { return nil }
    return Self.progress.first { read(FactReference($0), of: entity).value != nil }
  }

  private func isProgressUnreadable(_ entity: Int) -> Bool {
    entities[entity].kind == .checkpoint
      && Self.progress.contains { read(FactReference($0), of: entity) == .unreadable }
  }

  /// `nil` when neither epoch, step nor number tells them apart; an unknown one sorts last.
  func precedesByProgress(_ left: Int, _ right: Int, laterFirst: Bool) -> Bool? {
    guard entities[left].kind == .checkpoint else { return nil }
    for name in Self.progress {
      switch (read(FactReference(name), of: left).value, read(FactReference(name), of: right).value) {
      case (.some(let a), .some(let b)):
        if let order = a.compared(to: b), order != 0 { return laterFirst ? order > 0 : order < 0 }
      case (.some, nil): return true
      case (nil, .some): return false
      case (nil, nil): break
      }
    }
    return nil
  }

  /// By the default stamp; an unknown one sorts last. `nil` when the stamps do not tell them apart.
  func precedesByStamp(_ left: Int, _ right: Int, _ policy: Policy, newestFirst: Bool) -> Bool? {
    let stamp = policy.defaultStamp(entities[left].kind)
    switch (read(stamp, of: left), read(stamp, of: right)) {
    case (.known(let a), .known(let b)):
      guard let order = a.compared(to: b), order != 0 else { return nil }
      return newestFirst ? order > 0 : order < 0
    case (.known, _): return fault != .tieUnknownStampFirst
    case (_, .known): return fault == .tieUnknownStampFirst
    default: return nil
    }
  }

  /// Host, root, path bytes: never undecided between two entities of one kind and tier.
  func precedesByPlace(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (entities[left], entities[right])
    let (rootA, rootB) = (roots[a.root], roots[b.root])
    if rootA.host != rootB.host { return rootA.host < rootB.host }
    if rootA.path != rootB.path { return rootA.path < rootB.path }
    return a.path < b.path
  }
}
