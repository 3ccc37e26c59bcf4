internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension OwnerSession {
  /// Backs up, moves and purges, root by root within each phase; items in the order of the plan.
  func apply(_ order: ApplyOrder) -> ApplyOutcome {
    var results: [Int: ItemOutcome.Result] = [:]
    var failure: ApplyFailure?
    var archived: [Int: ByteString] = [:]
    var troubles: [String: ApplyFailure] = [:]
    for store in stores where failure == nil { failure = back(order, store, &results, &archived, &troubles) }
    // A full target for archives is no reason to keep the rest from going.
    var trouble: ApplyFailure?
    for store in stores where failure == nil {
      failure = archive(order, store, &results, &archived, &trouble)
    }
    for store in stores where failure == nil { failure = trash(order, store, &results) }
    for store in stores where failure == nil { failure = purge(order, store, &results) }
    let all =
      order.moves.map { (index: $0.index, id: $0.id, action: $0.action) }
      + order.removals.map { (index: $0.index, id: $0.id, action: $0.action) }
    let items = all.sorted { $0.index < $1.index }.map { entry in
      let reason = failure ?? (entry.action.verb == .archive ? trouble : nil)
      var item = ItemOutcome(
        action: entry.id, entry.action, results[entry.index] ?? .failed("not tried: \(reason?.message ?? "stopped")"))
      item.archivedAt = archived[entry.index]
      return item
    }
    var outcome = ApplyOutcome.of(
      items, failure: failure ?? trouble ?? troubles.sorted { $0.key < $1.key }.first?.value, notes: [])
    for store in stores { finish(store, items, order.others, &outcome) }
    outcome.purgeFrom = purgeFrom(items)
    return outcome
  }

  private func trash(
    _ order: ApplyOrder, _ store: OwnerStore, _ results: inout [Int: ItemOutcome.Result]
  ) -> ApplyFailure? {
    let all = order.moves.filter {
      $0.action.root == store.rootPath && $0.action.verb == .trash && results[$0.index] == nil
    }
    if let failure = trashArchives(order, all.filter { $0.action.tier == .archived }, store, &results) {
      return failure
    }
    let moves = all.filter { $0.action.tier == .live }
    let requests = moves.compactMap { $0.request }
    guard requests.count == moves.count else {
      return ApplyFailure(.refused, "the plan does not say what an item looked like")
    }
    let pins = PinWatch(root: store.root, uid: store.uid, home: store.home)
    let look = ItemLook(store: store, grace: order.grace, pins: pins)
    let (outcomes, failure) = TrashMover(store: store, look: look, plan: order.plan, batch: options.batch)
      .move(requests)
    for (move, outcome) in zip(moves, outcomes) {
      switch outcome {
      case .moved(let record): results[move.index] = .done(record: record)
      case .stays(let reason, let isFailure): results[move.index] = isFailure ? .failed(reason) : .skipped(reason)
      }
    }
    return failure
  }

  private func purge(
    _ order: ApplyOrder, _ store: OwnerStore, _ results: inout [Int: ItemOutcome.Result]
  ) -> ApplyFailure? {
    var removals: [ApplyOrder.Removal] = []
    var requests: [Purger.Request] = []
    for removal in order.removals where removal.action.root == store.rootPath {
      guard let record = removal.action.record, let item = store.journal.history.item(record) else {
        results[removal.index] = .skipped("the journal of its trash does not know it")
        continue
      }
      let normal = [item.item.purgeAfter, removal.purgeAfter].compactMap { $0 }.max()
      let request =
        if let least = removal.pressureAge {
          Purger.Request(item: item, wait: min(normal ?? least, least), cause: .pressure)
        } else {
          Purger.Request(item: item, wait: normal, cause: .elapsed)
        }
      removals.append(removal)
      requests.append(request)
    }
    let pins = PinWatch(root: store.root, uid: store.uid, home: store.home)
    let (outcomes, failure) = Purger(store: store, pins: pins).purge(requests)
    for (removal, outcome) in zip(removals, outcomes) {
      switch outcome {
      case .purged: results[removal.index] = .done(record: removal.action.record ?? "")
      case .stays(let reason, let isFailure): results[removal.index] = isFailure ? .failed(reason) : .skipped(reason)
      }
    }
    return failure
  }

  /// Journals what was left alone, what others did, and how it ended.
  private func finish(
    _ store: OwnerStore, _ items: [ItemOutcome], _ others: [ApplyOrder.Other], _ outcome: inout ApplyOutcome
  ) {
    let own = items.filter { $0.root == store.rootPath }
    let foreign = others.filter { $0.outcome.root == store.rootPath }
    let bodies =
      own.compactMap(Self.skip) + foreign.compactMap { $0.owner == nil ? Self.skip($0.outcome) : Self.report($0) }
    let done = own.filter(\.isDone).count + foreign.filter(\.outcome.isDone).count
    let count = own.count + foreign.count
    let status: ApplyStatus =
      outcome.status == .done && done < count ? .partial : outcome.status
    do throws(ApplyFailure) {
      try finish(store, bodies, done: done, of: count, status)
    } catch {
      if outcome.status == .done || outcome.status == .partial {
        (outcome.status, outcome.message) = (error.status, error.message)
      }
    }
  }

  /// Root's record of what it did through others.
  func report(_ command: String, _ others: [ApplyOrder.Other]) -> ApplyOutcome {
    do throws(ApplyFailure) {
      for store in stores {
        let own = others.filter { $0.outcome.root == store.rootPath }
        if own.isEmpty { continue }
        try store.begin(command, plan: nil, trigger: options.trigger, notes: processNotes)
        let done = own.filter(\.outcome.isDone).count
        try finish(store, own.compactMap(Self.report), done: done, of: own.count, done == own.count ? .done : .partial)
      }
      return ApplyOutcome(.done)
    } catch {
      return ApplyOutcome(error)
    }
  }

  static func skip(_ item: ItemOutcome) -> JournalRecord.Body? {
    guard let operation = JournalOperation(item.verb) else { return nil }
    switch item.result {
    case .done: return nil
    case .skipped(let reason), .failed(let reason):
      return .skip(
        JournalSkip(
          operation: operation, kind: item.kind, path: item.path, bytes: item.bytes, record: nil, reason: reason))
    }
  }

  private static func report(_ other: ApplyOrder.Other) -> JournalRecord.Body? {
    let item = other.outcome
    guard let operation = JournalOperation(item.verb), let owner = other.owner else { return nil }
    let (record, reason): (String?, String?) =
      switch item.result {
      case .done(let record): (record, nil)
      case .skipped(let reason), .failed(let reason): (nil, reason)
      }
    return .delegated(
      JournalDelegation(
        operation: operation, owner: owner, kind: item.kind, path: item.path, bytes: item.bytes, record: record,
        reason: reason))
  }

  private func purgeFrom(_ items: [ItemOutcome]) -> Timestamp? {
    items.compactMap { item -> Timestamp? in
      guard case .done(let record) = item.result, let history = store(item.root)?.journal.history,
        let trashed = item.verb == .trash
          ? history.item(record) : history.items.last(where: { $0.item.copy == record }),
        let at = trashed.trashedAt,
        let wait = trashed.item.purgeAfter
      else { return nil }
      return at.advanced(by: wait)
    }.min()
  }
}

extension JournalOperation {
  /// `nil` for what no journal of a trash speaks of.
  fileprivate init?(_ verb: ApplyVerb) {
    switch verb {
    case .trash: self = .trash
    case .purge: self = .purge
    case .restore: self = .restore
    case .archive: self = .archive
    case .backup: self = .backup
    case .extract, .retrieve: return nil
    }
  }
}
