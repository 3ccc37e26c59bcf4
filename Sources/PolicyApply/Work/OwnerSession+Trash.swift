internal import PolicyCore
internal import PolicyFormats

extension OwnerSession {
  func restore(_ what: TrashCan.Restoring) -> ApplyOutcome {
    let (chosen, missing) = RestoreChoice(what).choose(stores)
    var items: [ItemOutcome] = []
    var failure: ApplyFailure?
    for (store, wanted) in zip(stores, chosen) where !wanted.isEmpty && failure == nil {
      do throws(ApplyFailure) {
        try store.begin("restore", plan: nil, trigger: options.trigger, notes: processNotes)
        let (outcomes, stopped) = Restorer(store: store).restore(wanted)
        var own: [ItemOutcome] = []
        for (item, outcome) in zip(wanted, outcomes) {
          var result = ItemOutcome(item, store.rootPath, .restore)
          switch outcome {
          case .restored(let place):
            if place != item.item.path { result.restoredAs = place }
          case .stays(let reason, let isFailure): result.result = isFailure ? .failed(reason) : .skipped(reason)
          }
          own.append(result)
        }
        items += own
        if let stopped { throw stopped }
        let done = own.filter(\.isDone).count
        let status: ApplyStatus = done == own.count ? .done : .partial
        try finish(store, own.compactMap(Self.skip), done: done, of: own.count, status)
      } catch {
        failure = error
      }
    }
    var outcome = ApplyOutcome.of(items, failure: failure, notes: [])
    outcome.unfound = missing
    return outcome
  }

  func purge(_ what: TrashCan.Purging, _ purgeAfter: TimeSpan?) -> ApplyOutcome {
    var notes: [String] = []
    var items: [ItemOutcome] = []
    var failure: ApplyFailure?
    var isFound = false
    for store in stores where failure == nil {
      let (requests, later) = requests(what, store, purgeAfter)
      if !requests.isEmpty || later > 0 { isFound = true }
      if later > 0 { notes.append("\(later) things in the trash of \(store.rootPath.displayText) are not due yet") }
      if requests.isEmpty { continue }
      do throws(ApplyFailure) {
        let isNow = requests.contains { $0.cause == .nowFree }
        try store.begin(
          "purge", plan: nil, trigger: options.trigger, notes: (isNow ? ["now-free"] : []) + processNotes)
        let pins = PinWatch(root: store.root, uid: store.uid, home: store.home)
        let (outcomes, stopped) = Purger(store: store, pins: pins).purge(requests)
        var own: [ItemOutcome] = []
        for (request, outcome) in zip(requests, outcomes) {
          var result = ItemOutcome(request.item, store.rootPath, .purge)
          if case .stays(let reason, let isFailure) = outcome {
            result.result = isFailure ? .failed(reason) : .skipped(reason)
          }
          own.append(result)
        }
        items += own
        if let stopped { throw stopped }
        try finish(store, own)
      } catch {
        failure = error
      }
    }
    var outcome = ApplyOutcome.of(items, failure: failure, notes: notes)
    if !isFound, case .plan(let digest, _) = what {
      outcome.unfound = ["nothing of plan \(digest) lies in your trash here"]
    }
    return outcome
  }

  private func requests(
    _ what: TrashCan.Purging, _ store: OwnerStore, _ purgeAfter: TimeSpan?
  ) -> (requests: [Purger.Request], later: Int) {
    var requests: [Purger.Request] = []
    var later = 0
    for item in store.journal.history.inTrash.sorted(by: {
      ($0.item.path, $0.item.record) < ($1.item.path, $1.item.record)
    }) {
      let wait = [item.item.purgeAfter, purgeAfter].compactMap { $0 }.max()
      switch what {
      case .elapsed:
        let elapsed = item.trashedAt.flatMap { store.clock.now().since($0) }
        if let wait, let elapsed, elapsed >= wait {
          requests.append(Purger.Request(item: item, wait: wait, cause: .elapsed))
        } else {
          later += 1
        }
      case .plan(let digest, let nowFree):
        guard PlanDigestPrefix(digest).matches(item.item.plan) else { continue }
        requests.append(Purger.Request(item: item, wait: wait, cause: nowFree ? .nowFree : .elapsed))
      }
    }
    return (requests, later)
  }

  private func finish(_ store: OwnerStore, _ items: [ItemOutcome]) throws(ApplyFailure) {
    let done = items.filter(\.isDone).count
    try finish(store, [], done: done, of: items.count, done == items.count ? .done : .partial)
  }
}
