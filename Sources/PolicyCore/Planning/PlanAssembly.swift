/// Writes decisions down as a plan: every entity once, every action with its reasons and near misses.
struct PlanAssembly {
  let policy: Policy
  let snapshot: Snapshot
  let votes: Votes
  let decisions: Decisions

  func plan(_ checks: [Check]) -> Plan {
    let going = decisions.going
    // Each phase is made in its order: sorting actions afterwards would hold them in memory twice.
    var actions = backups().sorted(by: Self.precedes)
    addMoves(to: &actions)
    actions += purges().sorted(by: Self.precedes)
    var held: [Held] = []
    var undecided: [Undecided] = []
    var counts = Plan.Counts()
    counts.unreadable = snapshot.unreadable.count
    counts.skippedByQuota = decisions.skippedByQuota.count
    for entity in votes.entities.indices {
      let isUndecided = count(entity, going, &counts)
      if going.isGoing[entity] { continue }
      if votes.isWanted[entity] {
        held.append(hold(entity, votes.picking(entity, .trash).map(\.rule.id)))
      } else if isUndecided {
        undecided.append(undecide(entity))
      }
    }
    held += decisions.heldRecords.map { record, rules in hold(record: record, rules) }
    return Plan(
      now: snapshot.now, roots: snapshot.roots, actions: actions, held: held.sorted(by: Self.precedes),
      undecided: undecided.sorted(by: Self.precedes), unmet: decisions.unmet.sorted(by: Self.precedes), checks: checks,
      counts: counts, refusals: Safeguards.refusals(checks))
  }

  /// Counts an entity once; true when it stays only because nobody could decide.
  private func count(_ entity: Int, _ going: Going, _ counts: inout Plan.Counts) -> Bool {
    var kind = Plan.Counts.Kind()
    kind.total = 1
    var isUndecided = false
    if going.acts(entity) {
      if going.fates[entity] == .archive { kind.archive = 1 } else { kind.trash = 1 }
    } else if going.isGoing[entity] {
      kind.withRun = 1
    } else if votes.isProtected[entity] {
      kind.protected = 1
    } else if !votes.isKept[entity], !votes.isSoftlyKept[entity], !votes.questions(of: entity).isEmpty,
      !votes.isWanted[entity]
    {
      kind.undecided = 1
      isUndecided = true
    } else {
      kind.kept = 1
    }
    switch votes.entities[entity].kind {
    case .run: counts.runs.add(kind)
    case .checkpoint: counts.checkpoints.add(kind)
    }
    return isUndecided
  }

  // MARK: Actions

  private func addMoves(to actions: inout [Action]) {
    let going = decisions.going
    let acting = votes.entities.indices.filter { going.acts($0) }.sorted(by: precedes)
    actions.reserveCapacity(actions.count + acting.count + decisions.purges.count)
    // An inode is freed with its last name: count in the order of execution.
    let untouched = Going(going.tree)
    var (state, freed) = (untouched, Freed())
    for entity in acting {
      let isArchive = going.fates[entity] == .archive
      let verb: Verb = isArchive ? .archive : .trash
      // What quotas or pressure take no rule could: something held it against the rules, and gave way.
      var because = decisions.evictions[entity] ?? votes.reasons(entity, verb)
      if isArchive {
        because += votes.reasons(entity, .trash).map { reason in
          var yielding = reason
          yielding.text = "also wanted in the trash; the archive goes first"
          return yielding
        }
      }
      let needs =
        votes.picking(entity, verb).contains { $0.rule.requiresBackup } && votes.isBackedUp[entity] ? ["backup"] : []
      var action = self.action(entity, isArchive ? .archive : .trash, because)
      action.needs = needs
      action.notKept = votes.nearMisses(of: entity)
      if isArchive {
        action.target = votes.picking(entity, .archive).compactMap(\.rule.target).first ?? policy.archive?.to
      } else {
        action.target = policy.trash.directory?.displayText
        action.purgeAfter = policy.trash.purgeAfter
      }
      let before = freed.total
      freed.take(entity, going.fates[entity], &state, snapshot.roots)
      action.bytes = weight(of: entity, untouched)
      action.freesLater = freed.total - before
      if action.tier == .archived { action.freesVolume = nil }
      actions.append(action)
    }
  }

  /// Allocated bytes of an entity and, of a run, the runs nested in it; each inode once.
  private func weight(of entity: Int, _ untouched: Going) -> Int64 {
    var usage = Usage()
    let tree = untouched.tree
    for member in tree.allAtOrBelow(entity) where member == entity || tree.entities[member].kind == .run {
      usage.add(untouched.share(of: member, snapshot.roots))
    }
    return usage.total
  }

  private func backups() -> [Action] {
    decisions.backups.map { entity, target in
      let reasons = votes.reasons(entity, .backup) { $0.backupTarget(policy) == target }
      var action = self.action(entity, .backup, reasons)
      action.target = target.isEmpty ? nil : target
      action.bytes = votes.entities[entity].storedBytes
      return action
    }
  }

