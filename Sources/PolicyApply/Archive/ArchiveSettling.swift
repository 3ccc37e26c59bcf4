internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Decides about an archive whose run was not moved: an apply was interrupted, or could not move it.
///
/// The run is in its place as it was copied: then the archive goes. Anything else there, or nothing: then the archive, if
/// it is whole, may be the only copy, and stays. Doing it again, or stopping anywhere, changes nothing about the outcome.
struct ArchiveSettling {
  let store: OwnerStore

  /// `isOpen`: it could not be decided now, and is asked again by the next run.
  func settle(_ archive: ArchivedItem) throws(ApplyFailure) -> (words: String, isOpen: Bool) {
    do {
      return (try decide(archive), false)
    } catch let failure as ApplyFailure {
      throw failure
    } catch let trouble as ArchiveTrouble {
      return (trouble.reason, true)
    } catch let error as SystemError {
      if error.isAbsence || !error.stopsEverything {
        return ("its folder, \(archive.place.folder.displayText), cannot be used now: \(error.text)", true)
      }
      throw ApplyFailure(.environment, "an archive cannot be settled: \(archive.item.path.displayText): \(error.text)")
    } catch {
      throw ApplyFailure(.environment, "an archive cannot be settled: \(archive.item.path.displayText)")
    }
  }

  private enum Source { case same, other, gone }

  private func decide(_ archive: ArchivedItem) throws -> String {
    let (item, place) = (archive.item, archive.place)
    let own = try Folder(.openRoot(place.folder.bytes))
    guard own.status.uid == store.uid else {
      throw ArchiveTrouble("its folder, \(place.folder.displayText), belongs to somebody else")
    }
    let removal = ArchiveRemoval(store: store, own: own, place: place)
    let source = try look(item)
    if source == .same {
      try removal.remove()
      try abort(item, "its run was not moved")
      return "was not moved, and stays; its archive is taken away"
    }
    let there = source == .other ? "what is in its place now is not what was copied" : "nothing is in its place"
    guard let name = Name(place.name.bytes), try own.statusIfThere(name) != nil else {
      try removal.removePartial()
      try abort(item, "it was not written to the end")
      return source == .other
        ? "was not moved; what was begun of its archive is taken away"
        : "was taken away by somebody; what was begun of its archive is taken away"
    }
    do throws(ArchiveTrouble) {
      let seal = try verify(archive, own, name)
      try publish(archive, seal, there)
      return "stays in its archive, \(place.path.displayText): \(there)"
    } catch {
      guard error.isDamage else { throw error }
      if source == .other {
        try removal.remove()
        try abort(item, error.reason)
        return "was not moved; its archive is not whole (\(error.reason)), and is taken away"
      }
      // Nothing better is left of it.
      try abort(item, "left as it is: \(error.reason)")
      return
        "was taken away by somebody; its archive, \(place.path.displayText), is not whole (\(error.reason)), and is left"
    }
  }

  private func publish(_ archive: ArchivedItem, _ seal: ArchiveSeal, _ reason: String) throws(ArchiveTrouble) {
    let record = archive.item.record
    do throws(ApplyFailure) {
      try store.journal.append(
        (archive.state == .writing ? [.archived(record: record, seal)] : []) + [.keep(record: record, reason: reason)])
      try store.journal.sync()
    } catch {
      throw ArchiveTrouble(error.message)
    }
  }

  private func abort(_ item: JournalItem, _ reason: String) throws(ApplyFailure) {
    try store.journal.append([.abort(.archive, record: item.record, reason: reason)])
    try store.journal.sync()
  }

  private func verify(_ archive: ArchivedItem, _ own: Folder, _ name: Name) throws(ArchiveTrouble) -> ArchiveSeal {
    do {
      let folder = try own.folder(name)
      let manifest = try ArchiveCheck.manifest(folder, digest: archive.seal?.manifestDigest)
      guard manifest.origin.record == archive.item.record else {
        throw ArchiveTrouble.damaged("the manifest is that of another archive")
      }
      try ArchiveCheck.verify(folder, manifest)
      // It may have been published by a process that could not sync that.
      try store.changes.sync(folder.directory)
      try store.changes.sync(own.directory)
      return ArchiveSeal(
        identity: Identity(try TreeSummary.of(own.directory, name)), size: manifest.size, digest: manifest.digest,
        manifestDigest: SHA256Digest.hex(of: manifest.encode()))
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw ArchiveTrouble("its archive cannot be read: \(error.text)", cause: error, isDamage: error.isAbsence)
    } catch {
      throw ArchiveTrouble("its archive cannot be read")
    }
  }

  /// What is where the run was.
  private func look(_ item: JournalItem) throws(SystemError) -> Source {
    let (folder, name): (Folder, Name)
    do throws(SystemError) {
      (folder, name) = try store.place(item.path)
    } catch {
      if error.isAbsence { return .gone }
      throw error
    }
    guard let status = try folder.statusIfThere(name) else { return .gone }
    if item.identity.difference(from: status) != nil { return .other }
    let summary = try TreeSummary.of(folder.directory, name)
    let isSame =
      summary.digestText == item.identity.treeDigest && summary.entries == item.identity.entries
      && summary.unreadable == 0 && !summary.containsMount
    return isSame ? .same : .other
  }
}
