internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Finishes or undoes what an interrupted run began, before anything else is done.
///
/// For every open intent the disk is asked where the inode is: in its place, the move did not happen; at the other end,
/// it did; at neither end (or at both, other than by our own link), somebody else was there, and we keep our hands off.
/// Running it again, or stopping it anywhere, changes nothing about the outcome.
struct Recovery {
  let store: OwnerStore
  /// Records that a person gives up: where the disk cannot say what became of them, they count as gone.
  var givenUp: [String] = []

  /// What was finished or undone, in words; empty where nothing was open.
  func run(trigger: String) throws(ApplyFailure) -> [String] {
    let history = store.journal.history
    let open = history.open
    var report: [String] = []
    let copies = history.openArchives.count + history.openBackups.count
    if !open.isEmpty || copies > 0 {
      report.append(found(open.count + copies))
      try store.begin("recover", plan: nil, trigger: trigger)
      for item in open {
        let shown = item.item.path.displayText
        do {
          let own = Recovery(store: try store.store(of: item.item))
          switch item.state {
          case .moving: report.append("\(shown): \(try own.settleTrash(item))")
          case .restoring(let destination): report.append("\(shown): \(try own.settleRestore(item, destination))")
          case .purging: report.append("\(shown): \(try finishPurge(item))")
          case .inTrash, .abandoned, .restored, .purged: break
          }
        } catch let failure as ApplyFailure {
          guard failure.status == .damaged, givenUp.contains(item.item.record) else { throw failure }
          try giveUp(item)
          report.append("\(shown): is given up")
        } catch let error as SystemError {
          if case .purging = item.state, !error.stopsEverything {
            // It can only go forward, and does not have to go today: nothing else depends on it.
            let advice =
              error.errno == ENOTRECOVERABLE ? "; look at \(place(inTrash: item)), and remove it by hand" : ""
            report.append("\(shown): its purge cannot be finished: \(error.sentence)\(advice)")
            continue
          }
          if let archive = item.item.archive, !error.stopsEverything {
            // Its volume may not be mounted now, and nothing in the root depends on it.
            report.append("\(shown): its archive cannot be settled: \(archive.place.folder.displayText): \(error.text)")
            continue
          }
          throw ApplyFailure(.environment, "an interrupted run cannot be settled: \(shown): \(error.text)")
        } catch {
          throw ApplyFailure(.environment, "an interrupted run cannot be settled: \(shown)")
        }
      }
      // After the moves: they tell which runs are still in their places.
      for archive in store.journal.history.openArchives {
        report.append("\(archive.item.path.displayText): \(try ArchiveSettling(store: store).settle(archive).words)")
      }
      for backup in store.journal.history.openBackups {
        try store.journal.append([.abort(.backup, record: backup.item.record, reason: "interrupted")])
        report.append("\(backup.item.path.displayText): its backup was interrupted; the next one goes on with it")
      }
      try store.journal.sync()
    }
    report += try giveUpMissing(except: open.map(\.item.record), trigger: trigger)
    try checkStrangers()
    return report
  }

  /// What was interrupted, and when it was last heard of.
  private func found(_ count: Int) -> String {
    let history = store.journal.history
    let what = history.log.last?.run?.command ?? "run"
    let when = history.latest.map { ", last heard of at \($0.words)" } ?? ""
    let things = count == 1 ? "1 thing" : "\(count) things"
    return "\(store.rootPath.displayText): an interrupted \(what)\(when), left \(things) open"
  }

  private func settleTrash(_ item: TrashedItem) throws -> String {
    let name = item.item.record
    let (files, stored) = try store.location(of: item.item)
    let there = try files.statusIfThere(stored)
    let inTrash = there.map { matches(item.item.identity, $0) } ?? false
    let place = try place(item.item.place, isOptional: inTrash)
    let inPlace = try isThere(item.item.identity, place)
    switch (inPlace, inTrash) {
    case (true, let linked):
      // One inode under both names is our own link, never anybody's data lost; an empty directory is our placeholder.
      if linked, there?.type != .directory {
        try store.changes.unlink(files.directory, stored)
        try store.changes.sync(files.directory)
      } else if there?.type == .directory, !linked {
        try store.changes.removeDirectory(files.directory, stored)
        try store.changes.sync(files.directory)
      } else if there != nil {
        throw handsOff(item)
      }
      try removeInfo(name)
      try store.journal.append([.abort(.trash, record: name, reason: "interrupted before it was moved")])
      return "was not moved, and stays"
    case (false, true):
      let manifest = try TreeSummary.of(files.directory, stored)
      if let place, hasChanged(item, manifest), try OriginRuns.areInPlace(item.item, below: store.root),
        try putBack(files, stored, place)
      {
        try removeInfo(name)
        try store.journal.append([.abort(.trash, record: name, reason: "it changed while it was being moved")])
        return "changed while it was being moved, and is back in its place"
      }
      try writeInfo(item)
      if let place { try store.changes.sync(place.folder.directory) }
      try store.changes.sync(files.directory)
      try store.journal.append([.commit(.trash, record: name, identity: Identity(manifest))])
      return "was moved, and is in the trash"
    case (false, false): throw handsOff(item)
    }
  }

  /// The look after the move, which the interrupted run did not come to. Over a reboot the device may have another number,
  /// and then nothing can be said.
  private func hasChanged(_ item: TrashedItem, _ found: TreeSummary) -> Bool {
    let planned = item.item.identity
    guard planned.device == found.status.device else { return false }
    return planned.difference(from: found.status, afterMove: true) != nil || found.digestText != planned.treeDigest
  }

