internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Carries out archives, one after the other: writes, reads back, publishes, and only then moves the run to the trash.
///
/// Intent, synced → a folder `….partial` with archive and manifest, synced → read back from the disk and compared → the
/// tree compared with what was planned → the folder renamed, synced → commit, synced → the run's own trash, which names
/// the archive. INVARIANT: until that trash is committed the run is in its place, whole; from the commit of the archive
/// on, a verified copy is as well.
struct Archiver {
  struct Settings: Equatable {
    var format: ArchiveSettings.Format
    var level: Int?
    /// The policy's, for the run's time in the trash.
    var purgeAfter: TimeSpan?
    /// Digest of the policy, for the manifest.
    var policy: String
  }
  enum Outcome {
    case archived(record: String)
    /// Left in its place.
    case stays(String, isFailure: Bool)
  }

  let store: OwnerStore
  let look: ItemLook
  let plan: String
  let settings: Settings

  /// The outcome of each request that was tried, in order; what stopped the rest; and what ends the whole apply.
  func archive(
    _ requests: [TrashMover.Request]
  ) -> (outcomes: [Outcome], trouble: ApplyFailure?, failure: ApplyFailure?) {
    var outcomes: [Outcome] = []
    for request in requests {
      if let stop = store.stop.failure { return (outcomes, nil, stop) }
      do throws(ApplyFailure) {
        switch try archive(request) {
        case .done(let outcome): outcomes.append(outcome)
        case .troubled(let reason, let failure):
          outcomes.append(.stays(reason, isFailure: true))
          return (outcomes, failure, store.stop.failure)
        }
      } catch {
        return (outcomes, nil, error)
      }
    }
    return (outcomes, nil, nil)
  }

  private enum Step {
    case done(Outcome)
    /// No other archive can be made either.
    case troubled(String, ApplyFailure)

    static func stays(_ trouble: ArchiveTrouble, _ path: ByteString) -> Step {
      let stopsAll = trouble.isDamage || (trouble.cause?.stopsEverything ?? false)
      guard stopsAll else { return .done(.stays(trouble.reason, isFailure: trouble.cause != nil)) }
      return .troubled(trouble.reason, ApplyFailure(.environment, "\(path.displayText): \(trouble.reason)"))
    }
  }

  private func archive(_ request: TrashMover.Request) throws(ApplyFailure) -> Step {
    let path = request.action.path
    let target: CopyTarget
    do throws(ArchiveTrouble) {
      target = try CopyTarget(ByteString(request.action.target ?? ""), for: store)
    } catch {
      return .stays(error, path)
    }
    switch try copy(request, target) {
    case .copied(let item): return try move(request, item)
    case .stays(let step): return step
    }
  }

  private enum Copy {
    case copied(JournalItem)
    case stays(Step)
  }

  /// The run's lock is held in here, and let go for the move, which takes it again.
  private func copy(_ request: TrashMover.Request, _ target: CopyTarget) throws(ApplyFailure) -> Copy {
    let found: ItemLook.Found
    do throws(ItemLook.Refusal) {
      found = try look.look(at: request.action.path, expected: request.expected, within: request.within)
    } catch {
      return .stays(.stays(ArchiveTrouble(error.reason, cause: error.cause), request.action.path))
    }
    guard found.summary.status.type == .directory else {
      return .stays(.done(.stays("only a run that is a directory is archived", isFailure: false)))
    }
    let (item, place) = self.item(request, target)
    try store.journal.append([.archive(item, at: place)])
    try store.journal.sync()
    var isPublished = false
    let seal: ArchiveSeal
    do throws(ArchiveTrouble) {
      seal = try publish(found, item, place, target, &isPublished)
    } catch {
      return .stays(try abandon(item, place, target, error, isPublished: isPublished))
    }
    try store.journal.append([.archived(record: item.record, seal)])
    try store.journal.sync()
    return .copied(item)
  }

  private func item(_ request: TrashMover.Request, _ target: CopyTarget) -> (JournalItem, ArchivePlace) {
    let record = TrashRecordName.make(request.id, uid: store.uid, number: store.journal.history.lastSequence + 1)
    let place = ArchivePlace(
      folder: target.ownPath, run: request.action.path, record: record, format: settings.format)
    let item = JournalItem(
      record: record, action: request.id, plan: plan, kind: request.action.kind, path: request.action.path,
      stored: place.path, owner: request.action.owner, bytes: request.action.bytes, identity: request.expected,
      purgeAfter: nil, because: request.action.because, contents: request.contents)
    return (item, place)
  }

