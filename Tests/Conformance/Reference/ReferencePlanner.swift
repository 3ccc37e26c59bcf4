internal import PolicyCore

/// The meaning of section 6, line by line, for one policy and one snapshot.
struct ReferencePlanner {
  let policy: Policy
  let snapshot: Snapshot
  let world: ReferenceWorld
  let fault: Fault?
  /// Innermost run above, and all runs above, of each entity.
  let runs: [Int?]
  let ancestors: [[Int]]
  let picks: [String: Set<Int>]
  /// Moves decided on so far.
  var acts: [Int: Move] = [:]
  /// Of them, those that quotas and pressure decided on.
  var evicted: Set<Int> = []
  /// Which quotas and pressure entries chose a thing, by id.
  var takers: [Int: Set<String>] = [:]
  var purged: Set<Int> = []
  var heldRecords: Set<Int> = []
  var unmet: [String] = []
  var figures = ReferenceFigures()

  enum Move: String { case archive, trash }

  static func plan(_ policy: Policy, on snapshot: Snapshot, fault: Fault? = nil) -> ReferenceOutcome {
    var planner = ReferencePlanner(policy, snapshot, fault)
    planner.applyRules()
    planner.applyQuotas()
    planner.purgeWhatIsDue()
    planner.applyPressures()
    if fault != .innerActsStay { planner.dropInnerMoves() }
    return planner.outcome()
  }

  init(_ policy: Policy, _ snapshot: Snapshot, _ fault: Fault?) {
    self.policy = policy
    self.snapshot = snapshot
    self.fault = fault
    let world = ReferenceWorld(snapshot, entities: snapshot.entities, policy: policy, fault: fault)
    self.world = world
    runs = snapshot.entities.indices.map { world.run(of: $0) }
    ancestors = snapshot.entities.indices.map { world.ancestors(of: $0) }
    var picks: [String: Set<Int>] = [:]
    for rule in policy.rules { picks[rule.id] = world.picked(rule, policy) }
    self.picks = picks
  }

  // MARK: Votes

  func rules(_ verb: Verb, of entity: Int) -> [Rule] {
    policy.rules.filter { $0.verb == verb && picks[$0.id]?.contains(entity) == true }
  }

  func descendants(of entity: Int) -> [Int] { world.entities.indices.filter { ancestors[$0].contains(entity) } }

  /// P*(e) ≠ ∅
  func isProtected(_ entity: Int) -> Bool {
    var speakers = [entity]
    if fault != .protectNotDown { speakers += ancestors[entity] }
    if fault != .protectNotUp { speakers += descendants(of: entity) }
    return speakers.contains { !rules(.protect, of: $0).isEmpty }
  }

  /// K(e) and S(e): of a run with those of the runs nested in it.
  func keeps(_ entity: Int) -> [Rule] {
    var speakers = [entity]
    if world.entities[entity].kind == .run, fault != .nestedKeepIgnored {
      speakers += descendants(of: entity).filter { world.entities[$0].kind == .run }
    }
    if fault == .keepGoesDown { speakers += ancestors[entity] }
    return speakers.flatMap { rules(.keep, of: $0) }
  }

  /// K(e) = ∅ and every soft keep yields to this.
  func isFree(_ entity: Int, for relief: Relief) -> Bool {
    keeps(entity).allSatisfy { fault != .softNeverYields && $0.yieldsTo.contains(relief) }
  }

  /// A°(e) ≠ ∅; of a checkpoint with its run's.
  func mayBeArchived(_ entity: Int) -> Bool {
    if fault == .undecidedArchiveIgnored { return !rules(.archive, of: entity).isEmpty }
    var speakers = [entity]
    if world.entities[entity].kind == .checkpoint, let run = runs[entity], fault != .runArchiveIgnoredByCheckpoints {
      speakers.append(run)
    }
    return speakers.contains { speaker in
      policy.rules.contains { rule in
        rule.verb == .archive && rule.kind == world.entities[speaker].kind && world.entities[speaker].tier == .live
          && world.truth(rule.condition, of: speaker).isPossible
          && world.age(of: speaker, isAtLeast: rule.after, policy).isPossible
      }
    }
  }

