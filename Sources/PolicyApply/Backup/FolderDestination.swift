internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Backups that go to a folder: a disk, or a share that is mounted.
///
/// A folder `….partial`, with what an interrupted backup left in it → every file copied and synced, or found to be the
/// same → what was written read back from the disk and compared → the tree compared with what was planned → the manifest
/// → the folder renamed, synced → the target still the one that was opened.
struct FolderDestination: BackupDestination {
  let store: OwnerStore
  let target: CopyTarget
  let bandwidth: Int64?
  let goOn: () throws(ArchiveTrouble) -> Void

  func place(_ target: String, of path: ByteString, record: String, tree: String) -> BackupPlace {
    BackupPlace(target: target, folder: self.target.ownPath, of: path, record: record)
  }

  func copy(_ work: BackupWork, _ fault: inout BackupFault) throws(ArchiveTrouble) -> BackupSeal {
    let place = work.place
    guard let name = Name(place.name.bytes), let partial = Name(place.partialName.bytes) else {
      throw ArchiveTrouble("it has no usable name")
    }
    let resumption = BackupResumption(store: store, own: target.own, item: work.item, place: place)
    let folder: Folder
    do throws(SystemError) {
      folder = try resumption.folder()
    } catch {
      fault = .targets
      throw ArchiveTrouble(FolderCopy.sentence(error, work.item.path), cause: error)
    }
    let copy = FolderCopy(
      store.changes, into: folder, earlier: resumption.earlier(), bandwidth: Bandwidth(bandwidth), goOn: goOn)
    defer { fault = copy.failure.map { !FolderCopy.isOfItemAlone($0) } ?? false ? .targets : .items }
    let (entries, summary) = try BackupReading.read(work.found, into: copy)
    try copy.finish(entries)
    try copy.readBack(entries)
    try work.requireSame(summary)
    return try publish(ArchiveManifest(origin: work.origin, entries: entries), folder, (partial, name), copy)
  }

  private func publish(
    _ manifest: ArchiveManifest, _ folder: Folder, _ names: (partial: Name, whole: Name), _ copy: FolderCopy
  ) throws(ArchiveTrouble) -> BackupSeal {
    let text = manifest.encode()
    try copy.reaching(manifest.origin.path) { () throws(SystemError) in
      guard let name = Name(ArchivePlace.manifest) else { return }
      let file = try store.changes.openFile(folder.directory, name, exclusive: true)
      try store.changes.write(file, text, at: 0)
      try store.changes.sync(file)
      try store.changes.sync(folder.directory)
      try store.changes.rename(in: target.own, names.partial, to: names.whole)
      try store.changes.sync(target.own.directory)
      guard target.isStillThere() else { throw SystemError(errno: ENOTCONN, call: "open") }
    }
    return BackupSeal(
      size: manifest.size, entries: Int64(manifest.entries.count), manifestSize: Int64(text.count),
      manifestDigest: SHA256Digest.hex(of: text))
  }
}
