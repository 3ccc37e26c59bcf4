internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Moves items from the trash back to where the journal says they were.
struct Restorer {
  enum Outcome {
    /// Relative to the root; another name than the old one where that was taken.
    case restored(to: ByteString)
    case stays(String, isFailure: Bool)
  }

  let store: OwnerStore

  /// Also of archives, which go back to their own folder.
  func restore(_ items: [TrashedItem]) -> (outcomes: [Outcome], failure: ApplyFailure?) {
    var outcomes: [Outcome] = []
    for item in items {
      if let stop = store.stop.failure { return (outcomes, stop) }
      do throws(ApplyFailure) {
        outcomes.append(try Restorer(store: within(item)).restore(item))
      } catch {
        return (outcomes, error)
      }
    }
    return (outcomes, nil)
  }

  private func within(_ item: TrashedItem) throws(ApplyFailure) -> OwnerStore {
    do throws(SystemError) {
      return try store.store(of: item.item)
    } catch {
      throw ApplyFailure(
        .environment, "the folder of the archive of \(item.item.path.displayText) cannot be used: \(error.text)")
    }
  }

  private func restore(_ item: TrashedItem) throws(ApplyFailure) -> Outcome {
    if let reason = Self.obstacle(item) { return .stays(reason, isFailure: false) }
    switch find(item) {
    case .failure(let refusal):
      if let cause = refusal.cause, cause.stopsEverything {
        throw ApplyFailure(.environment, "\(item.item.path.displayText): \(refusal.reason)")
      }
      return .stays(refusal.reason, isFailure: refusal.cause != nil)
    case .success(let ends):
      let outcome = try move(item, ends)
      if case .stays = outcome { RestorePlace(store: store).remove(ends.parent.made) }
      return outcome
    }
  }

  /// Where an item lies, and where it was.
  private struct Ends {
    let files: Folder
    let stored: Name
    let parent: RestorePlace.Parent
    let name: Name
    var folder: Folder { parent.folder }
  }

  private func find(_ item: TrashedItem) -> Result<Ends, ItemLook.Refusal> {
    do throws(SystemError) {
      let (files, stored) = try store.location(of: item.item)
      guard let status = try files.statusIfThere(stored), let manifest = item.manifest else {
        return .failure(ItemLook.Refusal.taken(item.item.record))
      }
      guard status.inode == manifest.inode, manifest.type == Identity.FileType(status.type) else {
        return .failure(ItemLook.Refusal("something else lies in the trash under its record"))
      }
      guard let name = RelativePath(item.item.place.bytes)?.split?.last else {
        return .failure(ItemLook.Refusal("its old path cannot be used"))
      }
      let parent = try RestorePlace(store: store).parent(of: item.item)
      return parent.map { Ends(files: files, stored: stored, parent: $0, name: name) }
    } catch {
      return .failure(ItemLook.Refusal(error.sentence, cause: error))
    }
  }

  /// Why an item cannot come back, from what the journal says alone.
  static func obstacle(_ item: TrashedItem) -> String? {
    switch item.state {
    case .inTrash: nil
    case .purged(let at): "it was purged at \(at.words) and cannot be restored"
    case .purging: "its purge has begun; what is left of it cannot be restored"
    case .restored(let path, let at, _): "it was restored to `\(path.displayText)` at \(at.words)"
    case .abandoned: "it never left its place"
    case .moving, .restoring: "an interrupted run left it open"
    }
  }

  private func move(_ item: TrashedItem, _ ends: Ends) throws(ApplyFailure) -> Outcome {
    let record = item.item.record
    // An archive is found by its name.
    for attempt in 0..<(item.item.archive == nil ? 100 : 1) {
      guard let target = RestorePlace.candidate(ends.name, attempt) else { break }
      let path = ByteString(ends.parent.path.appending(target).bytes)
      if let isTaken = try? ends.folder.statusIfThere(target) != nil, isTaken { continue }
      try store.journal.append([.restore(record: record, to: path)])
      try store.journal.sync()
      if let error = rename(ends, target) {
        try store.journal.append([.abort(.restore, record: record, reason: error.text)])
        if error.stopsEverything { throw ApplyFailure(.environment, "\(error.call): \(error.text)") }
        // Somebody took the name in between: try the next one.
        if error.errno == EEXIST || error.errno == ENOTEMPTY { continue }
        return .stays(error.sentence, isFailure: true)
      }
      let identity: Identity
      do throws(SystemError) {
        identity = Identity(try TreeSummary.of(ends.folder.directory, target))
        try store.changes.sync(ends.folder.directory)
        try store.changes.sync(ends.files.directory)
      } catch {
        throw ApplyFailure(.environment, "\(path.displayText) is back, but that cannot be synced: \(error.text)")
      }
      try store.journal.append([.commit(.restore, record: record, identity: identity)])
      // Only for looks: an info file without its item means nothing.
      try? InfoFiles(store: store).remove(record)
      return .restored(to: path)
    }
    return .stays("no free name was found beside its old one", isFailure: true)
  }

  private func rename(_ ends: Ends, _ target: Name) -> SystemError? {
    do throws(SystemError) {
      try store.changes.move(ends.files.directory, ends.stored, to: ends.folder.directory, target)
      return nil
    } catch {
      return error
    }
  }
}
