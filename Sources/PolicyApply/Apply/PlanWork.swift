internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// One plan being carried out on this host.
struct PlanWork {
  let sealed: SealedPlan
  let options: ApplyOptions
  let roots: [Root]
  private(set) var notes: [String] = []
  private var stores: [OwnerStore] = []
  private var fresh: Replanned?
  /// Indices into the plan's actions, this host's, in the order of the plan; and what became of each.
  private var mine: [Int] = []
  private var results: [Int: ItemOutcome.Result] = [:]

  init(sealed: SealedPlan, options: ApplyOptions, roots: [Root]) {
    self.sealed = sealed
    self.options = options
    self.roots = roots
    mine = sealed.plan.actions.indices.filter { sealed.plan.actions[$0].host == options.host }
    let others = sealed.plan.actions.count - mine.count
    if others > 0 { notes.append("\(others) actions of the plan belong to other hosts") }
  }

  private var policy: Policy { sealed.policyHeader.core }

  /// Locks and recovers every root, and makes sure that the plan is new to each.
  mutating func open() throws(ApplyFailure) {
    for root in roots {
      let store = try options.opening(root, trashDirectory: policy.trash.directory).open()
      stores.append(store)
      notes += try Recovery(store: store).run(trigger: options.trigger)
      if store.journal.history.usedPlans.contains(sealed.digest) {
        throw ApplyFailure(.stale, "this plan was already applied to \(root.path.displayText); plan again")
      }
    }
    if options.state != nil {
      notes.append("journal and lock are in the state folder: name it again to restore or purge")
    }
    if stores.contains(where: { $0.notes.contains("loose-items") }) {
      notes.append("no folder can be made on the full volume: what is trashed lies in the root as hidden entries")
    }
  }

