internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Carries out backups, one after the other: copies, reads back, journals; the item never moves.
///
/// Intent, synced → copied, and read back where it lies → commit, synced. INVARIANT: a commit is written only for what
/// was read from the target, every byte, and was the source's before and after.
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

  private static let mostLapses = 3
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
    var lapses: [String: Int] = [:]
    var known: Set<String> = []
    for request in requests {
      if let stop = store.stop.failure { return (outcomes, stop) }
      let target = request.action.target ?? ""
      if let trouble = troubles[target] {
        outcomes.append(.stays("not tried: \(trouble.message)", isFailure: true))
        continue
      }
      do throws(ApplyFailure) {
        outcomes.append(try back(request, target, &lapses, &known, &troubles))
      } catch {
        return (outcomes, error)
      }
    }
    return (outcomes, nil)
  }

  private func back(
    _ request: TrashMover.Request, _ target: String, _ lapses: inout [String: Int], _ known: inout Set<String>,
    _ troubles: inout [String: ApplyFailure]
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
    let destination: any BackupDestination
    do throws(ArchiveTrouble) {
      destination = try self.destination(target, isKnown: known.contains(target))
      known.insert(target)
    } catch {
      troubles[target] = ApplyFailure(.environment, error.reason)
      return .stays(error.reason, isFailure: true)
    }
    let (item, place) = self.item(request, target, destination)
    try store.journal.append([.backup(item, at: place)])
    try store.journal.sync()
    var fault = BackupFault.items
    let seal: BackupSeal
    do throws(ArchiveTrouble) {
      seal = try destination.copy(
        BackupWork(found: found, item: item, place: place, origin: origin(item)), &fault)
    } catch {
      try store.journal.append([.abort(.backup, record: item.record, reason: error.reason)])
      if fault == .doubtful { lapses[target, default: 0] += 1 }
      // A server that fails three times in a row is left alone until the next apply.
      if fault == .targets || lapses[target, default: 0] >= Self.mostLapses {
        troubles[target] = ApplyFailure(.environment, "\(path.displayText): \(error.reason)")
      }
      return .stays(error.reason, isFailure: error.cause != nil || error.isDamage || fault != .items)
    }
    lapses[target] = 0
    try store.journal.append([.backedUp(record: item.record, seal)])
    try store.journal.sync()
    return .saved(record: item.record, at: place.path)
  }

  private func destination(_ target: String, isKnown: Bool) throws(ArchiveTrouble) -> any BackupDestination {
    if GitTarget.isMeant(target) {
      return try GitDestination(target, store: store, bandwidth: settings.bandwidth, goOn: goOn)
    }
    if RcloneTarget.isMeant(target) {
      return try RcloneDestination(
        target, uid: store.uid, bandwidth: settings.bandwidth, isKnown: isKnown, goOn: goOn)
    }
    return FolderDestination(
      store: store, target: try CopyTarget(ByteString(target), .backups, for: store), bandwidth: settings.bandwidth,
      goOn: goOn)
  }

  private func item(
    _ request: TrashMover.Request, _ target: String, _ destination: any BackupDestination
  ) -> (JournalItem, BackupPlace) {
    let record = TrashRecordName.make(request.id, uid: store.uid, number: store.journal.history.lastSequence + 1)
    let place = destination.place(
      target, of: request.action.path, record: record, tree: request.expected.treeDigest)
    let item = JournalItem(
      record: record, action: request.id, plan: plan, kind: request.action.kind, path: request.action.path,
      stored: place.path, owner: request.action.owner, bytes: request.action.bytes, identity: request.expected,
      purgeAfter: nil, because: request.action.because, contents: [])
    return (item, place)
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
