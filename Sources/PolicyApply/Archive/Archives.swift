internal import Glibc
public import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// One archive, as its owner's journal tells.
public struct ArchiveListing: Sendable, Equatable {
  public var record: String
  public var uid: UInt32
  public var host: ByteString
  /// Absolute path of the root that it came from.
  public var root: ByteString
  /// Where the run was, relative to the root.
  public var path: ByteString
  public var kind: EntityKind
  /// Allocated bytes of the run, and size of the archive.
  public var bytes: Int64
  public var size: Int64
  public var archivedAt: Timestamp
  /// Absolute paths of the archive's own folder, and of the archive in it.
  public var folder: ByteString
  public var file: ByteString
  public var digest: String
  public var manifestDigest: String
  public var plan: String?
  /// Ids of the rules that wanted it.
  public var rules: [String]

  /// The caller made it.
  public var isCallers: Bool { uid == geteuid() }
}

/// What reading an archive back showed.
public enum ArchiveVerdict: Sendable, Equatable {
  /// Every entry and every byte is as it was written.
  case whole(entries: Int)
  /// It was read, and is not; or it is not there.
  case damaged(String)
  /// It cannot be read now, which says nothing about it.
  case unreadable(String)
}

/// What became of archived runs: finding, checking and unpacking archives.
public enum Archives {
  /// The caller's archives of these roots (under root everybody's), by root, path and time. Reads journals only.
  public static func list(
    _ roots: [Root], options: ApplyOptions
  ) -> (items: [ArchiveListing], problems: [ApplyFailure]) {
    var items: [ArchiveListing] = []
    let problems = TrashCan.histories(roots, options) { root, owner, history in
      for archive in history.archives where archive.isKept {
        guard let seal = archive.seal, let at = archive.archivedAt else { continue }
        let item = archive.item
        items.append(
          ArchiveListing(
            record: item.record, uid: owner, host: options.host, root: root.path, path: item.path, kind: item.kind,
            bytes: item.bytes, size: seal.size, archivedAt: at, folder: archive.place.path,
            file: archive.place.path.appending(archive.place.file), digest: seal.digest,
            manifestDigest: seal.manifestDigest, plan: item.plan, rules: item.because.map(\.rule)))
      }
    }
    items.sort { ($0.root, $0.path, $0.archivedAt, $0.record) < ($1.root, $1.path, $1.archivedAt, $1.record) }
    return (items, problems)
  }

  /// Reads an archive back. `folder` is its own; `manifestDigest` what a journal says, where one is known.
  public static func verify(_ folder: ByteString, manifestDigest: String?) -> ArchiveVerdict {
    let own: Folder
    do throws(SystemError) {
      own = try Folder(.openRoot(folder.bytes))
    } catch {
      guard error.isAbsence else { return .unreadable(error.text) }
      // Where the folder around it is missing as well, a volume may not be mounted: nothing is known of the copy.
      let around = ByteString(folder.bytes.prefix(folder.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0))
      do throws(SystemError) {
        _ = try Folder(.openRoot(around.bytes))
      } catch {
        return .unreadable("\(around.displayText) is not there now: mount its volume (\(error.text))")
      }
      return .damaged("it is not there: \(error.text)")
    }
    do throws(ArchiveTrouble) {
      let manifest = try ArchiveCheck.manifest(own, digest: manifestDigest)
      try ArchiveCheck.verify(own, manifest)
      return .whole(entries: manifest.entries.count)
    } catch {
      return error.isDamage ? .damaged(error.reason) : .unreadable(error.reason)
    }
  }

  /// Unpacks an archive into a folder, as the caller, by a process that can change nothing else. `isOwn`: the caller's own
  /// journal tells of it.
  public static func extract(
    _ folder: ByteString, manifestDigest: String?, into destination: ByteString, as name: ByteString?,
    isOwn: Bool = false, options: ApplyOptions
  ) -> ApplyOutcome {
    let worker = options.worker(options.uid)
    do throws(ApplyFailure) {
      var opening = WorkOpening(roots: [], destination: destination, isSettling: false)
      opening.usesTools = folder.bytes.first != UInt8(ascii: "/")
      _ = try worker.open(opening)
      return worker.carryOut(
        .extract(
          ExtractOrder(
            archive: folder, manifestDigest: manifestDigest, isOwn: isOwn, destination: destination, name: name)))
    } catch {
      return ApplyOutcome(error)
    }
  }
}

