internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Carries out backups into folders, one after the other: copies, reads back, publishes; the item never moves.
///
/// Intent, synced → a folder `….partial`, with what an interrupted backup left in it → every file copied and synced, or
/// found to be the same → what was written read back from the disk and compared → the tree compared with what was planned
/// → the manifest → the folder renamed, synced → the target still the one that was opened → commit, synced. INVARIANT: a
/// commit is written only for a folder whose every byte was read from the target and was the source's.
struct Backer {
  struct Settings: Equatable {
    /// Bytes a second; `nil` for no limit.
    var bandwidth: Int64?
    /// Digest of the policy, for the manifest.
    var policy: String
  }
  enum Outcome {
    case saved(record: String, at: ByteString)
    case stays(String, isFailure: Bool)
  }

  let store: OwnerStore
  let look: ItemLook
  let plan: String
  let settings: Settings

  /// The outcome of each request that was tried, in order, and what ends the whole apply. `troubles`, by target: what keeps
  /// others from being backed up there, too.
  func back(
    _ requests: [TrashMover.Request], _ troubles: inout [String: ApplyFailure]
  ) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    var outcomes: [Outcome] = []
    for request in requests {
      if let stop = store.stop.failure { return (outcomes, stop) }
      let target = request.action.target ?? ""
      if let trouble = troubles[target] {
        outcomes.append(.stays("not tried: \(trouble.message)", isFailure: true))
        continue
      }
      do throws(ApplyFailure) {
        outcomes.append(try back(request, target, &troubles))
      } catch {
        return (outcomes, error)
      }
    }
    return (outcomes, nil)
  }

  private func back(
    _ request: TrashMover.Request, _ target: String, _ troubles: inout [String: ApplyFailure]
  ) throws(ApplyFailure) -> Outcome {
    let path = request.action.path
    // In its own folder a backup has these beside it.
    if FolderCopy.reserved.contains(path.lastComponent) {
      return .stays("no backup can hold something of this name", isFailure: false)
    }
    let found: ItemLook.Found
    do throws(ItemLook.Refusal) {
      found = try look.look(at: path, expected: request.expected, within: request.within)
    } catch {
      return .stays(error.reason, isFailure: error.cause != nil)
    }
    let folder: CopyTarget
    do throws(ArchiveTrouble) {
      folder = try CopyTarget(ByteString(target), .backups, for: store)
    } catch {
      troubles[target] = ApplyFailure(.environment, error.reason)
      return .stays(error.reason, isFailure: true)
    }
    let (item, place) = self.item(request, target, folder)
    try store.journal.append([.backup(item, at: place)])
    try store.journal.sync()
    var isTargets = false
    let seal: BackupSeal
    do throws(ArchiveTrouble) {
      seal = try copy(found, item, place, folder, &isTargets)
    } catch {
      try store.journal.append([.abort(.backup, record: item.record, reason: error.reason)])
      if isTargets { troubles[target] = ApplyFailure(.environment, "\(path.displayText): \(error.reason)") }
      return .stays(error.reason, isFailure: error.cause != nil || error.isDamage)
    }
    try store.journal.append([.backedUp(record: item.record, seal)])
    try store.journal.sync()
    return .saved(record: item.record, at: place.path)
  }

  private func item(
    _ request: TrashMover.Request, _ target: String, _ folder: CopyTarget
  ) -> (JournalItem, BackupPlace) {
    let record = TrashRecordName.make(request.id, uid: store.uid, number: store.journal.history.lastSequence + 1)
    let place = BackupPlace(target: target, folder: folder.ownPath, of: request.action.path, record: record)
    let item = JournalItem(
      record: record, action: request.id, plan: plan, kind: request.action.kind, path: request.action.path,
      stored: place.path, owner: request.action.owner, bytes: request.action.bytes, identity: request.expected,
      purgeAfter: nil, because: request.action.because, contents: [])
    return (item, place)
  }

  /// `isTargets`: what went wrong is the target's, and would go wrong for others, too.
  private func copy(
    _ found: ItemLook.Found, _ item: JournalItem, _ place: BackupPlace, _ target: CopyTarget, _ isTargets: inout Bool
  ) throws(ArchiveTrouble) -> BackupSeal {
    guard let name = Name(place.name.bytes), let partial = Name(place.partialName.bytes) else {
      throw ArchiveTrouble("it has no usable name")
    }
    let resumption = BackupResumption(store: store, own: target.own, item: item, place: place)
    do {
      isTargets = true
      let folder = try resumption.folder()
      let copy = FolderCopy(
        store.changes, into: folder, earlier: resumption.earlier(), bandwidth: Bandwidth(settings.bandwidth),
        goOn: goOn)
      defer { isTargets = copy.failure.map { !FolderCopy.isOfItemAlone($0) } ?? false }
      let (entries, summary) = try BackupReading.read(found, into: copy)
      try copy.finish(entries)
      try copy.readBack(entries)
      try Self.requireSame(item, found, summary)
      let manifest = ArchiveManifest(origin: origin(item), entries: entries)
      return try publish(manifest, folder, (partial, name), target, copy)
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw ArchiveTrouble(FolderCopy.sentence(error, item.path), cause: error)
    } catch {
      throw ArchiveTrouble("the backup cannot be written")
    }
  }

  /// What was read must be what was planned, then and now.
  private static func requireSame(
    _ item: JournalItem, _ found: ItemLook.Found, _ summary: TreeSummary
  ) throws {
    let now = try TreeSummary.of(found.parent.directory, found.name)
    for summary in [summary, now] {
      let isSame =
        summary.digestText == item.identity.treeDigest && summary.entries == item.identity.entries
        && item.identity.difference(from: summary.status) == nil
      guard isSame else { throw ArchiveTrouble("something in it changed while it was copied") }
    }
  }

  private func publish(
    _ manifest: ArchiveManifest, _ folder: Folder, _ names: (partial: Name, whole: Name), _ target: CopyTarget,
    _ copy: FolderCopy
  ) throws(ArchiveTrouble) -> BackupSeal {
    let text = manifest.encode()
    try copy.reaching(manifest.origin.path) { () throws(SystemError) in
      guard let name = Name(ArchivePlace.manifest) else { return }
      let file = try store.changes.openFile(folder.directory, name, exclusive: true)
      try store.changes.write(file, text, at: 0)
      try store.changes.sync(file)
      try store.changes.sync(folder.directory)
      try store.changes.move(target.own.directory, names.partial, to: target.own.directory, names.whole)
      try store.changes.sync(target.own.directory)
      guard target.isStillThere() else { throw SystemError(errno: ENOTCONN, call: "open") }
    }
    return BackupSeal(
      size: manifest.size, entries: Int64(manifest.entries.count), manifestSize: Int64(text.count),
      manifestDigest: SHA256Digest.hex(of: text))
  }

  private var goOn: () throws(ArchiveTrouble) -> Void {
    let stop = store.stop
    return { () throws(ArchiveTrouble) in
      if let failure = stop.failure { throw ArchiveTrouble(failure.message) }
    }
  }

  private func origin(_ item: JournalItem) -> ArchiveManifest.Origin {
    ArchiveManifest.Origin(
      record: item.record, kind: item.kind, host: store.host, root: store.rootPath, path: item.path, uid: store.uid,
      owner: item.owner, tree: item.identity.treeDigest, action: item.action, plan: plan, policy: settings.policy,
      rules: item.because.map(\.rule), tool: ToolVersion.text, at: store.clock.now())
  }
}

/// Reads a run or checkpoint once, by descriptors, into whatever keeps it.
enum BackupReading {
  static func read(
    _ found: ItemLook.Found, into sink: any EntrySink
  ) throws(ArchiveTrouble) -> (entries: [ArchiveEntry], summary: TreeSummary) {
    var packer = TreePacker(sink, .backup, top: found.name) { () throws(ArchiveTrouble) in }
    let summary: TreeSummary
    do throws(SystemError) {
      if found.summary.status.type == .directory {
        summary = try TreeWalk.walk(found.parent.directory.open(found.name), visitor: &packer)
      } else {
        packer.packAlone(found.parent.directory, found.name)
        summary = try TreeSummary.of(found.parent.directory, found.name)
      }
    } catch {
      throw ArchiveTrouble("\(ByteString(found.name.bytes).displayText) cannot be read: \(error.text)", cause: error)
    }
    if let trouble = packer.trouble { throw trouble }
    return (packer.entries, summary)
  }
}
