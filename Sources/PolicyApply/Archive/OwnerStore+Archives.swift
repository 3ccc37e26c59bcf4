internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

extension OwnerStore {
  /// The store that an item moves in: this one, or of an archive the one around its folder.
  func store(of item: JournalItem) throws(SystemError) -> OwnerStore {
    guard let archive = item.archive else { return self }
    return try archives(in: archive.place.folder)
  }

  /// The owner's folder in a target seen as a root, with a trash of its own: archives move in it as runs do in theirs,
  /// under the same lock and into the same journal.
  func archives(in path: ByteString) throws(SystemError) -> OwnerStore {
    let own = try Folder(.openRoot(path.bytes))
    guard own.status.uid == uid, own.status.mode & 0o077 == 0 else { throw SystemError(errno: EPERM, call: "open") }
    guard let name = Name(ArchivePlace.trash) else { throw SystemError(errno: EINVAL, call: "open") }
    if try own.statusIfThere(name) == nil {
      try changes.makeDirectory(own.directory, name, mode: 0o700)
      try changes.sync(own.directory)
    }
    let files = try own.folder(name)
    guard files.status.uid == uid, files.status.mode & 0o077 == 0, files.status.device == own.status.device else {
      throw SystemError(errno: EPERM, call: "open")
    }
    return OwnerStore(
      root: own, rootPath: path, uid: uid, host: host, home: home, homePath: homePath, info: info, files: files,
      prefix: [],
      filesPath: path.appending(ByteString(name.bytes)), journal: journal, changes: changes, clock: clock, stop: stop,
      notes: [], locks: [])
  }

  /// Why a run that was archived may not be purged from the trash: the archive is not there as it was written, by its size
  /// and its whole manifest, without which nothing could be taken from it. `nil` where it is, or where a policy has trashed
  /// it since, or where there never was one.
  func missingArchive(of item: JournalItem) -> String? {
    guard let copy = item.copy, let archive = journal.history.archive(copy), archive.isKept, let seal = archive.seal
    else { return nil }
    let shown = archive.place.path.displayText
    do throws(SystemError) {
      guard let file = Name(archive.place.file.bytes), let manifest = Name(ArchivePlace.manifest) else {
        throw SystemError(errno: EINVAL, call: "open")
      }
      let folder = try DirectoryDescriptor.openRoot(archive.place.path.bytes)
      let status = try folder.status(file)
      let digest = SHA256Digest.hex(of: try folder.readFile(manifest, limit: Self.longestManifest).bytes)
      return status.type == .regular && status.size == seal.size && digest == seal.manifestDigest
        ? nil : "its archive, \(shown), is not as it was written: look at it, `policy archive verify`"
    } catch {
      return "its archive, \(shown), cannot be seen (\(error.text)); it may be the only copy"
    }
  }

  private static let longestManifest = 1 << 30
}