  /// Writes and reads back under another name, then gives it its own.
  private func publish(
    _ found: ItemLook.Found, _ item: JournalItem, _ place: ArchivePlace, _ target: CopyTarget,
    _ isPublished: inout Bool
  ) throws(ArchiveTrouble) -> ArchiveSeal {
    guard let name = Name(place.name.bytes), let partial = Name(place.partialName.bytes) else {
      throw ArchiveTrouble("it has no usable name")
    }
    let goOn = goOn
    do {
      try store.changes.makeDirectory(target.own.directory, partial, mode: 0o700)
      let folder = try target.own.folder(partial)
      let writing = ArchiveWriting(
        changes: store.changes, format: settings.format, level: settings.level, goOn: goOn)
      let written = try writing.write(found.parent, found.name, origin(item), into: folder, file: place.file)
      try ArchiveCheck.verify(
        folder, try ArchiveCheck.manifest(folder, digest: written.manifestDigest), goOn: goOn)
      // What was read must be what was planned, then and now.
      let now = try TreeSummary.of(found.parent.directory, found.name)
      for summary in [written.summary, now] {
        let isSame =
          summary.digestText == item.identity.treeDigest && summary.entries == item.identity.entries
          && item.identity.difference(from: summary.status) == nil
        guard isSame else { throw ArchiveTrouble("something in it changed while it was archived") }
      }
      do throws(SystemError) {
        try store.changes.rename(in: target.own, partial, to: name)
      } catch {
        guard error.errno == 17 || error.errno == 39 else { throw error }
        throw ArchiveTrouble("the name of its archive is taken: \(place.path.displayText)")
      }
      isPublished = true
      try store.changes.sync(target.own.directory)
      return ArchiveSeal(
        identity: Identity(try TreeSummary.of(target.own.directory, name)), size: written.manifest.size,
        digest: written.manifest.digest, manifestDigest: written.manifestDigest)
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw ArchiveTrouble(ArchiveWriting.sentence(error), cause: error)
    } catch {
      throw ArchiveTrouble("the archive cannot be written")
    }
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

  /// What was begun is taken away; where that fails, the next run does it.
  private func abandon(
    _ item: JournalItem, _ place: ArchivePlace, _ target: CopyTarget, _ trouble: ArchiveTrouble,
    isPublished: Bool
  ) throws(ApplyFailure) -> Step {
    do throws(SystemError) {
      let removal = ArchiveRemoval(store: store, own: target.own, place: place)
      // Its name may have been taken by somebody: then what has it is theirs.
      _ = isPublished ? try removal.remove() : try removal.removePartial()
    } catch {
      let reason = "\(trouble.reason); what was begun of its archive cannot be removed: \(error.text)"
      return .stays(ArchiveTrouble(reason, cause: error), item.path)
    }
    try store.journal.append([.abort(.archive, record: item.record, reason: trouble.reason)])
    return .stays(trouble, item.path)
  }

  /// The run itself: into the trash, where it can be taken back from as long as it is there.
  private func move(_ request: TrashMover.Request, _ item: JournalItem) throws(ApplyFailure) -> Step {
    var action = request.action
    action.purgeAfter = settings.purgeAfter
    let request = TrashMover.Request(
      action: action, id: request.id, expected: request.expected, within: request.within, contents: request.contents,
      copy: item.record)
    let (outcomes, failure) = TrashMover(store: store, look: look, plan: plan).move([request])
    switch outcomes.first {
    case .moved:
      if let failure { throw failure }
      return .done(.archived(record: item.record))
    case .stays(let reason, let isFailure):
      if let failure { throw failure }
      guard let archive = store.journal.history.archive(item.record) else {
        return .done(.stays(reason, isFailure: true))
      }
      let settled = try ArchiveSettling(store: store).settle(archive)
      return .done(.stays("\(reason); it \(settled.words)", isFailure: isFailure))
    case nil: throw failure ?? ApplyFailure(.environment, "it was not moved")
    }
  }
}