  private func purges() -> [Action] {
    decisions.purges.map { index, reason in
      let record = snapshot.trash[index]
      let root = snapshot.roots[record.root]
      return Action(
        verb: .purge, kind: record.kind, host: root.host, root: root.path, path: record.path, record: record.record,
        owner: record.owner, bytes: record.bytes, freesVolume: volume(record.root), freesNow: max(0, record.bytes),
        because: [reason])
    }
  }

  private func action(_ entity: Int, _ verb: ActionVerb, _ because: [Reason]) -> Action {
    let subject = votes.entities[entity]
    let root = snapshot.roots[subject.root]
    return Action(
      verb: verb, kind: subject.kind, host: root.host, root: root.path, path: subject.path, tier: subject.tier,
      owner: owner(entity), bytes: 0, freesVolume: volume(subject.root),
      because: because.sorted { $0.rule.utf8.lexicographicallyPrecedes($1.rule.utf8) }, expect: subject.identity)
  }

  private func owner(_ entity: Int) -> ByteString? {
    let run = votes.entities[entity].kind == .run ? entity : votes.facts.parents[entity]
    guard let run, case .value(.text(let user)) = votes.entities[run].facts.fact("user") else { return nil }
    return user
  }

  private func volume(_ root: Int) -> ByteString? {
    snapshot.volume(host: snapshot.roots[root].host, path: snapshot.roots[root].path).map { snapshot.volumes[$0].path }
  }

  // MARK: What stays

  private func hold(_ entity: Int, _ wanted: [String]) -> Held {
    let subject = votes.entities[entity]
    let root = snapshot.roots[subject.root]
    var holders = votes.holders(of: entity)
    if holders.isEmpty, votes.waitsForBackup(entity) { holders.append(Held.Holder(rule: "backup")) }
    return Held(
      kind: subject.kind, host: root.host, root: root.path, path: subject.path, tier: subject.tier,
      bytes: subject.storedBytes, wanted: wanted, by: holders)
  }

  private func hold(record index: Int, _ rules: [String]) -> Held {
    let record = snapshot.trash[index]
    let root = snapshot.roots[record.root]
    return Held(
      kind: record.kind, host: root.host, root: root.path, path: record.path, record: record.record,
      bytes: record.bytes, wanted: ["trash.purge_after"], by: rules.map { Held.Holder(rule: $0) })
  }

  private func undecide(_ entity: Int) -> Undecided {
    let subject = votes.entities[entity]
    let root = snapshot.roots[subject.root]
    return Undecided(
      kind: subject.kind, host: root.host, root: root.path, path: subject.path, tier: subject.tier,
      questions: votes.questions(of: entity))
  }

  // MARK: Order

  /// The order of actions on entities that move: by phase, root, path bytes, kind, tier.
  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let fates = decisions.going.fates
    if fates[left] != fates[right] { return fates[left] == .archive }
    let (a, b) = (votes.entities[left], votes.entities[right])
    // Roots stand in the order of host and path.
    if a.root != b.root { return a.root < b.root }
    if a.pathBytes != b.pathBytes { return a.pathBytes.lexicographicallyPrecedes(b.pathBytes) }
    return a.kind == b.kind ? a.tier == .live && b.tier != .live : a.kind < b.kind
  }

  private static func precedes(_ left: Action, _ right: Action) -> Bool {
    if left.verb.phase != right.verb.phase { return left.verb.phase < right.verb.phase }
    let (a, b) = ((left.host, left.root, left.path), (right.host, right.root, right.path))
    if a != b { return a < b }
    if left.kind != right.kind { return left.kind < right.kind }
    if left.tier != right.tier { return left.tier == .live }
    if left.record != right.record {
      return (left.record ?? "").utf8.lexicographicallyPrecedes((right.record ?? "").utf8)
    }
    return (left.target ?? "").utf8.lexicographicallyPrecedes((right.target ?? "").utf8)
  }

  private static func precedes(_ left: Held, _ right: Held) -> Bool {
    let (a, b) = ((left.host, left.root, left.path), (right.host, right.root, right.path))
    if a != b { return a < b }
    if left.kind != right.kind { return left.kind < right.kind }
    if left.tier != right.tier { return left.tier == .live }
    return (left.record ?? "").utf8.lexicographicallyPrecedes((right.record ?? "").utf8)
  }

  private static func precedes(_ left: Undecided, _ right: Undecided) -> Bool {
    let (a, b) = ((left.host, left.root, left.path), (right.host, right.root, right.path))
    if a != b { return a < b }
    return left.kind == right.kind ? left.tier == .live && right.tier == .archived : left.kind < right.kind
  }

  private static func precedes(_ left: Unmet, _ right: Unmet) -> Bool {
    func key(_ unmet: Unmet) -> [String] {
      [unmet.want.rawValue, unmet.id] + unmet.group.flatMap { [$0.fact, $0.value] }
    }
    return key(left).lexicographicallyPrecedes(key(right)) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension Plan.Counts.Kind {
  fileprivate mutating func add(_ other: Plan.Counts.Kind) {
    total += other.total
    trash += other.trash
    archive += other.archive
    withRun += other.withRun
    protected += other.protected
    undecided += other.undecided
    kept += other.kept
  }
}
