/// What is decided so far, and why.
struct Decisions {
  private(set) var going: Going
  /// Reasons of quotas and pressures, by entity.
  private(set) var evictions: [Int: [Reason]] = [:]
  /// Entities to back up, in table order, once for each target that lacks their present content.
  private(set) var backups: [(entity: Int, target: String)] = []
  private(set) var purges: [(record: Int, reason: Reason)] = []
  private(set) var heldRecords: [(record: Int, by: [String])] = []
  private(set) var unmet: [Unmet] = []
  private(set) var skippedByQuota: Set<Int> = []

  /// The base acts of language.md §6: archive, trash and backup, as the votes stand.
  init(_ votes: Votes) {
    going = Going(votes.tree)
    let backup = BackupState(votes.facts)
    let state = [
      EntityKind.run: votes.facts.bind(FactReference("state"), on: .run),
      EntityKind.checkpoint: votes.facts.bind(FactReference("state", scope: .run), on: .checkpoint),
    ]
    let mayBackUp = votes.policy.rules.contains { $0.verb == .backup }
    for entity in votes.entities.indices {
      if mayBackUp, let state = state[votes.entities[entity].kind] {
        backups += Self.dueTargets(entity, votes, backup, state).map { (entity, $0) }
      }
      if Self.isArchived(entity, votes) {
        going.set(entity, .archive)
      } else if Self.isTrashed(entity, votes) {
        going.set(entity, .trash)
      }
    }
  }

  private static func isArchived(_ entity: Int, _ votes: Votes) -> Bool {
    guard votes.mayBeArchived[entity], !votes.isProtected[entity] else { return false }
    return votes.picking(entity, .archive).contains { !$0.rule.requiresBackup || votes.isBackedUp[entity] }
  }

  private static func isTrashed(_ entity: Int, _ votes: Votes) -> Bool {
    guard votes.isWanted[entity], !votes.isProtected[entity], !votes.isKept[entity], !votes.isSoftlyKept[entity],
      !votes.awaitsArchive(entity)
    else { return false }
    return votes.picking(entity, .trash).contains { !$0.rule.requiresBackup || votes.isBackedUp[entity] }
  }

  private static func dueTargets(
    _ entity: Int, _ votes: Votes, _ backup: BackupState, _ state: BoundFact
  ) -> [String] {
    let rules = votes.picking(entity, .backup)
    guard !rules.isEmpty, case .known(.text(let state)) = votes.facts.read(state, of: entity) else { return [] }
    guard state != "running", state != "unknown" else { return [] }
    return Set(rules.map { $0.rule.backupTarget(votes.policy) })
      .filter { !backup.holds(entity, at: $0) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  mutating func add(_ result: QuotaRelief.Result) {
    for (entity, reason) in result.evicted {
      going.set(entity, .trash)
      evictions[entity, default: []].append(reason)
    }
    unmet += result.unmet
    skippedByQuota.formUnion(result.skipped)
  }

  mutating func add(_ result: PressureRelief.Result) {
    // Two watermarks may want the same thing in two ways; the one that loses least wins.
    for (entity, fate, reason) in result.moved {
      if going.fates[entity] != .archive { going.set(entity, fate) }
      evictions[entity, default: []].append(reason)
    }
    for (record, reason) in result.purged where !purges.contains(where: { $0.record == record }) {
      purges.append((record, reason))
    }
    unmet += result.unmet
  }

  /// Records whose time is over: the longer of their own and the policy's. Never from a modification time.
  mutating func addPurges(of trash: [TrashRecord], _ policy: Policy, now: Timestamp, held: [Int: [String]]) {
    guard let purgeAfter = policy.trash.purgeAfter else {
      heldRecords = trash.indices.compactMap { record in held[record].map { (record, $0) } }
      return
    }
    for (index, record) in trash.enumerated() {
      let wait = max(purgeAfter, record.purgeAfter ?? purgeAfter)
      let isDue = record.trashedAt <= now && (now.since(record.trashedAt).map { $0 >= wait } ?? false)
      if let rules = held[index] {
        heldRecords.append((index, rules))
      } else if isDue {
        let age = now.since(record.trashedAt)?.approximate ?? ""
        purges.append(
          (index, Reason(rule: "trash.purge_after", readings: [FactReading(fact: "age", value: age)])))
      }
    }
  }
}

extension Rule {
  /// Where a backup goes: the rule's own target, else the file-wide one; empty where neither is written.
  func backupTarget(_ policy: Policy) -> String { target ?? policy.backup?.to ?? "" }
}
