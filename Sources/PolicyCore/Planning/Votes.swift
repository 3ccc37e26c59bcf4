/// All rules' outcomes on one snapshot, and what they mean for each entity: P, K, S, D, A and B of the semantics.
struct Votes {
  let policy: Policy
  let facts: FactReader
  let tree: EntityTree
  /// In order of rule ids.
  let outcomes: [RuleOutcome]
  /// P*(e) ≠ ∅: protected itself, or something above or below it is.
  private(set) var isProtected: [Bool]
  /// K(e) ≠ ∅; of a run, nested runs' keeps count too.
  private(set) var isKept: [Bool]
  /// Some S(e) does not yield to quotas (or to pressure).
  private var holdsAgainst: [Relief: [Bool]]
  /// S(e) ≠ ∅
  private(set) var isSoftlyKept: [Bool]
  /// A°(e) ≠ ∅
  private(set) var mayBeArchived: [Bool]
  /// `requires: [backup]` is met.
  private(set) var isBackedUp: [Bool]
  /// D(e) ≠ ∅
  private(set) var isWanted: [Bool]

  var entities: [Entity] { facts.entities }

  init(_ policy: Policy, _ facts: FactReader) {
    self.policy = policy
    self.facts = facts
    tree = EntityTree(facts.entities, parents: facts.parents)
    let evaluator = RuleEvaluator(policy: policy, facts: facts)
    outcomes = policy.rules.map { evaluator.outcome(of: $0) }
    let none = [Bool](repeating: false, count: facts.entities.count)
    (isProtected, isKept, isSoftlyKept, mayBeArchived, isBackedUp) = (none, none, none, none, none)
    isWanted = none
    holdsAgainst = [.quota: none, .pressure: none]
    for outcome in outcomes { count(outcome) }
    if policy.rules.contains(where: \.requiresBackup) {
      let backup = BackupState(facts)
      for entity in facts.entities.indices { isBackedUp[entity] = backup.isMet(entity) }
    }
    spread()
  }

  private mutating func count(_ outcome: RuleOutcome) {
    let picked = outcome.picked
    let entities = facts.ranges(of: outcome.rule.kind).joined()
    switch outcome.rule.verb {
    case .protect: for entity in entities where picked[entity] { isProtected[entity] = true }
    case .keep where outcome.rule.yieldsTo.isEmpty:
      for entity in entities where picked[entity] { isKept[entity] = true }
    case .keep:
      for entity in entities where picked[entity] { isSoftlyKept[entity] = true }
      for relief in Relief.allCases where !outcome.rule.yieldsTo.contains(relief) {
        for entity in entities where picked[entity] { holdsAgainst[relief]?[entity] = true }
      }
    case .archive:
      for entity in entities where outcome.truth[entity].may && outcome.aged(entity).may {
        mayBeArchived[entity] = true
      }
    case .trash: for entity in entities where picked[entity] { isWanted[entity] = true }
    case .backup: break
    }
  }

  /// Protection spreads up and down, keeps of nested runs spread up.
  private mutating func spread() {
    let runs = facts.entities.indices.filter { facts.entities[$0].kind == .run }
    // A checkpoint's protection shields its run; a run's path is a prefix of its nested runs' paths, so among runs of
    // one root a parent stands before its children.
    let own = isProtected
    var below = own
    for entity in facts.entities.indices where facts.entities[entity].kind == .checkpoint && own[entity] {
      if let run = facts.parents[entity] { below[run] = true }
    }
    for run in runs.reversed() {
      guard let parent = facts.parents[run] else { continue }
      if below[run] { below[parent] = true }
      if isKept[run] { isKept[parent] = true }
      if isSoftlyKept[run] { isSoftlyKept[parent] = true }
      for relief in Relief.allCases where holdsAgainst[relief]?[run] == true { holdsAgainst[relief]?[parent] = true }
    }
    var above = own
    for run in runs {
      if let parent = facts.parents[run], above[parent] { above[run] = true }
    }
    for entity in facts.entities.indices {
      let shieldedFromAbove = facts.parents[entity].map { above[$0] } ?? false
      isProtected[entity] = below[entity] || above[entity] || shieldedFromAbove
    }
  }

  /// K(e) ≠ ∅, or a soft keep that does not yield to this relief.
  func isKept(_ entity: Int, against relief: Relief) -> Bool {
    isKept[entity] || holdsAgainst[relief]?[entity] == true
  }

  /// A° of the entity, and of a checkpoint's run.
  func awaitsArchive(_ entity: Int) -> Bool {
    if mayBeArchived[entity] { return true }
    guard facts.entities[entity].kind == .checkpoint, let run = facts.parents[entity] else { return false }
    return mayBeArchived[run]
  }

  /// Rules of a verb that take hold of the entity, in order of ids.
  func picking(_ entity: Int, _ verb: Verb) -> [RuleOutcome] {
    outcomes.filter { $0.rule.verb == verb && $0.picked[entity] }
  }

  /// Some rule's trash of it waits for a backup that the snapshot does not show.
  func waitsForBackup(_ entity: Int) -> Bool {
    !isBackedUp[entity]
      && outcomes.contains { $0.rule.verb == .trash && $0.rule.requiresBackup && $0.picked[entity] }
  }
}

/// Whether an entity's present content is backed up.
struct BackupState {
  private let facts: FactReader
  private let modified: [EntityKind: BoundFact]
  private let backedUp: [EntityKind: BoundFact]

  init(_ facts: FactReader) {
    self.facts = facts
    var (modified, backedUp): ([EntityKind: BoundFact], [EntityKind: BoundFact]) = ([:], [:])
    for kind in EntityKind.allCases {
      modified[kind] = facts.bind(FactReference("modified_at"), on: kind)
      backedUp[kind] = facts.bind(FactReference("backed_up_at"), on: kind)
    }
    (self.modified, self.backedUp) = (modified, backedUp)
  }

  /// `requires: [backup]`: backed_up_at ≥ modified_at, and what was copied is what is there.
  func isMet(_ entity: Int) -> Bool {
    let subject = facts.entities[entity]
    guard let modified = time(modified, entity) else { return false }
    let stamp = time(backedUp, entity) ?? subject.backups.map(\.at).max()
    guard let stamp, stamp >= modified, stamp <= facts.now else { return false }
    let digests = subject.backups.compactMap(\.treeDigest)
    return digests.isEmpty || digests.contains { $0 == subject.identity?.treeDigest }
  }

  /// A verified record for this target holds the present content.
  func holds(_ entity: Int, at target: String) -> Bool {
    let subject = facts.entities[entity]
    return subject.backups.contains { record in
      guard record.target == target, record.at <= facts.now else { return false }
      if let digest = record.treeDigest { return digest == subject.identity?.treeDigest }
      guard let modified = time(modified, entity) else { return false }
      return record.at >= modified
    }
  }

  private func time(_ fact: [EntityKind: BoundFact], _ entity: Int) -> Timestamp? {
    guard let bound = fact[facts.entities[entity].kind], case .known(.time(let time)) = facts.read(bound, of: entity)
    else { return nil }
    return time
  }
}
