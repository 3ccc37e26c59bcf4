internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// One plan being carried out on this host: who is asked, what of the plan still holds, and what became of it.
struct PlanWork {
  let sealed: SealedPlan
  let options: ApplyOptions
  let roots: [Root]
  private(set) var notes: [String] = []
  /// By owner, in the order of their numbers; and why some are not there.
  private var workers: [UInt32: any OwnerWork] = [:]
  private var absent: [UInt32: String] = [:]
  private var fresh: Replanned?
  /// Indices into the plan's actions, this host's, in the order of the plan; and what became of each.
  private var mine: [Int] = []
  private var results: [Int: ItemOutcome.Result] = [:]
  private var archivedAt: [Int: ByteString] = [:]

  init(sealed: SealedPlan, options: ApplyOptions, roots: [Root]) {
    self.sealed = sealed
    self.options = options
    self.roots = roots
    mine = sealed.plan.actions.indices.filter { sealed.plan.actions[$0].host == options.host }
    let others = sealed.plan.actions.count - mine.count
    if others > 0 { notes.append("\(others) actions of the plan belong to other hosts") }
  }

  private var policy: Policy { sealed.policyHeader.core }

  /// Locks and recovers the folders of everybody whose things the plan names, and makes sure that it is new to each. The
  /// caller's own trouble ends the work; that of another owner leaves that owner's things alone.
  mutating func open() throws(ApplyFailure) {
    let targets = Set(
      mine.map { sealed.plan.actions[$0] }.filter { $0.verb == .archive || $0.verb == .backup }.compactMap(\.target))
    var opening = WorkOpening(
      roots: roots, trashDirectory: policy.trash.directory, archives: targets.sorted().map(Self.folder),
      plan: sealed.digest)
    var owners: Set<UInt32> = [options.uid]
    if options.actsForOthers { owners.formUnion(mine.compactMap { ActionOwner.uid(sealed.plan.actions[$0]) }) }
    var used: [UInt32: WorkOpened] = [:]
    for owner in owners.sorted() {
      let worker = options.worker(owner)
      // Root makes what is missing, and the others find it.
      opening.isOnlyExisting = false
      opening.usesTools = mine.contains { index in
        let action = sealed.plan.actions[index]
        return ActionOwner.isToolsTarget(action) && ActionOwner.uid(action) == owner
      }
      do throws(ApplyFailure) {
        let opened = try worker.open(opening)
        notes += opened.notes
        if opened.used.isEmpty {
          workers[owner] = worker
        } else {
          used[owner] = opened
          absent[owner] = "uid \(owner) has applied this plan already"
        }
      } catch {
        guard owner != options.uid else { throw error }
        absent[owner] = error.message
      }
    }
    if let own = used[options.uid] ?? (workers.isEmpty ? used.values.first : nil), let root = own.used.first {
      throw ApplyFailure(.stale, "this plan was already applied to \(root.displayText); plan again")
    }
    if options.state != nil {
      notes.append("journal and lock are in the state folder: name it again to restore or purge")
    }
  }

  /// The folder that a target is, or that a repository lies in.
  private static func folder(_ target: String) -> ByteString { ByteString((try? GitTarget(target))?.folder ?? target) }

  /// Decides which actions are ours to try, and makes sure that each still follows from the policy.
  mutating func lookAgain(_ replan: (Policy, [Root], Timestamp) -> Replanned?) throws(ApplyFailure) {
    for index in mine {
      let action = sealed.plan.actions[index]
      if let reason = ActionOwner.obstacle(action, options) ?? absence(action) { results[index] = .skipped(reason) }
    }
    guard let fresh = replan(policy, roots, sealed.plan.now) else {
      throw ApplyFailure(.stale, "the roots cannot be scanned again; nothing was done")
    }
    if let failure = options.stop.failure { throw failure }
    self.fresh = fresh
    if let refusal = ApplySafeguards.refusal(
      fresh.plan, digest: sealed.digest, options: options)
    {
      throw ApplyFailure(refusal.status, "planned again, the plan is refused: \(refusal.message)")
    }
    if options.isUnattended {
      let actions = mine.filter { results[$0] == nil }.map { sealed.plan.actions[$0] }
      if let refusal = ApplySafeguards.half(actions, of: fresh.snapshot, limits: policy.limits) { throw refusal }
    }
    let still = Set(fresh.plan.actions.map { Tuple($0) })
    let there = Set(
      fresh.snapshot.entities.map { entity in
        Place(
          root: fresh.snapshot.roots[entity.root].path, kind: entity.kind, path: entity.path, tier: entity.tier)
      })
    for index in mine where results[index] == nil {
      let action = sealed.plan.actions[index]
      if still.contains(Tuple(action)) { continue }
      let place = Place(root: action.root, kind: action.kind, path: action.path, tier: action.tier)
      if action.verb != .purge, !there.contains(place) {
        results[index] = .skipped("it is gone, or can no longer be read")
        continue
      }
      let word =
        switch action.verb {
        case .purge: "purged"
        case .archive: "archived"
        case .trash: "trashed"
        case .backup: "backed up"
        }
      // Nothing is lost where somebody else was first.
      if action.verb == .backup {
        results[index] = .skipped("it would not be backed up any more: what is there is safe, or is not meant")
        continue
      }
      throw ApplyFailure(.stale, "\(action.path.displayText) would not be \(word) any more; plan again")
    }
  }

  private func absence(_ action: Action) -> String? {
    guard let owner = ActionOwner.uid(action) else { return "no journal here knows of it" }
    return workers[owner] == nil ? absent[owner] ?? "uid \(owner) has no worker" : nil
  }

