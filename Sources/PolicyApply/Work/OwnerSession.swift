internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// One owner's work, done in this process.
final class OwnerSession: OwnerWork {
  let options: ApplyOptions
  private(set) var stores: [OwnerStore] = []

  init(_ options: ApplyOptions) { self.options = options }

  var uid: UInt32 { options.uid }

  func open(_ opening: WorkOpening) throws(ApplyFailure) -> WorkOpened {
    var opened = WorkOpened()
    for root in opening.roots {
      let state = options.opening(root, trashDirectory: opening.trashDirectory)
      if opening.isOnlyExisting, try state.existingHome() == nil { continue }
      let store = try state.open()
      stores.append(store)
      opened.roots.append(root.path)
      if opening.isSettling {
        opened.notes += try Recovery(store: store, givenUp: opening.givenUp).run(trigger: options.trigger)
      }
      if let plan = opening.plan, store.journal.history.usedPlans.contains(plan) { opened.used.append(root.path) }
    }
    if stores.contains(where: { $0.notes.contains("loose-items") }) {
      opened.notes.append(
        "no folder can be made on the full volume: what is trashed lies in the root as hidden entries")
    }
    return opened
  }

  func carryOut(_ order: WorkOrder) -> ApplyOutcome {
    var outcome = done(order)
    outcome.stoppedBy = options.stop.signal
    return outcome
  }

  private func done(_ order: WorkOrder) -> ApplyOutcome {
    switch order {
    case .begin(let plan, let notes): begin(plan, notes)
    case .apply(let order): apply(order)
    case .restore(let what): restore(what)
    case .purge(let what, let purgeAfter): purge(what, purgeAfter)
    case .recover: recovered()
    case .report(let command, let others): report(command, others)
    case .pin(let path, let because): Pins.pin(path, because: because, stores: stores, clock: options.clock)
    case .unpin(let path): Pins.unpin(path, stores: stores)
    case .extract(let order): extract(order)
    }
  }

  /// Opening has done it, as far as that went.
  private func recovered() -> ApplyOutcome {
    let left = stores.reduce(0) { $0 + $1.journal.history.open.count + $1.journal.history.openArchives.count }
    guard left > 0 else { return ApplyOutcome(.done) }
    return ApplyOutcome(
      .partial, "\(left == 1 ? "1 thing is" : "\(left) things are") still open, for the reasons above; run it again")
  }

  func store(_ root: ByteString) -> OwnerStore? { stores.first { $0.rootPath == root } }

  /// Notes for the journal: which kind of process this is.
  var processNotes: [String] { options.processNotes }

  private func begin(_ plan: String, _ notes: [String]) -> ApplyOutcome {
    do throws(ApplyFailure) {
      for store in stores {
        try store.begin("apply", plan: plan, trigger: options.trigger, notes: notes + processNotes)
      }
      return ApplyOutcome(.done)
    } catch {
      return ApplyOutcome(error)
    }
  }

  /// Journals how it ended, and keeps space for the purges to come.
  func finish(_ store: OwnerStore, _ bodies: [JournalRecord.Body], done: Int, of count: Int, _ status: ApplyStatus)
    throws(ApplyFailure)
  {
    let end = JournalEnd(done: Int64(done), skipped: Int64(count - done), status: Int64(status.rawValue))
    try store.journal.append(bodies + [.end(end)])
    try store.journal.sync()
    store.journal.reserveSpace()
  }
}