  // MARK: Backups

  private func modified(_ entity: Int) -> Int64? {
    guard case .known(.nanoseconds(let moment)) = world.read(FactReference("modified_at"), of: entity) else {
      return nil
    }
    return moment
  }

  /// What was copied is what is there; `nil` where the record does not say what was copied.
  private func isPresentContent(_ record: BackupRecord, _ entity: Int) -> Bool? {
    guard let copied = record.treeDigest else { return nil }
    return copied == world.entities[entity].identity?.treeDigest || fault == .otherContentMeets
  }

  private func isNewEnough(_ record: BackupRecord, _ entity: Int) -> Bool {
    guard let modified = modified(entity), record.at.nanoseconds <= world.now else { return false }
    return record.at.nanoseconds >= modified || fault == .staleBackupMeets
  }

  /// A verified record for this target holds the present content: by its digest, else by the times.
  private func holdsContent(_ entity: Int, target: String) -> Bool {
    world.entities[entity].backups.contains { record in
      record.target == target && (isPresentContent(record, entity) ?? isNewEnough(record, entity))
    }
  }

  /// backed_up_at ≥ modified_at, and the content backed up is the content there: of some record, unless none says.
  private func isBackedUp(_ entity: Int) -> Bool {
    let it = world.entities[entity]
    var isInTime = it.backups.contains { isNewEnough($0, entity) }
    if it.kind == .run, !isInTime, let modified = modified(entity),
      case .known(.nanoseconds(let at)) = world.read(FactReference("backed_up_at"), of: entity)
    {
      isInTime = at >= modified || fault == .staleBackupMeets
    }
    let contents = it.backups.compactMap { isPresentContent($0, entity) }
    return isInTime && (contents.isEmpty || contents.contains(true))
  }

  /// What the rule requires, the snapshot shows.
  func isMet(_ rule: Rule, _ entity: Int) -> Bool {
    fault == .requiresIgnored || !rule.requiresBackup || isBackedUp(entity)
  }

  /// Targets that an entity is to be copied to.
  func backupTargets(_ entity: Int) -> [String] {
    let state = FactReference("state", scope: world.entities[entity].kind == .run ? .own : .run)
    guard case .known(.text(let word)) = world.read(state, of: entity) else { return [] }
    if word == "running" || word == "unknown", fault != .backupOfRunning { return [] }
    return wantedTargets(entity).filter { fault == .backupAgain || !holdsContent(entity, target: $0) }
  }

  func wantedTargets(_ entity: Int) -> [String] {
    Set(rules(.backup, of: entity).compactMap { $0.target ?? policy.backup?.to }).sorted()
  }

  // MARK: Rules

  private mutating func applyRules() {
    for entity in world.entities.indices {
      let archives = rules(.archive, of: entity)
      let trashes = rules(.trash, of: entity)
      if isProtected(entity) { continue }
      let keeps = keeps(entity)
      if fault == .trashBeatsArchive, !trashes.isEmpty, keeps.isEmpty {
        acts[entity] = .trash
        continue
      }
      if !archives.isEmpty {
        if archives.contains(where: { isMet($0, entity) }), fault != .keepHoldsArchive || keeps.isEmpty {
          acts[entity] = .archive
        }
        continue
      }
      let firm = keeps.filter { fault != .softYieldsToTrash || $0.yieldsTo.isEmpty }
      let wanted = trashes.contains { isMet($0, entity) }
      if wanted, firm.isEmpty, !mayBeArchived(entity) { acts[entity] = .trash }
    }
  }

  func isGoing(_ entity: Int) -> Bool { acts[entity] != nil || ancestors[entity].contains { acts[$0] != nil } }

  private mutating func dropInnerMoves() {
    for entity in world.entities.indices where ancestors[entity].contains(where: { acts[$0] != nil }) {
      acts[entity] = nil
      evicted.remove(entity)
    }
  }
}