  /// False where its name was taken meanwhile: then, as where another run got the name of its own, it stays in the trash.
  private func putBack(_ files: Folder, _ stored: Name, _ place: (folder: Folder, name: Name)) throws -> Bool {
    do throws(SystemError) {
      try store.changes.move(files.directory, stored, to: place.folder.directory, place.name)
    } catch {
      if error.errno == EEXIST || error.errno == ENOTEMPTY { return false }
      throw error
    }
    try store.changes.sync(place.folder.directory)
    try store.changes.sync(files.directory)
    return true
  }

  private func settleRestore(_ item: TrashedItem, _ destination: ByteString) throws -> String {
    guard let manifest = item.manifest else { throw handsOff(item) }
    let (files, stored) = try store.location(of: item.item)
    let inTrash = try files.statusIfThere(stored).map { matches(manifest, $0) } ?? false
    let place = try place(destination, isOptional: inTrash)
    let restored = try isThere(manifest, place)
    switch (inTrash, restored) {
    case (true, let linked):
      if linked, let place {
        guard manifest.type != .directory else { throw handsOff(item) }
        try store.changes.unlink(place.folder.directory, place.name)
        try store.changes.sync(place.folder.directory)
      }
      try store.journal.append([.abort(.restore, record: item.item.record, reason: "interrupted before it was moved")])
      return "was not restored, and stays in the trash"
    case (false, true):
      guard let place else { throw handsOff(item) }
      let identity = try TreeSummary.of(place.folder.directory, place.name)
      try store.changes.sync(place.folder.directory)
      try store.changes.sync(files.directory)
      try store.journal.append([.commit(.restore, record: item.item.record, identity: Identity(identity))])
      try removeInfo(item.item.record)
      return "was restored"
    case (false, false): throw handsOff(item)
    }
  }

  private func finishPurge(_ item: TrashedItem) throws -> String {
    let (files, stored) = try store.location(of: item.item)
    if let status = try files.statusIfThere(stored) {
      guard let manifest = item.manifest, matches(manifest, status) else { throw handsOff(item) }
      try TreeRemoval(changes: store.changes, uid: store.uid, seen: nil).remove(files, stored)
    }
    // Also where nothing was left to remove: the process that removed it may not have come to its sync.
    try store.changes.sync(files.directory)
    try removeInfo(item.item.record)
    try store.journal.append([.commit(.purge, record: item.item.record, identity: nil)])
    return "is purged to the end"
  }

  /// Nothing lies in the trash that the journal does not know: else the journal has lost something.
  private func checkStrangers() throws(ApplyFailure) {
    let listing: DirectoryListing
    do {
      listing = try store.files.directory.list()
    } catch {
      throw ApplyFailure(.environment, "the trash \(store.filesPath.displayText) cannot be listed: \(error.text)")
    }
    for index in listing.indices {
      let bytes = Array(listing.bytes(index))
      guard bytes.starts(with: store.prefix) else { continue }
      let record = String(decoding: bytes.dropFirst(store.prefix.count), as: UTF8.self)
      // Another journal answers for these.
      if record.hasPrefix(StateLayout.stateMark) || record.hasPrefix(StateLayout.rootMark) { continue }
      let known = store.journal.history.item(record)
      switch known?.state {
      case .inTrash, .purging: continue
      case .moving, .restoring, .abandoned, .restored, .purged, nil:
        throw ApplyFailure(
          .damaged,
          "`\(record)` lies in the trash of \(store.rootPath.displayText) and the journal does not know of it: "
            + "its info file says where it came from; move it back or away")
      }
    }
  }

  /// The folder and name of a place, `nil` where its folder is gone. Where the thing was found elsewhere, what cannot be
  /// looked at may be passed over; else it is no proof that nothing is there.
  private func place(_ path: ByteString, isOptional: Bool) throws -> (folder: Folder, name: Name)? {
    do throws(SystemError) {
      return try store.place(path)
    } catch {
      if isOptional || error.isAbsence { return nil }
      throw error
    }
  }

  private func isThere(_ identity: Identity, _ place: (folder: Folder, name: Name)?) throws -> Bool {
    guard let place else { return false }
    return try place.folder.statusIfThere(place.name).map { matches(identity, $0) } ?? false
  }

  /// The same object; its stamps may have moved on. The device number is the root's of today: it changes over reboots.
  private func matches(_ identity: Identity, _ status: FileStatus) -> Bool {
    status.inode == identity.inode && status.device == store.root.status.device
      && Identity.FileType(status.type) == identity.type
      && (identity.born == nil || status.born == nil || identity.born?.nanoseconds == status.born)
  }

  /// Where in the trash it lies: an absolute path to read.
  private func place(inTrash item: TrashedItem) -> String {
    let stored = item.item.stored
    return stored.bytes.first == UInt8(ascii: "/")
      ? stored.displayText : "\(store.rootPath.displayText)/\(stored.displayText)"
  }

  private func handsOff(_ item: TrashedItem) -> ApplyFailure {
    ApplyFailure(
      .damaged,
      "an earlier run was interrupted, and \(item.item.path.displayText) (trash record \(item.item.record)) is neither in "
        + "its place nor in the trash as it was: look for it before anything else is done; when it is found, or known to be "
        + "gone, give `policy recover --give-up \(item.item.record)`")
  }

  private func writeInfo(_ item: TrashedItem) throws {
    try removeInfo(item.item.record)
    try InfoFiles(store: store).write(item.item, at: store.clock.now())
  }

  private func removeInfo(_ record: String) throws { try InfoFiles(store: store).remove(record) }
}
