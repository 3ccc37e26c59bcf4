internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Moves planned items into the trash, many with one sync.
///
/// A batch: intents, synced → info files, synced → each item looked at, moved, looked at again → directories synced →
/// commits, which the next sync of the journal takes along. While a batch is moved, a second thread syncs the intents and
/// info files of the next one. INVARIANT: nothing moves before its intent is on the disk, and no commit is written before
/// the directories that it speaks of are. Whatever stops it in between, recovery finds each item at one end by its inode;
/// a commit that a power cut took is written again by it.
struct TrashMover {
  struct Request {
    let action: Action
    let id: String
    let expected: Identity
    /// Paths of the runs that it lies in.
    let within: [ByteString]
    let contents: [JSONValue]
    /// Record of the archive that holds a copy of it.
    var copy: String? = nil
    /// It is this archive; then `store` is that of its folder.
    var archive: JournalItem.ArchivedAs? = nil
  }
  enum Outcome {
    case moved(record: String)
    /// Left in its place; with the error that says that no other item can be moved either.
    case stays(String, isFailure: Bool)
  }

  /// So many items share their syncs; and so many more may have been announced in the journal, and not moved yet.
  static let largestBatch = 256
  let store: OwnerStore
  let look: ItemLook
  let plan: String
  var batch = TrashMover.largestBatch

