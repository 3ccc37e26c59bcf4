internal import PolicyCore

extension ReferencePlanner {
  func outcome() -> ReferenceOutcome {
    var outcome = ReferenceOutcome()
    outcome.figures = figures
    for entity in world.entities.indices {
      outcome.figures.severalTargets += backupTargets(entity).count > 1 ? 1 : 0
      for target in backupTargets(entity) { outcome.actions.append("backup to \(target) \(name(entity))") }
      if let move = acts[entity] {
        outcome.actions.append("\(move.rawValue) \(name(entity)) \(weight([entity])) bytes by \(reasons(entity, move))")
      }
      if !rules(.trash, of: entity).isEmpty, !isGoing(entity) { outcome.held.append(name(entity)) }
    }
    for record in purged { outcome.actions.append("purge " + name(record: record)) }
    outcome.held += heldRecords.subtracting(purged).map { "record " + name(record: $0) }
    outcome.unmet = unmet
    outcome.figures.nestedShare =
      policy.limits.maxShare != nil && trashedRuns(nested: true) != trashedRuns(nested: false)
    outcome.checks = policy.properties.map(check) + limits()
    outcome.figures.evicted = evicted.count
    outcome.actions.sort()
    outcome.held.sort()
    outcome.unmet.sort()
    outcome.checks.sort()
    return outcome
  }

  /// What a move is laid to. What quotas or pressure take no rule could; what is archived may be wanted in the trash too.
  private func reasons(_ entity: Int, _ move: Move) -> String {
    let wanting = rules(.trash, of: entity).map(\.id)
    var names = takers[entity] ?? Set(move == .archive ? rules(.archive, of: entity).map(\.id) : wanting)
    if move == .archive || fault == .gaveWayForRulesToo { names.formUnion(wanting) }
    return names.sorted().joined(separator: ", ")
  }

  private func name(_ entity: Int) -> String {
    let it = world.entities[entity]
    return ReferenceOutcome.name(it.kind, world.roots[it.root], it.path, it.tier)
  }

  private func name(record: Int) -> String {
    let it = snapshot.trash[record]
    return ReferenceOutcome.name(it.kind, world.roots[it.root], it.path, .live) + " " + it.record
  }

  /// What the plan moves this way, and what lies in it.
  private func touched(_ move: Move) -> [Int] {
    world.entities.indices.filter { entity in
      if fault == .neverForgetsContents { return acts[entity] == move }
      return ([entity] + ancestors[entity]).contains { acts[$0] == move }
    }
  }

  private func check(_ property: Property) -> String {
    let move: Move = property.subject == .destroy ? .trash : .archive
    let violators = touched(move).filter { entity in
      guard world.entities[entity].kind == property.kind else { return false }
      let truth = world.truth(property.condition, of: entity)
      return fault == .neverNeedsCertainty ? truth.isCertain : truth.isPossible
    }
    return "never \(property.id) \(violators.count) \(violators.isEmpty ? "holds" : "refused")"
  }

  /// Live runs that the plan trashes, alone or with those that go with the run around them.
  private func trashedRuns(nested: Bool) -> Int64 {
    let going = world.entities.indices.filter { run in
      guard world.entities[run].kind == .run, world.entities[run].tier == .live else { return false }
      return ([run] + (nested ? ancestors[run] : [])).contains { index in
        acts[index] == .trash && (fault != .limitsForgetEvictions || !evicted.contains(index))
      }
    }
    return Int64(going.count)
  }

  private func limits() -> [String] {
    var checks: [String] = []
    func look(_ name: String, _ value: Int64, _ maximum: Int64?) {
      guard let maximum else { return }
      let isOver = value > maximum || (fault == .limitReachedRefuses && value == maximum)
      checks.append("limit \(name) \(value) of \(maximum) \(isOver ? "refused" : "holds")")
    }
    func bound(_ count: Count?) -> Int64? {
      switch count {
      case nil, .all: nil
      case Count.none?: 0
      case .limited(let number): Int64(number)
      }
    }
    let trashed = world.entities.indices.filter {
      acts[$0] == .trash && (fault != .limitsForgetEvictions || !evicted.contains($0))
    }
    let liveRuns = world.entities.indices.filter { world.entities[$0].kind == .run && world.entities[$0].tier == .live }
    look("max_trash", Int64(trashed.count), bound(policy.limits.maxTrash))
    look("max_archive", Int64(acts.values.filter { $0 == .archive }.count), bound(policy.limits.maxArchive))
    let trashedBytes = weight(trashed)
    switch policy.limits.maxTrashBytes {
    case nil: break
    case .bytes(let maximum): look("max_trash_bytes", trashedBytes, maximum)
    case .share(let share):
      look("max_trash_bytes", trashedBytes, share.scaled(usage(liveRuns) { _ in false }))
    }
    if let share = policy.limits.maxShare {
      look("max_share", trashedRuns(nested: true), share.scaled(Int64(liveRuns.count)))
    }
    return checks
  }
}

extension ReferenceOutcome {
  /// The same of a real plan.
  init(_ plan: Plan) {
    func isCarried(_ held: Held) -> Bool {
      plan.actions.contains { action in
        (action.verb == .trash || action.verb == .archive) && action.root == held.root && action.host == held.host
          && action.tier == held.tier
          && (action.path == held.path && action.kind == held.kind
            || action.kind == .run && action.path != held.path && held.path.isAtOrBelow(action.path))
      }
    }
    for action in plan.actions {
      let name = Self.name(action.kind, Root(host: action.host, path: action.root), action.path, action.tier)
      switch action.verb {
      case .backup: actions.append("backup to \(action.target ?? "") \(name)")
      case .archive, .trash:
        let reasons = Set(action.because.map(\.rule)).sorted().joined(separator: ", ")
        actions.append("\(action.verb.rawValue) \(name) \(action.bytes) bytes by \(reasons)")
      case .purge: actions.append("purge \(name) \(action.record ?? "")")
      }
    }
    for item in plan.held {
      let name = Self.name(item.kind, Root(host: item.host, path: item.root), item.path, item.tier)
      if let record = item.record {
        held.append("record \(name) \(record)")
      } else if !isCarried(item) {
        held.append(name)
      }
    }
    unmet = plan.unmet.map { "\($0.want.rawValue) \($0.id) \($0.usage) > \($0.target)" }
    checks = plan.checks.map { check in
      let result = check.holds ? "holds" : "refused"
      guard check.subject == .limit else { return "never \(check.name) \(check.violators.count) \(result)" }
      return "limit \(check.name) \(check.value ?? -1) of \(check.maximum ?? -1) \(result)"
    }
    actions.sort()
    held.sort()
    unmet.sort()
    checks.sort()
  }
}
