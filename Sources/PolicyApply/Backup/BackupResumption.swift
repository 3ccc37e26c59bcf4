internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// What earlier backups of the same thing left in the target: the folder of one that did not come to its end is gone on
/// with, and files of a whole one need not be written again.
struct BackupResumption {
  let store: OwnerStore
  let own: Folder
  let item: JournalItem
  let place: BackupPlace

  private var others: [BackedUpItem] {
    store.journal.history.backups.filter {
      $0.item.path == item.path && $0.item.kind == item.kind && $0.place.target == place.target
        && $0.place.folder == place.folder && $0.item.record != item.record
    }
  }

  /// The folder to fill, under the partial name of this backup.
  func folder() throws(SystemError) -> Folder {
    guard let partial = Name(place.partialName.bytes) else { throw SystemError(errno: 22, call: "open") }
    for other in others.reversed() {
      guard case .unfinished = other.state else { continue }
      // A published one that no commit tells of may have been read back or not: it is compared again.
      for old in [other.place.partialName, other.place.name].compactMap({ Name($0.bytes) }) {
        guard let status = try own.statusIfThere(old), status.type == .directory else { continue }
        let folder = try own.folder(old)
        if try folder.directory.list().count == 0 {
          try store.changes.removeDirectory(own.directory, old)
          continue
        }
        try store.changes.rename(in: own, old, to: partial)
        return try own.folder(partial)
      }
    }
    try store.changes.makeDirectory(own.directory, partial, mode: 0o700)
    return try own.folder(partial)
  }

  /// The newest whole backup, where it can be read and is the one that the journal tells of.
  func earlier() -> FolderCopy.Earlier? {
    guard let last = others.last(where: { $0.state == .whole }), let name = Name(last.place.name.bytes),
      let folder = try? own.folder(name),
      let manifest = try? ArchiveCheck.manifest(folder, digest: last.seal?.manifestDigest)
    else { return nil }
    var files: [ByteString: ArchiveEntry] = [:]
    for entry in manifest.entries where entry.kind == .file { files[entry.path] = entry }
    return FolderCopy.Earlier(folder: folder, files: files)
  }
}