  /// The outcome of each request that was tried, in order, and the failure that stopped the rest.
  func move(_ requests: [Request]) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    var outcomes: [Outcome] = []
    var rest = requests[...]
    var (current, failure) = announce(&rest, isAside: false)
    while let now = current {
      // Also where all has been stopped: whoever still writes info files must be done before they are removed.
      let trouble = awaitReadiness(now)
      failure = failure ?? trouble
      // A journal that cannot be written says nothing of what would be moved next.
      var next: Batch?
      if failure == nil { (next, failure) = announce(&rest, isAside: true) }
      let (done, stop) = carryOut(now, stop: failure) { next.flatMap { awaitReadiness($0) } }
      outcomes += done
      (current, failure) = (next, stop)
    }
    return (outcomes, failure)
  }

  /// Items that the journal knows of, whose intents and info files are being made to last.
  private struct Batch {
    let requests: [Request]
    let items: [JournalItem]
    let sync: JournalWriter.Sync
    let readiness: Readiness
  }

  /// What went wrong before anything of a batch may move.
  private struct Trouble: Sendable {
    var journal: SystemError?
    var info: SystemError?
  }

  private enum Readiness {
    case known(Trouble)
    case coming(Aside<Trouble>)
  }

  /// Takes the next requests and writes their intents; a second thread then syncs them and writes the info files, or,
  /// where there is nothing to be done meanwhile, this one.
  private func announce(_ rest: inout ArraySlice<Request>, isAside: Bool) -> (Batch?, ApplyFailure?) {
    let requests = Array(rest.prefix(batch))
    rest = rest.dropFirst(batch)
    guard !requests.isEmpty else { return (nil, nil) }
    let journal = store.journal
    let first = journal.history.lastSequence + 1
    var origins = OriginRuns(root: store.root)
    let items = requests.enumerated().compactMap { offset, request in
      item(request, number: first + Int64(offset), in: origins.runs(request.within))
    }
    guard items.count == requests.count else {
      return (nil, ApplyFailure(.refused, "an action has no usable id"))
    }
    do throws(ApplyFailure) {
      try journal.append(items.map { .trash($0) })
      let sync = try journal.syncing()
      let (info, now) = (InfoFiles(store: store), store.clock.now())
      let work = { @Sendable () -> Trouble in
        if let error = sync.make() { return Trouble(journal: error) }
        do throws(SystemError) {
          try info.write(items, at: now)
          return Trouble()
        } catch {
          return Trouble(info: error)
        }
      }
      let readiness: Readiness = isAside ? .coming(Aside(work)) : .known(work())
      return (Batch(requests: requests, items: items, sync: sync, readiness: readiness), nil)
    } catch {
      return (nil, error)
    }
  }

  /// What stops a batch before anything of it moves.
  private func awaitReadiness(_ batch: Batch) -> ApplyFailure? {
    let trouble: Trouble
    switch batch.readiness {
    case .known(let known): trouble = known
    case .coming(let aside): trouble = aside.wait() ?? Trouble(info: SystemError(errno: EIO, call: "wait"))
    }
    do throws(ApplyFailure) {
      try store.journal.note(batch.sync, failed: trouble.journal)
    } catch {
      return error
    }
    return trouble.info.map {
      ApplyFailure(
        .environment, "the trash \(store.filesPath.displayText) cannot be written: \($0.text)\($0.advice)")
    }
  }

  private func item(_ request: Request, number: Int64, in runs: [JournalItem.Run]) -> JournalItem? {
    // The sequence number makes it unique in this journal, the uid among the journals of the root.
    let record = TrashRecordName.make(request.id, uid: store.uid, number: number)
    guard let name = store.storedName(record) else { return nil }
    return JournalItem(
      record: record, action: request.id, plan: plan, kind: request.action.kind, path: request.action.path,
      stored: store.storedPath(name), owner: request.action.owner, bytes: request.action.bytes,
      identity: request.expected, purgeAfter: request.action.purgeAfter, because: request.action.because,
      contents: request.contents, copy: request.copy, archive: request.archive, runs: runs,
      needs: request.action.needs)
  }

  private struct Moved {
    let index: Int
    let item: JournalItem
    let parent: Folder
    let manifest: Identity
  }

  /// Moves the items of a batch and writes what became of them, unless something stops it. `before` is waited for before
  /// anything is written: after a sync of the journal that failed there is nothing to be written.
  private func carryOut(
    _ batch: Batch, stop: ApplyFailure?, before: () -> ApplyFailure?
  ) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    let items = batch.items
    var outcomes = [Outcome?](repeating: nil, count: items.count)
    var aborts: [(index: Int, reason: String)] = []
    var moved: [Moved] = []
    var stop = stop
    for (index, item) in items.enumerated() where stop == nil {
      stop = store.stop.failure
      if stop != nil { break }
      switch moveOne(index, item, within: batch.requests[index].within) {
      case .moved(let one): moved.append(one)
      case .stays(let refusal):
        outcomes[index] = .stays(refusal.reason, isFailure: refusal.cause != nil)
        aborts.append((index, refusal.reason))
        if let cause = refusal.cause, cause.stopsEverything {
          stop = ApplyFailure(.environment, "\(item.path.displayText): \(cause.call): \(cause.text)")
        }
      case .astray(let reason):
        // Its intent stays open: the next run looks again and, finding it nowhere, keeps its hands off.
        outcomes[index] = .stays(reason, isFailure: true)
        stop = ApplyFailure(.damaged, "\(item.path.displayText): \(reason)")
      }
    }
    if let stop {
      let isMoved = Set(moved.map(\.index))
      for index in items.indices where outcomes[index] == nil && !isMoved.contains(index) {
        aborts.append((index, "not reached"))
        outcomes[index] = .stays("not tried: \(stop.message)", isFailure: true)
      }
    }
    do throws(ApplyFailure) {
      try syncDirectories(moved)
      let next = before()
      stop = stop ?? next
      try store.journal.append(
        moved.map { .commit(.trash, record: $0.item.record, identity: $0.manifest) }
          + aborts.map { .abort(.trash, record: items[$0.index].record, reason: $0.reason) })
      removeInfo(aborts.map { items[$0.index].record })
    } catch {
      stop = stop ?? error
    }
    // Where the commit failed, what moved is in the trash with its intent on the disk; the next run commits it.
    for one in moved { outcomes[one.index] = .moved(record: one.item.record) }
    return (outcomes.map { $0 ?? .stays("not tried", isFailure: true) }, stop)
  }

  private enum Step {
    case moved(Moved)
    case stays(ItemLook.Refusal)
    /// Something else was moved and cannot be put back.
    case astray(String)
  }

  private func moveOne(_ index: Int, _ item: JournalItem, within runs: [ByteString]) -> Step {
    let found: ItemLook.Found
    do throws(ItemLook.Refusal) {
      found = try look.look(at: item.place, expected: item.identity, within: runs)
    } catch {
      return .stays(error)
    }
    guard let stored = store.storedName(item.record) else { return .stays(ItemLook.Refusal("it has no usable id")) }
    do throws(SystemError) {
      try store.changes.move(found.parent.directory, found.name, to: store.files.directory, stored)
    } catch {
      return .stays(ItemLook.Refusal(error.sentence, cause: error))
    }
    // The name may have come to mean something else between the look and the move: then it goes back.
    let reason: String
    do throws(SystemError) {
      let summary = try found.lookAgain(store.files, stored)
      let difference =
        item.identity.difference(from: summary.status, afterMove: true)
        ?? (summary.digestText != item.identity.treeDigest || summary.containsMount || summary.unreadable > 0
          ? "something in it changed while it was being moved" : nil)
      guard let difference else {
        return .moved(Moved(index: index, item: item, parent: found.parent, manifest: Identity(summary)))
      }
      reason = difference
    } catch {
      reason = error.sentence
    }
    do throws(SystemError) {
      guard let place = try putBack(stored, item, found) else { return .stays(ItemLook.Refusal(reason)) }
      return .stays(
        ItemLook.Refusal("\(reason); its place was taken meanwhile, and what was found is now \(place.displayText)"))
    } catch {
      return .astray(
        "\(reason), and what was moved could not be put back: \(error.text); it is \(item.stored.displayText)")
    }
  }

  private func syncDirectories(_ moved: [Moved]) throws(ApplyFailure) {
    guard !moved.isEmpty else { return }
    do throws(SystemError) {
      try store.changes.sync(store.files.directory)
      var seen: Set<UInt64> = []
      for one in moved where seen.insert(one.parent.status.inode).inserted {
        try store.changes.sync(one.parent.directory)
      }
    } catch {
      throw ApplyFailure(.environment, "the move cannot be synced: \(error.text)")
    }
  }

  /// Only for looks: an info file without its item is ignored, and removed when the record is settled again.
  private func removeInfo(_ records: [String]) {
    let info = InfoFiles(store: store)
    for record in records { try? info.remove(record) }
  }
}
