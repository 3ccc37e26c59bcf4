public import PolicyCore
internal import PolicyFiles
public import PolicyFormats

/// One thing in the caller's trash.
public struct TrashListing: Sendable, Equatable {
  public var record: String
  public var host: ByteString
  /// Absolute path of the root.
  public var root: ByteString
  /// Where it was, relative to the root.
  public var path: ByteString
  public var kind: EntityKind
  public var bytes: Int64
  public var trashedAt: Timestamp
  /// When its time is over; `nil` where neither it nor the policy says.
  public var purgeAt: Timestamp?
  public var plan: String?
  /// Ids of the rules that wanted it.
  public var rules: [String]
  /// Its purge has begun: it can no longer come back.
  public var isPurging: Bool
}

/// Life after apply: what lies in the caller's own trash, and taking it back or away.
public enum TrashCan {
  /// What to restore.
  public enum Restoring: Sendable, Equatable {
    /// Absolute paths that the things had.
    case paths([ByteString])
    case records([String])
    /// Everything that a plan trashed: its digest, with or without `sha256:`, or at least 8 letters of it.
    case plan(String)
  }

  /// What to purge.
  public enum Purging: Sendable, Equatable {
    /// Everything whose time is over.
    case elapsed
    /// What a plan trashed and whose time is over; with `nowFree` (after a typed confirmation) the rest of it as well.
    case plan(String, nowFree: Bool)
  }

  /// The caller's trash in these roots, by root, path and record. Reads only, and locks nothing.
  public static func list(
    _ roots: [Root], options: ApplyOptions, purgeAfter: TimeSpan? = nil
  ) -> (items: [TrashListing], problems: [ApplyFailure]) {
    var items: [TrashListing] = []
    var problems: [ApplyFailure] = []
    for root in roots {
      do throws(ApplyFailure) {
        guard let home = try options.opening(root).existingHome() else { continue }
        for item in try JournalWriter.history(home).items {
          guard let trashedAt = item.trashedAt else { continue }
          let isPurging: Bool
          switch item.state {
          case .inTrash, .restoring: isPurging = false
          case .purging: isPurging = true
          case .moving, .abandoned, .restored, .purged: continue
          }
          let wait = [item.item.purgeAfter, purgeAfter].compactMap { $0 }.max()
          items.append(
            TrashListing(
              record: item.item.record, host: options.host, root: root.path, path: item.item.path, kind: item.item.kind,
              bytes: item.item.bytes, trashedAt: trashedAt, purgeAt: wait.flatMap { trashedAt.advanced(by: $0) },
              plan: item.item.plan, rules: item.item.because.map(\.rule), isPurging: isPurging))
        }
      } catch {
        problems.append(error)
      }
    }
    items.sort { ($0.root, $0.path, $0.record) < ($1.root, $1.path, $1.record) }
    return (items, problems)
  }

  /// The audit log of the caller in these roots, root after root. Reads only.
  public static func log(
    _ roots: [Root], options: ApplyOptions
  ) -> (entries: [(root: ByteString, entry: LogEntry)], problems: [ApplyFailure]) {
    var entries: [(root: ByteString, entry: LogEntry)] = []
    var problems: [ApplyFailure] = []
    for root in roots {
      do throws(ApplyFailure) {
        guard let home = try options.opening(root).existingHome() else { continue }
        entries += try JournalWriter.history(home).log.map { (root.path, $0) }
      } catch {
        problems.append(error)
      }
    }
    return (entries, problems)
  }

  /// Finishes or undoes what interrupted runs began; notes say what.
  public static func recover(_ roots: [Root], options: ApplyOptions) -> ApplyOutcome {
    withStores(roots, options, isNeeded: false) { stores, notes in ApplyOutcome(.done, notes: notes) }
  }