  /// Decides which actions are ours to try, and makes sure that each still follows from the policy.
  mutating func lookAgain(_ replan: (Policy, [Root], Timestamp) -> Replanned?) throws(ApplyFailure) {
    for index in mine {
      if let reason = notOurs(sealed.plan.actions[index]) { results[index] = .skipped(reason) }
    }
    guard let fresh = replan(policy, roots, sealed.plan.now) else {
      throw ApplyFailure(.stale, "the roots cannot be scanned again; nothing was done")
    }
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
      fresh.snapshot.entities.filter { $0.tier == .live }.map { entity in
        Place(root: fresh.snapshot.roots[entity.root].path, kind: entity.kind, path: entity.path)
      })
    for index in mine where results[index] == nil {
      let action = sealed.plan.actions[index]
      if still.contains(Tuple(action)) { continue }
      if action.verb == .trash, !there.contains(Place(root: action.root, kind: action.kind, path: action.path)) {
        results[index] = .skipped("it is gone, or can no longer be read")
        continue
      }
      throw ApplyFailure(
        .stale,
        "\(action.path.displayText) would not be \(action.verb == .purge ? "purged" : "trashed") any more; plan again")
    }
  }

  /// Why an action is not for this process, whatever is there.
  private func notOurs(_ action: Action) -> String? {
    switch action.verb {
    case .archive: return "this version does not carry out archives: it stays where it is"
    case .backup: return "this version does not carry out backups: it stays where it is"
    case .trash:
      guard let expected = action.expect else { return "the plan does not say what it looked like" }
      if action.tier == .archived { return "this version does not carry out archives: it stays where it is" }
      if action.path.isEmpty { return "a run that is the root itself is never moved" }
      if RelativePath(action.path.bytes) == nil { return "its path cannot be used" }
      if expected.uid != options.uid {
        let owner = action.owner?.displayText ?? "uid \(expected.uid)"
        return "owned by \(owner): run as \(owner)"
      }
    case .purge:
      guard let store = store(action.root), let record = action.record, store.journal.history.item(record) != nil else {
        let owner = action.owner?.displayText ?? "somebody else"
        return "in the trash of \(owner): run as \(owner)"
      }
    }
    return nil
  }

  private func store(_ root: ByteString) -> OwnerStore? { stores.first { $0.rootPath == root } }

  /// Moves and purges, root by root within each phase.
  mutating func carryOut() -> ApplyOutcome {
    var failure: ApplyFailure?
    do throws(ApplyFailure) {
      for store in stores {
        try store.begin(
          "apply", plan: sealed.digest, trigger: options.trigger,
          notes: (options.acknowledged == nil ? [] : ["acknowledged"]) + (options.isUnattended ? ["unattended"] : []))
        try store.journal.sync()
      }
    } catch {
      return ApplyOutcome(error, notes: notes)
    }
    for store in stores where failure == nil { failure = trash(store) }
    for store in stores where failure == nil { failure = purge(store) }
    let items = mine.map { index in
      let action = sealed.plan.actions[index]
      return ItemOutcome(
        action: sealed.ids[index], verb: ApplyVerb(action.verb), kind: action.kind, root: action.root,
        path: action.path, bytes: action.bytes, result: results[index] ?? .failed("not tried"))
    }
    var outcome = ApplyOutcome.of(items, failure: failure, notes: notes)
    for store in stores { finish(store, items, &outcome) }
    outcome.purgeFrom = purgeFrom(items)
    return outcome
  }

  private mutating func trash(_ store: OwnerStore) -> ApplyFailure? {
    guard let fresh else { return nil }
    var indices: [Int] = []
    var requests: [TrashMover.Request] = []
    let contents = SnapshotContents(fresh.snapshot, schema: policy.schema)
    for index in mine where results[index] == nil {
      let action = sealed.plan.actions[index]
      guard action.verb == .trash, action.root == store.rootPath, let expected = action.expect else { continue }
      indices.append(index)
      requests.append(
        TrashMover.Request(
          action: action, id: sealed.ids[index], expected: expected, contents: contents.json(of: action)))
    }
    let pins = PinWatch(root: store.root, uid: store.uid, home: store.home)
    let look = ItemLook(store: store, grace: policy.scan.grace, pins: pins)
    let (outcomes, failure) = TrashMover(store: store, look: look, plan: sealed.digest).move(requests)
    for (index, outcome) in zip(indices, outcomes) {
      switch outcome {
      case .moved(let record): results[index] = .done(record: record)
      case .stays(let reason, let isFailure): results[index] = isFailure ? .failed(reason) : .skipped(reason)
      }
    }
    return failure
  }

  private mutating func purge(_ store: OwnerStore) -> ApplyFailure? {
    var indices: [Int] = []
    var requests: [Purger.Request] = []
    for index in mine where results[index] == nil {
      let action = sealed.plan.actions[index]
      guard action.verb == .purge, action.root == store.rootPath, let record = action.record,
        let item = store.journal.history.item(record)
      else { continue }
      let (wait, cause) = wait(action, item)
      indices.append(index)
      requests.append(Purger.Request(item: item, wait: wait, cause: cause))
    }
    let pins = PinWatch(root: store.root, uid: store.uid, home: store.home)
    let (outcomes, failure) = Purger(store: store, pins: pins).purge(requests)
    for (index, outcome) in zip(indices, outcomes) {
      switch outcome {
      case .purged: results[index] = .done(record: sealed.plan.actions[index].record ?? "")
      case .stays(let reason, let isFailure): results[index] = isFailure ? .failed(reason) : .skipped(reason)
      }
    }
    return failure
  }

  /// How long a record must have lain: the longer of its own time and the policy's, unless a pressure step of the
  /// policy, which the plan names as the reason, shortens it by `min_age`.
  private func wait(_ action: Action, _ item: TrashedItem) -> (TimeSpan?, PurgeCause) {
    let normal = [item.item.purgeAfter, policy.trash.purgeAfter].compactMap { $0 }.max()
    for pressure in policy.pressures where action.because.contains(where: { $0.rule == pressure.id }) {
      let ages = pressure.relieve.compactMap { step in
        if case .purge(let minimumAge, _) = step { return minimumAge }
        return nil
      }
      if let least = ages.min() { return (min(normal ?? least, least), .pressure) }
    }
    return (normal, .elapsed)
  }

  /// Journals what was left alone and how it ended, and keeps space for the purges to come.
  private func finish(_ store: OwnerStore, _ items: [ItemOutcome], _ outcome: inout ApplyOutcome) {
    let own = items.filter { $0.root == store.rootPath }
    var bodies: [JournalRecord.Body] = []
    for item in own {
      let operation: JournalOperation = item.verb == .purge ? .purge : .trash
      guard item.verb == .trash || item.verb == .purge else { continue }
      switch item.result {
      case .done: break
      case .skipped(let reason), .failed(let reason):
        bodies.append(
          .skip(
            JournalSkip(
              operation: operation, kind: item.kind, path: item.path, bytes: item.bytes, record: nil, reason: reason)))
      }
    }
    let done = own.filter(\.isDone).count
    bodies.append(
      .end(
        JournalEnd(
          done: Int64(done), skipped: Int64(own.count - done), status: Int64(outcome.status.rawValue))))
    do throws(ApplyFailure) {
      try store.journal.append(bodies)
      try store.journal.sync()
      store.journal.reserveSpace()
    } catch {
      if outcome.status == .done || outcome.status == .partial {
        (outcome.status, outcome.message) = (error.status, error.message)
      }
    }
  }

  private func purgeFrom(_ items: [ItemOutcome]) -> Timestamp? {
    items.compactMap { item -> Timestamp? in
      guard item.verb == .trash, case .done(let record) = item.result,
        let trashed = store(item.root)?.journal.history.item(record), let at = trashed.trashedAt,
        let wait = trashed.item.purgeAfter
      else { return nil }
      return at.advanced(by: wait)
    }.min()
  }
}

/// What an action is, whatever its reasons.
private struct Tuple: Hashable {
  let verb: ActionVerb
  let kind: EntityKind
  let root: ByteString
  let path: ByteString
  let record: String?
  init(_ action: Action) {
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
}
