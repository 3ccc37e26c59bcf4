internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Backups in a git repository, whose files Git LFS keeps: one folder of a branch's tree for each content.
///
/// The run is read for its checksums → its files are sent to Git LFS, some at a time, those that are there are not sent
/// again → one commit with pointers and manifest is pushed, on top of what others pushed meanwhile → both are fetched into
/// an empty repository and compared, every byte.
struct GitDestination: BackupDestination {
  let store: OwnerStore
  let target: GitTarget
  let goOn: () throws(ArchiveTrouble) -> Void
  private static let mostDigits = 16
  /// So often somebody else may be first.
  private static let mostRaces = 20

  init(
    _ target: String, store: OwnerStore, bandwidth: Int64?, goOn: @escaping () throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    do throws(WrongTarget) {
      self.target = try GitTarget(target)
    } catch {
      throw ArchiveTrouble("\(error.reason): \(error.help)")
    }
    guard bandwidth == nil else { throw ArchiveTrouble(Self.noBandwidth) }
    try Git.requireInstalled()
    self.store = store
    self.goOn = goOn
  }

  static let noBandwidth =
    "git-lfs cannot hold a `bandwidth`: delete it from `backup`, or back up to a folder or by `rclone`, which hold it"

  func place(_ target: String, of path: ByteString, record: String, tree: String) -> BackupPlace {
    BackupPlace(
      target: target, folder: GitPlace.folder(self.target, store.uid), of: path,
      record: String(tree.prefix(Self.mostDigits)))
  }

  func copy(_ work: BackupWork, _ fault: inout BackupFault) throws(ArchiveTrouble) -> BackupSeal {
    guard let place = GitPlace(work.place.path) else { throw ArchiveTrouble("it has no usable name") }
    let (entries, summary) = try BackupReading.read(work.found, into: DigestSink(goOn: goOn))
    try work.requireSame(summary)
    for entry in entries {
      if let obstacle = GitPlace.obstacle(entry.path) { throw ArchiveTrouble(obstacle) }
      if entry.kind == .file, entry.isDigestOfDataAlone {
        throw ArchiveTrouble("\(entry.path.displayText) is almost all holes, which Git LFS would send as zeros")
      }
    }
    let manifest = ArchiveManifest(origin: work.origin, entries: entries)
    let text = manifest.encode()
    let again = try send(entries, work, &fault)
    fault = .doubtful
    try publish(manifest, text, place)
    fault = .targets
    try verify(place, text)
    fault = .items
    try work.requireSame(again)
    return BackupSeal(
      size: manifest.size, entries: Int64(manifest.entries.count), manifestSize: Int64(text.count),
      manifestDigest: SHA256Digest.hex(of: text))
  }

  private func open() throws(ArchiveTrouble) -> Git {
    let area = try GitArea(in: store.home, at: store.homePath, for: target, isOwners: true, store.changes)
    return try Git(area, target, goOn: goOn)
  }

  private func send(
    _ entries: [ArchiveEntry], _ work: BackupWork, _ fault: inout BackupFault
  ) throws(ArchiveTrouble) -> TreeSummary {
    fault = .targets
    let git = try open()
    try requireNoConfiguration(git, at: git.fetchTip())
    let copy = GitObjectCopy(git, store.changes, entries)
    let again: (entries: [ArchiveEntry], summary: TreeSummary)
    fault = .doubtful
    do throws(ArchiveTrouble) {
      again = try BackupReading.read(work.found, into: copy)
      try copy.flush()
    } catch {
      if copy.isOwnFault { fault = .items }
      throw error
    }
    fault = .items
    guard again.entries == entries else { throw ArchiveTrouble("something in it changed while it was copied") }
    return again.summary
  }

  /// A branch may send those who clone it elsewhere for its files, where ours are not.
  private func requireNoConfiguration(_ git: Git, at tip: String?) throws(ArchiveTrouble) {
    guard let tip else { return }
    if try git.list(tip).contains(where: { $0.name == ByteString(".lfsconfig") }) {
      throw ArchiveTrouble(
        "branch `\(target.branch)` has a `.lfsconfig`, which is not followed: name a branch of its own, `git-lfs:…#backups`"
      )
    }
  }

  /// Adds the backup to whatever the branch holds now; never over what somebody else pushed.
  private func publish(_ manifest: ArchiveManifest, _ text: [UInt8], _ place: GitPlace) throws(ArchiveTrouble) {
    let git = try open()
    for attempt in 0..<Self.mostRaces {
      try goOn()
      let tip = try git.fetchTip()
      let reference = "refs/heads/attempt-\(attempt)"
      let commit = try git.write(self.commit(manifest, text, place, reference, on: tip), reference)
      guard let trouble = try git.push(commit) else { return }
      // Refused for another reason than that somebody was first, where nothing moved.
      let now = try git.remoteTip()
      // Taken, and the answer was lost on the way.
      if now == commit { return }
      if now == tip { throw trouble }
      usleep(UInt32.random(in: 10_000...200_000))
    }
    throw ArchiveTrouble("others push to branch `\(target.branch)` all the time: try again later")
  }

  private func commit(
    _ manifest: ArchiveManifest, _ text: [UInt8], _ place: GitPlace, _ reference: String, on tip: String?
  ) -> GitImport {
    let origin = manifest.origin
    // A name may hold anything, also what ends a line.
    let path = String(decoding: origin.path.bytes.map { $0 < 32 ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    let message = "Back up \(origin.kind.rawValue) \(path)\n\nrecord \(origin.record)\n"
    var commit = GitImport(reference, at: origin.at.nanoseconds / 1_000_000_000, message: message, parent: tip)
    commit.put(
      Array(GitPlace.attributes.utf8), at: ByteString(place.owner).appending(ByteString(GitPlace.attributesName)))
    commit.remove(ByteString(place.owner).appending(place.name))
    for entry in manifest.entries {
      if let pointer = GitPointer(entry) { commit.put(pointer.text, at: place.path(entry.path)) }
    }
    commit.put(text, at: place.path(ByteString(ArchivePlace.manifest)))
    return commit
  }

  /// Reads everything back from the remote into an empty repository.
  private func verify(_ place: GitPlace, _ text: [UInt8]) throws(ArchiveTrouble) {
    if let folder = target.folder, let own = try? Folder(.openRoot(Array(folder.utf8))) {
      do throws(SystemError) {
        try store.changes.syncFileSystem(of: own.directory)
      } catch {
        throw ArchiveTrouble("\(folder) cannot be synced: \(error.text)", cause: error)
      }
    }
    let backup = try GitBackup(try open(), place, manifestDigest: SHA256Digest.hex(of: text))
    try backup.read()
  }
}