  /// Takes things back. A name that was used again meanwhile is not touched: the thing comes back beside it.
  public static func restore(
    _ what: Restoring, roots: [Root], options: ApplyOptions
  ) -> ApplyOutcome {
    withStores(roots, options) { stores, notes in
      let (chosen, missing) = RestoreChoice(what).choose(stores)
      if chosen.isEmpty { return ApplyOutcome(.nothingChecked, missing.joined(separator: "; "), notes: notes) }
      var items: [ItemOutcome] = []
      var failure: ApplyFailure?
      for (store, wanted) in zip(stores, chosen) where !wanted.isEmpty && failure == nil {
        do throws(ApplyFailure) {
          try store.begin("restore", plan: nil, trigger: options.trigger)
          let (outcomes, stopped) = Restorer(store: store).restore(wanted)
          for (item, outcome) in zip(wanted, outcomes) {
            var result = outcomeOf(item, store.rootPath, .restore)
            switch outcome {
            case .restored(let place):
              if place != item.item.path { result.restoredAs = place }
            case .stays(let reason, let isFailure): result.result = isFailure ? .failed(reason) : .skipped(reason)
            }
            items.append(result)
          }
          if let stopped { throw stopped }
          try finish(store, items)
        } catch {
          failure = error
        }
      }
      var outcome = ApplyOutcome.of(items, failure: failure, notes: notes + missing)
      if !missing.isEmpty, outcome.status == .done { outcome.status = .partial }
      return outcome
    }
  }

  /// Removes things for good. `purgeAfter` is the policy's, where there is one.
  public static func purge(
    _ what: Purging, roots: [Root], options: ApplyOptions, purgeAfter: TimeSpan? = nil
  ) -> ApplyOutcome {
    withStores(roots, options, isNeeded: what != .elapsed) { stores, notes in
      var notes = notes
      var items: [ItemOutcome] = []
      var failure: ApplyFailure?
      var found = false
      for store in stores where failure == nil {
        let (requests, later) = purges(what, store, purgeAfter)
        if !requests.isEmpty || later > 0 { found = true }
        if later > 0 { notes.append("\(later) things in the trash of \(store.rootPath.displayText) are not due yet") }
        if requests.isEmpty { continue }
        do throws(ApplyFailure) {
          let isNow = requests.contains { $0.cause == .nowFree }
          try store.begin("purge", plan: nil, trigger: options.trigger, notes: isNow ? ["now-free"] : [])
          let pins = PinWatch(root: store.root, uid: store.uid, home: store.home)
          let (outcomes, stopped) = Purger(store: store, pins: pins).purge(requests)
          for (request, outcome) in zip(requests, outcomes) {
            var result = outcomeOf(request.item, store.rootPath, .purge)
            if case .stays(let reason, let isFailure) = outcome {
              result.result = isFailure ? .failed(reason) : .skipped(reason)
            }
            items.append(result)
          }
          if let stopped { throw stopped }
          try finish(store, items)
        } catch {
          failure = error
        }
      }
      if !found, case .plan(let digest, _) = what {
        return ApplyOutcome(.nothingChecked, "nothing of plan \(digest) lies in your trash here", notes: notes)
      }
      return ApplyOutcome.of(items, failure: failure, notes: notes)
    }
  }

  private static func purges(
    _ what: Purging, _ store: OwnerStore, _ purgeAfter: TimeSpan?
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

  private static func outcomeOf(_ item: TrashedItem, _ root: ByteString, _ verb: ApplyVerb) -> ItemOutcome {
    ItemOutcome(
      action: item.item.action, verb: verb, kind: item.item.kind, root: root, path: item.item.path,
      bytes: item.item.bytes, result: .done(record: item.item.record))
  }

  private static func finish(_ store: OwnerStore, _ items: [ItemOutcome]) throws(ApplyFailure) {
    let own = items.filter { $0.root == store.rootPath }
    let done = own.filter(\.isDone).count
    let status: ApplyStatus = done == own.count ? .done : .partial
    try store.journal.append([
      .end(JournalEnd(done: Int64(done), skipped: Int64(own.count - done), status: Int64(status.rawValue)))
    ])
    try store.journal.sync()
    store.journal.reserveSpace()
  }

  /// Opens, locks and recovers the roots where the caller has a trash; roots without one are passed over.
  private static func withStores(
    _ roots: [Root], _ options: ApplyOptions, isNeeded: Bool = true, _ body: ([OwnerStore], [String]) -> ApplyOutcome
  ) -> ApplyOutcome {
    var stores: [OwnerStore] = []
    var notes: [String] = []
    do throws(ApplyFailure) {
      for root in roots {
        let opening = options.opening(root)
        guard try opening.existingHome() != nil else { continue }
        let store = try opening.open()
        stores.append(store)
        notes += try Recovery(store: store).run(trigger: options.trigger)
      }
    } catch {
      return ApplyOutcome(error, notes: notes)
    }
    if stores.isEmpty {
      let owner = options.uid
      let message = "there is no trash of uid \(owner) in the roots"
      return isNeeded ? ApplyOutcome(.nothingChecked, message, notes: notes) : ApplyOutcome(.done, notes: [message])
    }
    return body(stores, notes)
  }
}