  /// Every owner's part, the caller's own last: its journal tells of the others' as well.
  mutating func carryOut() -> ApplyOutcome {
    let tried = mine.filter { results[$0] == nil }
    var orders: [UInt32: ApplyOrder] = [:]
    let contents = fresh.map { SnapshotContents($0.snapshot, schema: policy.schema) }
    for index in tried {
      let action = sealed.plan.actions[index]
      guard let owner = ActionOwner.uid(action) else { continue }
      orders[owner, default: order].add(index, sealed.ids[index], action, policy, contents)
    }
    // Only now: a plan that was begun is used.
    let words =
      (options.acknowledged == nil ? [] : ["acknowledged"]) + (options.isUnattended ? ["unattended"] : [])
    for owner in workers.keys.sorted() {
      let begun = workers[owner]?.carryOut(.begin(plan: sealed.digest, notes: words))
      if let begun, begun.status != .done {
        var failed = begun
        failed.notes = notes
        return failed
      }
    }
    var parts: [ApplyOutcome] = []
    var others = mine.compactMap { index in
      results[index].map { ApplyOrder.Other(outcome: item(index, $0), owner: nil) }
    }
    for owner in workers.keys.sorted() where owner != options.uid {
      guard let worker = workers[owner], let order = orders[owner] else { continue }
      let part = worker.carryOut(.apply(order))
      keep(part, order)
      parts.append(part)
      others += order.indices.map {
        ApplyOrder.Other(outcome: item($0, results[$0] ?? .failed("not tried")), owner: owner)
      }
    }
    var own = orders[options.uid] ?? order
    own.others = others
    if let worker = workers[options.uid] {
      let part = worker.carryOut(.apply(own))
      keep(part, own)
      parts.append(part)
    }
    return whole(parts)
  }

  private var order: ApplyOrder {
    var order = ApplyOrder(plan: sealed.digest, grace: policy.scan.grace)
    // A rule may name a target where the policy has no `archive`.
    order.archiving = Archiver.Settings(
      format: policy.archive?.format ?? .zstandard, level: policy.archive?.level, purgeAfter: policy.trash.purgeAfter,
      policy: sealed.policyHeader.digest)
    order.backing = Backer.Settings(bandwidth: policy.backup?.bandwidth, policy: sealed.policyHeader.digest)
    return order
  }

  private func item(_ index: Int, _ result: ItemOutcome.Result) -> ItemOutcome {
    ItemOutcome(action: sealed.ids[index], sealed.plan.actions[index], result)
  }

  /// What a worker did not answer for was not tried, as far as anybody knows.
  private mutating func keep(_ part: ApplyOutcome, _ order: ApplyOrder) {
    for (index, item) in zip(order.indices, part.items) {
      results[index] = item.result
      archivedAt[index] = item.archivedAt
    }
    for index in order.indices.dropFirst(part.items.count) {
      results[index] = .failed("not known to be done: \(part.message ?? "its worker did not say")")
    }
  }

  private func whole(_ parts: [ApplyOutcome]) -> ApplyOutcome {
    let items = mine.map { index in
      var item = item(index, results[index] ?? .failed("not tried"))
      item.archivedAt = archivedAt[index]
      return item
    }
    var union = ApplyOutcome.union(parts)
    if union.status == .done, !items.allSatisfy(\.isDone) { union.status = .partial }
    var outcome = ApplyOutcome(union.status, union.message, items: items, notes: notes + union.notes)
    outcome.purgeFrom = union.purgeFrom
    outcome.stoppedBy = union.stoppedBy
    return outcome
  }
}

extension ApplyOrder {
  fileprivate mutating func add(
    _ index: Int, _ id: String, _ action: Action, _ policy: Policy, _ contents: SnapshotContents?
  ) {
    if action.verb == .purge {
      removals.append(
        Removal(
          index: index, id: id, action: action, purgeAfter: policy.trash.purgeAfter,
          pressureAge: Self.pressureAge(action, policy)))
    } else {
      moves.append(
        Move(
          index: index, id: id, action: action, within: contents?.runs(around: action) ?? [],
          contents: action.verb == .backup ? [] : contents?.json(of: action) ?? []))
    }
  }

  /// A pressure step of the policy, which the plan names as the reason, shortens the time of a record by `min_age`.
  private static func pressureAge(_ action: Action, _ policy: Policy) -> TimeSpan? {
    for pressure in policy.pressures where action.because.contains(where: { $0.rule == pressure.id }) {
      let ages = pressure.relieve.compactMap { step in
        if case .purge(let minimumAge, _) = step { return minimumAge }
        return nil
      }
      if let least = ages.min() { return least }
    }
    return nil
  }

  /// In the order in which outcomes are told.
  var indices: [Int] { (moves.map(\.index) + removals.map(\.index)).sorted() }
}

/// What an action is, whatever its reasons.
private struct Tuple: Hashable {
  let verb: ActionVerb
  let kind: EntityKind
  let root: ByteString
  let path: ByteString
  let tier: Tier
  let record: String?
  /// Of a backup: each target is an act of its own.
  let target: String?
  init(_ action: Action) {
    target = action.verb == .backup ? action.target : nil
    tier = action.tier
    verb = action.verb
    kind = action.kind
    root = action.root
    path = action.path
    record = action.record
  }
}

private struct Place: Hashable {
  let root: ByteString
  let kind: EntityKind
  let path: ByteString
  let tier: Tier
}