extension OwnerSession {
  /// What lies in a remote, in a folder of its own beside where it is to be.
  private func fetch(_ order: ExtractOrder, _ destination: Folder) throws -> Name {
    let stop = options.stop
    guard let name = Name(".fetching-\(getpid())") else { throw SystemError(errno: EINVAL, call: "mkdirat") }
    try options.changes.makeDirectory(destination.directory, name, mode: 0o700)
    do {
      let goOn = { () throws(ArchiveTrouble) in
        if let failure = stop.failure { throw ArchiveTrouble(failure.message) }
      }
      if let place = GitPlace(order.archive) {
        try lay(place, order, destination.folder(name), name, goOn)
        return name
      }
      let rclone = try Rclone(goOn: goOn)
      try rclone.fetch(order.archive, into: order.destination.appending(ByteString(name.bytes)))
      return name
    } catch {
      try? TreeRemoval(changes: options.changes, uid: uid, seen: nil).remove(destination, name)
      throw error
    }
  }

  /// From a repository. What it is fetched through lies beside, and is gone before it is read.
  private func lay(
    _ place: GitPlace, _ order: ExtractOrder, _ folder: Folder, _ name: Name,
    _ goOn: @escaping () throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    let path = order.destination.appending(ByteString(name.bytes))
    let area = try GitArea(in: folder, at: path, for: place.target, isOwners: true, options.changes)
    try GitBackup(Git(area, place.target, goOn: goOn), place, manifestDigest: order.manifestDigest)
      .lay(into: folder, options.changes)
  }

  func extract(_ order: ExtractOrder) -> ApplyOutcome {
    let stop = options.stop
    do {
      let destination = try Folder(.openRoot(order.destination.bytes))
      let fetched = try order.archive.bytes.first == UInt8(ascii: "/") ? nil : fetch(order, destination)
      defer {
        if let fetched { try? TreeRemoval(changes: options.changes, uid: uid, seen: nil).remove(destination, fetched) }
      }
      let archive = try fetched.map { try destination.folder($0) } ?? Folder(.openRoot(order.archive.bytes))
      let manifest = try ArchiveCheck.manifest(archive, digest: order.manifestDigest)
      let unpacking = Unpacking(changes: options.changes, manifest: manifest, isRoot: uid == 0, isOwn: order.isOwn) {
        () throws(ArchiveTrouble) in
        if let failure = stop.failure { throw ArchiveTrouble(failure.message) }
      }
      let result = try unpacking.unpack(archive, into: destination, as: order.name)
      let files = manifest.entries.filter { $0.kind == .file }
      let (bytes, data) = (files.reduce(Int64(0)) { $0 &+ $1.size }, files.reduce(Int64(0)) { $0 &+ $1.storedBytes })
      let holes = bytes > data ? ["\(bytes &- data) of its bytes are holes, which take no space"] : []
      let item = ItemOutcome(
        action: nil, verb: manifest.form == .backup ? .retrieve : .extract, kind: manifest.origin.kind,
        root: manifest.origin.root,
        path: manifest.origin.path, bytes: bytes, result: .done(record: manifest.origin.record),
        restoredAs: order.destination.appending(result.name))
      let foreign =
        result.foreign == 0 ? [] : ["\(result.foreign) entries belonged to somebody else, and are yours here"]
      return ApplyOutcome(result.left.isEmpty ? .done : .partial, items: [item], notes: result.left + foreign + holes)
    } catch let trouble as ArchiveTrouble {
      let isSystem = trouble.isDamage || trouble.cause != nil
      return ApplyOutcome(isSystem ? .environment : .refused, trouble.reason)
    } catch let error as SystemError {
      return ApplyOutcome(
        .environment, "\(error.text): \(order.archive.displayText) or \(order.destination.displayText)")
    } catch {
      return ApplyOutcome(.environment, "it cannot be unpacked")
    }
  }
}
