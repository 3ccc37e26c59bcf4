public import PolicyCore
public import PolicyFormats

/// One thing in the caller's trash.
public struct TrashListing: Sendable, Equatable {
  public var record: String
  /// In whose trash.
  public var uid: UInt32
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
  /// It is the archive of a run, and lies beside its target.
  public var isArchive: Bool
  /// An archive of it is kept as well.
  public var isArchived: Bool
  /// Its rule said `requires: [backup]`.
  public var needsBackup: Bool
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

  /// The caller's trash in these roots (root: everybody's), by root, path and record. Reads only, and locks nothing.
  public static func list(
    _ roots: [Root], options: ApplyOptions, purgeAfter: TimeSpan? = nil
  ) -> (items: [TrashListing], problems: [ApplyFailure]) {
    var items: [TrashListing] = []
    let problems = histories(roots, options) { root, owner, history in
      for item in history.items {
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
            record: item.item.record, uid: owner, host: options.host, root: root.path, path: item.item.path,
            kind: item.item.kind,
            bytes: item.item.bytes, trashedAt: trashedAt, purgeAt: wait.flatMap { trashedAt.advanced(by: $0) },
            plan: item.item.plan, rules: item.item.because.map(\.rule), isPurging: isPurging,
            isArchive: item.item.archive != nil,
            isArchived: item.item.copy.flatMap { history.archive($0) }?.isKept ?? false,
            needsBackup: item.item.needs.contains("backup")))
      }
    }
    items.sort { ($0.root, $0.path, $0.record) < ($1.root, $1.path, $1.record) }
    return (items, problems)
  }

  /// The audit log of the caller in these roots, root after root. Root sees everybody's, owner after owner; of what its
  /// workers did for an owner, its own journal is heard only where the owner's does not say the same.
  public static func log(
    _ roots: [Root], options: ApplyOptions
  ) -> (entries: [(root: ByteString, entry: LogEntry)], problems: [ApplyFailure]) {
    var entries: [(root: ByteString, entry: LogEntry)] = []
    var known: Set<String> = []
    let problems = histories(roots, options) { root, owner, history in
      for entry in history.log {
        entries.append((root.path, entry))
        if entry.delegate == nil { known.insert("\(owner) \(Self.subject(entry))") }
      }
    }
    entries.removeAll { _, entry in
      entry.delegate.map { known.contains("\($0) \(Self.subject(entry))") } ?? false
    }
    return (entries, problems)
  }

  /// What tells that two journals speak of the same event.
  private static func subject(_ entry: LogEntry) -> String {
    "\(entry.event) \(entry.record ?? entry.path?.displayText ?? "")"
  }

  /// The journals of the caller, or under root of everybody, by root and owner.
  static func histories(
    _ roots: [Root], _ options: ApplyOptions, _ body: (Root, UInt32, JournalHistory) -> Void
  ) -> [ApplyFailure] {
    var problems: [ApplyFailure] = []
    for root in roots {
      do throws(ApplyFailure) {
        for owner in try options.owners(root) {
          var options = options
          options.uid = owner
          do throws(ApplyFailure) {
            guard let home = try options.opening(root).existingHome() else { continue }
            body(root, owner, try JournalWriter.history(home))
          } catch {
            problems.append(error)
          }
        }
      } catch {
        problems.append(error)
      }
    }
    return problems
  }

  /// Finishes or undoes what interrupted runs began; notes say what. `givenUp`: trash records of which a person says that
  /// they are gone, where the disk cannot.
  public static func recover(_ roots: [Root], options: ApplyOptions, givenUp: [String] = []) -> ApplyOutcome {
    var unknown = Set(givenUp)
    if !unknown.isEmpty {
      _ = histories(roots, options) { _, _, history in unknown = unknown.filter { history.item($0) == nil } }
    }
    guard unknown.isEmpty else {
      let names = unknown.sorted().map { "`\($0)`" }.joined(separator: ", ")
      return ApplyOutcome(
        .nothingChecked, "no journal of yours knows \(names): `policy trash list` and `policy log` name the records")
    }
    return carryOut(.recover, roots, options, isNeeded: false, givenUp: givenUp)
  }

  /// Takes things back. A name that was used again meanwhile is not touched: the thing comes back beside it.
  public static func restore(_ what: Restoring, roots: [Root], options: ApplyOptions) -> ApplyOutcome {
    carryOut(.restore(what), roots, options)
  }

  /// Removes things for good. `purgeAfter` is the policy's, where there is one.
  public static func purge(
    _ what: Purging, roots: [Root], options: ApplyOptions, purgeAfter: TimeSpan? = nil
  ) -> ApplyOutcome {
    carryOut(.purge(what, purgeAfter: purgeAfter), roots, options, isNeeded: what != .elapsed)
  }

  /// Asks the caller's worker, or under root each owner's in the order of their numbers, where they have a trash.
  private static func carryOut(
    _ order: WorkOrder, _ roots: [Root], _ options: ApplyOptions, isNeeded: Bool = true, givenUp: [String] = []
  ) -> ApplyOutcome {
    var outcomes: [ApplyOutcome] = []
    var problems: [ApplyFailure] = []
    var owners: Set<UInt32> = []
    for root in roots {
      do throws(ApplyFailure) {
        owners.formUnion(try options.owners(root))
      } catch {
        problems.append(error)
      }
    }
    var others: [ApplyOrder.Other] = []
    for owner in owners.sorted() {
      let worker = options.worker(owner)
      do throws(ApplyFailure) {
        let opened = try worker.open(WorkOpening(roots: roots, isOnlyExisting: true, givenUp: givenUp))
        guard !opened.roots.isEmpty else { continue }
        var outcome = worker.carryOut(order)
        outcome.notes = opened.notes + outcome.notes
        outcomes.append(outcome)
        if owner != options.uid { others += outcome.items.map { ApplyOrder.Other(outcome: $0, owner: owner) } }
        if outcome.stoppedBy != nil { break }
      } catch {
        problems.append(owner == options.uid ? error : error.of(owner))
      }
    }
    outcomes += problems.map { ApplyOutcome($0) }
    if !others.isEmpty { outcomes += report(order.command, others, roots, options) }
    if outcomes.isEmpty {
      let message = "there is no trash of yours in the roots"
      return isNeeded ? ApplyOutcome(.nothingChecked, message) : ApplyOutcome(.done, notes: [message])
    }
    return ApplyOutcome.union(outcomes)
  }

  /// Writes into root's own journal what its workers did for others; only trouble is worth an outcome.
  private static func report(
    _ command: String, _ others: [ApplyOrder.Other], _ roots: [Root], _ options: ApplyOptions
  ) -> [ApplyOutcome] {
    let worker = options.worker(options.uid)
    do throws(ApplyFailure) {
      _ = try worker.open(WorkOpening(roots: roots, isSettling: false))
      let outcome = worker.carryOut(.report(command: command, others))
      return outcome.status == .done ? [] : [outcome]
    } catch {
      return [ApplyOutcome(error)]
    }
  }
}
