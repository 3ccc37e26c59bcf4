internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Moves planned items into the trash, many with one sync.
///
/// A batch: intents, synced → info files, synced → each item looked at, moved, looked at again → directories synced →
/// commits, which the next sync of the journal takes along. INVARIANT: nothing moves before its intent is on the disk,
/// and no commit is written before the directories that it speaks of are. Whatever stops it in between, recovery finds
/// each item at one end by its inode; a commit that a power cut took is written again by it.
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

  static let batch = 256
  let store: OwnerStore
  let look: ItemLook
  let plan: String

  /// The outcome of each request that was tried, in order, and the failure that stopped the rest.
  func move(_ requests: [Request]) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    var outcomes: [Outcome] = []
    var start = 0
    while start < requests.count {
      let end = min(start + Self.batch, requests.count)
      let (done, failure) = moveBatch(Array(requests[start..<end]))
      outcomes += done
      if let failure { return (outcomes, failure) }
      start = end
    }
    return (outcomes, nil)
  }

  private func item(_ request: Request, number: Int64) -> JournalItem? {
    // The sequence number makes it unique in this journal, the uid among the journals of the root.
    let record = TrashRecordName.make(request.id, uid: store.uid, number: number)
    guard let name = store.storedName(record) else { return nil }
    return JournalItem(
      record: record, action: request.id, plan: plan, kind: request.action.kind, path: request.action.path,
      stored: store.storedPath(name), owner: request.action.owner, bytes: request.action.bytes,
      identity: request.expected, purgeAfter: request.action.purgeAfter, because: request.action.because,
      contents: request.contents, copy: request.copy, archive: request.archive)
  }

  private struct Moved {
    let index: Int
    let item: JournalItem
    let parent: Folder
    let manifest: Identity
  }

  private func moveBatch(_ requests: [Request]) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    let journal = store.journal
    let items = requests.enumerated().compactMap { offset, request in
      item(request, number: journal.history.lastSequence + Int64(offset) + 1)
    }
    guard items.count == requests.count else { return ([], ApplyFailure(.refused, "an action has no usable id")) }
    let info = InfoFiles(store: store)
    do throws(ApplyFailure) {
      try journal.append(items.map { .trash($0) })
      try journal.sync()
    } catch {
      return ([], error)
    }
    var outcomes = [Outcome?](repeating: nil, count: items.count)
    var aborts: [(index: Int, reason: String)] = []
    var moved: [Moved] = []
    var stop: ApplyFailure?
    do throws(SystemError) {
      try info.write(items, at: store.clock.now())
    } catch {
      stop = ApplyFailure(.environment, "the trash cannot be written: \(error.text)\(error.advice)")
    }
    for (index, item) in items.enumerated() where stop == nil {
      stop = store.stop.failure
      if stop != nil { break }
      switch moveOne(index, item, within: requests[index].within) {
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
      for index in items.indices where outcomes[index] == nil && !moved.contains(where: { $0.index == index }) {
        aborts.append((index, "not reached"))
        outcomes[index] = .stays("not tried: \(stop.message)", isFailure: true)
      }
    }
    do throws(ApplyFailure) {
      try syncDirectories(moved)
      try journal.append(
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
      let summary = try TreeSummary.of(store.files.directory, stored)
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

  /// Moves what should not have been moved back to its folder, or, where that was removed or moved out of the root
  /// meanwhile, to the nearest one above it. Its new path; `nil` where it has its own.
  private func putBack(
    _ stored: Name, _ item: JournalItem, _ found: ItemLook.Found
  ) throws(SystemError) -> ByteString? {
    guard var path = RelativePath(item.place.bytes)?.split?.parent else {
      throw SystemError(errno: EINVAL, call: "renameat2")
    }
    var (folder, isItsOwn): (Folder?, Bool) = (found.parent, true)
    var last: SystemError?
    while true {
      if let folder {
        do throws(SystemError) {
          let name = try rename(stored, into: folder, found.name, mayKeepName: isItsOwn)
          return isItsOwn && name == found.name ? nil : ByteString(path.appending(name).bytes)
        } catch {
          // Removed, or moved out to where this process may not write.
          guard !error.stopsEverything else { throw error }
          last = last ?? error
        }
      }
      guard let above = path.split?.parent else { throw last ?? SystemError(errno: ENOENT, call: "renameat2") }
      (path, isItsOwn) = (above, false)
      folder = try? store.root.folder(path)
    }
  }

  /// Whoever put it under the planned name may take that at once, and any other that can be guessed: then it gets one
  /// that cannot.
  private func rename(
    _ stored: Name, into folder: Folder, _ own: Name, mayKeepName: Bool
  ) throws(SystemError) -> Name {
    var last = SystemError(errno: EEXIST, call: "renameat2")
    for attempt in (mayKeepName ? 0 : 1)..<8 {
      let suffix = attempt == 0 ? "" : ".restored-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
      guard let name = Name(Array(own.bytes.prefix(255 - suffix.utf8.count)) + Array(suffix.utf8)) else { break }
      do throws(SystemError) {
        try store.changes.move(store.files.directory, stored, to: folder.directory, name)
        return name
      } catch {
        guard error.errno == EEXIST || error.errno == ENOTEMPTY else { throw error }
        last = error
      }
    }
    throw last
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
