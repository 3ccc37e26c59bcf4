internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Removes items from the trash for good: the only code that destroys anything.
///
/// An item goes when our own journal committed it, its time in the trash is proved, and it lies there as it was put
/// there. Intents are synced before the first removal; a purge that has begun can only go forward.
struct Purger {
  struct Request {
    let item: TrashedItem
    /// The least time in the trash; `nil`: none is known, so it needs the caller's word.
    let wait: TimeSpan?
    let cause: PurgeCause
  }
  enum Outcome {
    case purged
    case stays(String, isFailure: Bool)
  }

  static let batch = 256
  let store: OwnerStore
  let pins: PinWatch

  func purge(_ requests: [Request]) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    var outcomes: [Outcome] = []
    var start = 0
    while start < requests.count {
      let end = min(start + Self.batch, requests.count)
      let (done, failure) = purgeBatch(Array(requests[start..<end]))
      outcomes += done
      if let failure { return (outcomes, failure) }
      // What was just freed is the space that the next records need.
      if end < requests.count { store.journal.reserveSpace() }
      start = end
    }
    return (outcomes, nil)
  }

  private func purgeBatch(_ requests: [Request]) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    var outcomes = [Outcome?](repeating: nil, count: requests.count)
    let (looks, refusals) = look(requests)
    for index in requests.indices {
      guard let refusal = refusals[index] ?? refusal(requests[index], looks[index]) else { continue }
      outcomes[index] = .stays(refusal.reason, isFailure: refusal.cause != nil)
      // One thing on a bad part of the disk does not keep the others from being purged; a process in trouble does.
      guard let cause = refusal.cause, cause.stopsEverything, cause.errno != EIO else { continue }
      let failure = ApplyFailure(.environment, "\(cause.call): \(cause.text)")
      return (outcomes.map { $0 ?? .stays("not tried: \(failure.message)", isFailure: true) }, failure)
    }
    let going = requests.indices.filter { outcomes[$0] == nil }
    var committed: [Int] = []
    var stop: ApplyFailure?
    do throws(ApplyFailure) {
      try store.journal.append(
        going.map { .purge(record: requests[$0].item.item.record, cause: requests[$0].cause) })
      try store.journal.sync()
      let items = try going.map { (index) throws(ApplyFailure) in
        try place(requests[index], index, looks[index]?.folders ?? [])
      }
      let removal = ParallelRemoval(changes: store.changes, uid: store.uid, stop: store.stop).remove(items)
      stop = removal.stop
      for (index, error) in removal.failed {
        outcomes[index] = .stays("partly removed: \(error.sentence); the next run goes on", isFailure: true)
      }
      // One sync for all of them: no record may say that something is gone which a power cut would bring back.
      try sync(items)
      committed = removal.removed
      // The info file is the last thing of an item to go; where it stays, the purge stays open for the next run.
      var cleared: [Int] = []
      for index in committed {
        do throws(SystemError) {
          try InfoFiles(store: store).remove(requests[index].item.item.record)
          cleared.append(index)
        } catch {
          stop = stop ?? ApplyFailure(.environment, "an info file cannot be removed: \(error.text)")
        }
      }
      let begun = Set(removal.removed + removal.failed.map(\.index))
      try store.journal.append(
        cleared.map { .commit(.purge, record: requests[$0].item.item.record, identity: nil) }
          + going.filter { !begun.contains($0) }
          .map { .abort(.purge, record: requests[$0].item.item.record, reason: "not reached") })
    } catch {
      stop = stop ?? error
    }
    for index in committed { outcomes[index] = .purged }
    let reason = stop?.message ?? "not reached"
    return (outcomes.map { $0 ?? .stays("not known to be gone: \(reason)", isFailure: true) }, stop)
  }

  private func place(
    _ request: Request, _ index: Int, _ seen: Set<FolderMark>
  ) throws(ApplyFailure) -> ParallelRemoval.Item {
    do throws(SystemError) {
      let (files, name) = try store.location(of: request.item.item)
      return ParallelRemoval.Item(index: index, files: files, name: name, seen: seen)
    } catch {
      throw ApplyFailure(.environment, "the trash \(store.filesPath.displayText) cannot be opened: \(error.text)")
    }
  }

  private func sync(_ items: [ParallelRemoval.Item]) throws(ApplyFailure) {
    var synced: Set<UInt64> = []
    do throws(SystemError) {
      for item in items where synced.insert(item.files.status.inode).inserted {
        try store.changes.sync(item.files.directory)
      }
    } catch {
      throw ApplyFailure(.environment, "the removal cannot be synced: \(error.text)")
    }
  }

  /// What there is of each item, and why some may not be purged, whatever that is.
  private func look(_ requests: [Request]) -> (looks: [PurgeLook?], refusals: [ItemLook.Refusal?]) {
    var looks = [PurgeLook?](repeating: nil, count: requests.count)
    var refusals = [ItemLook.Refusal?](repeating: nil, count: requests.count)
    var places: [PurgeLook.Place] = []
    let backups = requests.contains { !$0.item.item.needs.isEmpty } ? store.backups() : []
    for (index, request) in requests.enumerated() {
      refusals[index] = earlyRefusal(request, backups)
      if refusals[index] != nil { continue }
      do throws(SystemError) {
        let (files, name) = try store.location(of: request.item.item)
        places.append(PurgeLook.Place(index: index, files: files, name: name))
      } catch {
        refusals[index] = ItemLook.Refusal(error.sentence, cause: error)
      }
    }
    for (place, found) in zip(places, PurgeLook.look(places, uid: store.uid)) {
      switch found {
      case .success(let look): looks[place.index] = look
      case .failure(let error): refusals[place.index] = ItemLook.Refusal(error.sentence, cause: error)
      }
    }
    return (looks, refusals)
  }

  /// Why an item may not be purged now, without a look at it.
  private func earlyRefusal(_ request: Request, _ backups: [BackedUpItem]) -> ItemLook.Refusal? {
    let item = request.item
    guard item.state == .inTrash, let trashedAt = item.trashedAt, item.manifest != nil else {
      return ItemLook.Refusal("it is not in the trash")
    }
    // A caller's typed word stands for the time, and for a backup that was lost; an archive may be the only copy.
    if request.cause != .nowFree {
      let reason =
        timeRefusal(item, trashedAt, request.wait) ?? store.missingBackup(of: item.item, among: backups)
      if let reason { return ItemLook.Refusal(reason) }
    }
    return store.missingArchive(of: item.item).map { ItemLook.Refusal($0) }
  }

  /// Why an item may not be purged now; `nil` where it may.
  private func refusal(_ request: Request, _ look: PurgeLook?) -> ItemLook.Refusal? {
    guard let look else { return ItemLook.Refusal.taken(request.item.item.record) }
    if let reason = look.reason { return ItemLook.Refusal(reason, cause: look.cause) }
    guard let manifest = request.item.manifest, let summary = look.summary else {
      return ItemLook.Refusal("it is not in the trash")
    }
    // The device number may change over a reboot, and is part of every child's tuple: then nothing can be proved.
    let isSame =
      manifest.difference(from: summary.status, afterMove: summary.status.type == .directory) == nil
      && manifest.treeDigest == summary.digestText && manifest.entries == summary.entries
    guard isSame else {
      return ItemLook.Refusal("something in it changed since it was trashed; restore it, or look at it")
    }
    do throws(SystemError) {
      return try pins.holds(request.item.item.path, summary.status).map { ItemLook.Refusal($0) }
    } catch {
      return ItemLook.Refusal(error.sentence, cause: error)
    }
  }

  /// A time is proved by the wall clock, which no record of the journal may be ahead of, and within one boot also by
  /// the clock that nobody can set.
  private func timeRefusal(_ item: TrashedItem, _ trashedAt: Timestamp, _ wait: TimeSpan?) -> String? {
    guard let wait else {
      return "no `purge_after` says when: set one in the policy, or purge its plan with `--now-free`"
    }
    let now = store.clock.now()
    if let latest = store.journal.history.latest, now < latest {
      return "the clock (\(now.words)) stands before the journal's last record (\(latest.words)): no time is proved"
    }
    guard let elapsed = now.since(trashedAt), elapsed >= wait else {
      let due = trashedAt.advanced(by: wait)
      return "its time in the trash is not over" + (due.map { ": purge it from \($0.wordsRoundedUp) on" } ?? "")
    }
    if let then = item.trashedBoot, let boot = store.clock.boot(), then.id == boot.id,
      boot.uptime - then.uptime < wait.nanoseconds
    {
      return "the clock was moved forward: only \(TimeSpan(nanoseconds: max(0, boot.uptime - then.uptime)).spelled) "
        + "have passed since it was trashed"
    }
    return nil
  }
}
