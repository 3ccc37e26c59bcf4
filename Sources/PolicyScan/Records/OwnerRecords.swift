internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// What the folders `.policy/<uid>` of a root tell: pins, things taken back, and what lies in the trash.
///
/// A folder counts for the things of its owner, and root's for everybody's. One that cannot be read may say anything:
/// then those facts are unreadable, and nothing of that owner is destroyed because of ignorance.
struct OwnerRecords {
  struct Inode: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  private struct Copied: Hashable {
    let kind: EntityKind
    let path: ByteString
  }

  private(set) var pins: [Inode: [(owner: UInt32, pin: Pin)]] = [:]
  private var restorations: [Inode: [(owner: UInt32, at: Timestamp)]] = [:]
  /// Those that are still where they came back to, by path: whatever they lie in counts as taken back with them.
  private var inPlace: [(path: ByteString, at: Timestamp)] = []
  private var backups: [Copied: [(owner: UInt32, treeDigest: String, record: BackupRecord)]] = [:]
  private var unreadablePins: Set<UInt32> = []
  private var unreadableJournals: Set<UInt32> = []
  private(set) var trash: [TrashRecord] = []
  /// Runs that were archived, each where its archive was found as it was put.
  private(set) var archived: [Entity] = []
  private(set) var places: [ReportedPlace] = []
  let root: Int
  private let schema: FactSchema

  static let limit = 1 << 30

  /// `state` is the caller's `--state` folder for this root, where there is one.
  init(_ directory: borrowing DirectoryDescriptor, root: Int, schema: FactSchema, state: ByteString?) {
    self.root = root
    self.schema = schema
    if let name = Name(StateLayout.folder) {
      do throws(SystemError) {
        try readOwners(directory, directory.open(name), StateLayout.folder)
      } catch {
        if error.errno != ENOENT { refuseAll(StateLayout.folder, error.text) }
      }
    }
    if let state {
      do throws(SystemError) {
        try readOwners(directory, DirectoryDescriptor.openRoot(state.bytes), "")
      } catch {
        if error.errno != ENOENT { refuseAll("", "the state folder cannot be read: \(error.text)") }
      }
    }
    inPlace.sort { $0.path < $1.path }
  }

  private mutating func readOwners(
    _ top: borrowing DirectoryDescriptor, _ folder: borrowing DirectoryDescriptor, _ path: String
  ) throws(SystemError) {
    let listing = try folder.list()
    for index in listing.indices {
      let text = String(decoding: listing.bytes(index), as: UTF8.self)
      guard let owner = UInt32(text), String(owner) == text else { continue }
      readOwner(top, folder, listing.name(index), owner, path.isEmpty ? text : "\(path)/\(text)")
    }
  }

  private mutating func readOwner(
    _ top: borrowing DirectoryDescriptor, _ folder: borrowing DirectoryDescriptor, _ name: Name, _ owner: UInt32,
    _ path: String
  ) {
    do throws(SystemError) {
      let own = try folder.open(name)
      let status = try own.status()
      guard status.uid == owner else {
        report(path, "the folder belongs to user \(status.uid) and is not believed")
        return
      }
      readPins(own, owner, path)
      readJournal(top, own, owner, path)
    } catch {
      unreadablePins.insert(owner)
      unreadableJournals.insert(owner)
      report(path, error.text)
    }
  }

  private mutating func readPins(_ folder: borrowing DirectoryDescriptor, _ owner: UInt32, _ path: String) {
    do throws(SystemError) {
      guard let bytes = try Self.content(folder, StateLayout.pins, owner) else { return }
      guard let list = try? PinsCodec.decode(bytes) else {
        throw SystemError(errno: EBADMSG, call: "pins")
      }
      for pin in list.pins {
        pins[Inode(device: pin.device, inode: pin.inode), default: []].append((owner, pin))
      }
    } catch {
      unreadablePins.insert(owner)
      report("\(path)/\(StateLayout.pins)", error.text)
    }
  }

  private mutating func readJournal(
    _ top: borrowing DirectoryDescriptor, _ folder: borrowing DirectoryDescriptor, _ owner: UInt32, _ path: String
  ) {
    do throws(SystemError) {
      guard let bytes = try Self.content(folder, StateLayout.journal, owner) else { return }
      guard let history = try? JournalHistory.read(bytes) else {
        throw SystemError(errno: EBADMSG, call: "journal")
      }
      for restoration in history.restorations {
        restorations[Inode(device: restoration.device, inode: restoration.inode), default: []]
          .append((owner, restoration.at))
        // Its own owner's word holds the run around it, too, whosever that is.
        if let place = RelativePath(restoration.path.bytes), let status = try? top.status(place),
          status.inode == restoration.inode, owner == 0 || owner == status.uid
        {
          inPlace.append((restoration.path, restoration.at))
        }
      }
      let schema = schema
      trash += history.trashRecords(root: root) { try? SnapshotCodec.entity(from: $0, schema: schema) }
      for archive in history.newestArchives { addArchive(archive, path) }
      addBackups(history.newestBackups, owner)
    } catch {
      unreadableJournals.insert(owner)
      report("\(path)/\(StateLayout.journal)", error.text)
    }
  }

  /// An archive counts where it lies as its journal says. One that does not, or cannot be looked at now, is reported, and
  /// no rule speaks of it.
  private mutating func addArchive(_ archive: ArchivedItem, _ owner: String) {
    do throws(SystemError) {
      let identity = try Self.identity(archive)
      let schema = schema
      let entity = archive.entity(root: root, identity: identity) {
        try? SnapshotCodec.entity(from: $0, schema: schema)
      }
      if let entity { archived.append(entity) }
    } catch {
      report(
        "\(owner)/\(StateLayout.journal)",
        "the archive \(archive.place.path.displayText) cannot be looked at: \(error.text)")
    }
  }

  /// A backup in a folder counts where its manifest lies there as it was written; one elsewhere counts as its journal says.
  /// Whether it still speaks of what is there, each thing's digest tells.
  private mutating func addBackups(_ newest: [BackedUpItem], _ owner: UInt32) {
    var absent: [(folder: ByteString, count: Int, reason: String)] = []
    for backup in newest {
      guard let at = backup.at, let seal = backup.seal else { continue }
      do throws(SystemError) {
        if backup.place.folder.bytes.first == UInt8(ascii: "/") { try Self.look(backup.place, seal) }
        let record = BackupRecord(target: backup.place.target, at: at, treeDigest: backup.item.identity.treeDigest)
        backups[Copied(kind: backup.item.kind, path: backup.item.path), default: []]
          .append((owner, backup.item.identity.treeDigest, record))
      } catch {
        if let index = absent.firstIndex(where: { $0.folder == backup.place.folder }) {
          absent[index].count += 1
        } else {
          absent.append((backup.place.folder, 1, error.text))
        }
      }
    }
    for one in absent {
      let count = one.count == 1 ? "a backup" : "\(one.count) backups"
      places.append(
        ReportedPlace(
          root: root, path: one.folder,
          reason: "\(count) there \(one.count == 1 ? "does" : "do") not count: \(one.reason)"))
    }
  }

  private static func look(_ place: BackupPlace, _ seal: BackupSeal) throws(SystemError) {
    guard let name = Name(ArchivePlace.manifest) else { return }
    let status = try DirectoryDescriptor.openRoot(place.path.bytes).status(name)
    guard status.type == .regular, status.size == seal.manifestSize else {
      throw SystemError(errno: EBADMSG, call: "open")
    }
  }

  /// The verified copies of exactly what is there, and when the last of them was made.
  func backedUp(
    _ kind: EntityKind, _ path: ByteString, _ summary: TreeSummary
  ) -> (records: [BackupRecord], at: Fact) {
    let records = (backups[Copied(kind: kind, path: path)] ?? []).filter {
      ($0.owner == 0 || $0.owner == summary.status.uid) && $0.treeDigest == summary.digestText
    }.map(\.record)
    if let latest = records.map(\.at).max() { return (records, .value(.integer(latest.nanoseconds))) }
    return ([], isDoubtful(summary.status.uid, unreadableJournals) ? .unreadable : .missing)
  }

  /// As it is now: device numbers change whenever a volume is mounted anew.
  private static func identity(_ archive: ArchivedItem) throws(SystemError) -> Identity {
    guard let seal = archive.seal, let name = Name(archive.place.name.bytes), let file = Name(archive.place.file.bytes)
    else { throw SystemError(errno: EINVAL, call: "open") }
    let folder = try DirectoryDescriptor.openRoot(archive.place.folder.bytes)
    let summary = try TreeSummary.of(folder, name)
    guard summary.status.type == .directory, summary.status.inode == seal.identity.inode,
      summary.entries == seal.identity.entries, summary.unreadable == 0, !summary.containsMount,
      try folder.open(name).status(file).size == seal.size
    else { throw SystemError(errno: EBADMSG, call: "open") }
    return Identity(summary)
  }

  /// `nil` where there is no such file; others' files in an owner's folder are an error.
  private static func content(
    _ folder: borrowing DirectoryDescriptor, _ file: String, _ owner: UInt32
  ) throws(SystemError) -> [UInt8]? {
    guard let name = Name(file) else { return nil }
    do throws(SystemError) {
      let content = try folder.readFile(name, limit: limit)
      guard content.status.uid == owner, !content.isCut else { throw SystemError(errno: EPERM, call: "open") }
      return content.bytes
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }

  private mutating func report(_ path: String, _ reason: String) {
    places.append(ReportedPlace(root: root, path: ByteString(path), reason: reason))
  }

  private mutating func refuseAll(_ path: String, _ reason: String) {
    unreadablePins.insert(0)
    unreadableJournals.insert(0)
    report(path, reason)
  }

  /// Whether they say nothing of anything, nor might if all could be read.
  var areSilent: Bool {
    unreadablePins.isEmpty && unreadableJournals.isEmpty && pins.isEmpty && restorations.isEmpty && backups.isEmpty
  }

  /// Whether nothing here speaks of an entity of before, nor might if it could be read.
  func areSilent(about entity: Entity) -> Bool {
    guard unreadablePins.isEmpty, unreadableJournals.isEmpty else { return false }
    if pins.isEmpty, restorations.isEmpty, backups.isEmpty { return true }
    guard let identity = entity.identity else { return false }
    let inode = Inode(device: identity.device, inode: identity.inode)
    return pins[inode] == nil && restorations[inode] == nil && inPlace(below: entity.path).isEmpty
      && backups[Copied(kind: entity.kind, path: entity.path)] == nil
  }

  /// Whether somebody who may say so pinned the thing.
  func pinned(_ status: FileStatus) -> Fact {
    let inode = Inode(device: status.device, inode: status.inode)
    let born = status.born.map { Timestamp(nanoseconds: $0) }
    for (owner, pin) in pins[inode] ?? [] where owner == 0 || owner == status.uid {
      if pin.binds(device: status.device, inode: status.inode, born: born) { return .value(.bool(true)) }
    }
    return isDoubtful(status.uid, unreadablePins) ? .unreadable : .missing
  }

  /// When it, or something that lies in it, was last taken back out of the trash.
  func restored(_ path: ByteString, _ status: FileStatus) -> Fact {
    let inode = Inode(device: status.device, inode: status.inode)
    let own = (restorations[inode] ?? []).filter { $0.owner == 0 || $0.owner == status.uid }
    if let latest = (own.map(\.at) + inPlace(below: path).map(\.at)).max() {
      return .value(.integer(latest.nanoseconds))
    }
    return isDoubtful(status.uid, unreadableJournals) ? .unreadable : .missing
  }

  private func inPlace(below path: ByteString) -> ArraySlice<(path: ByteString, at: Timestamp)> {
    if path.isEmpty || inPlace.isEmpty { return inPlace[...] }
    let prefix = ByteString(path.bytes + [UInt8(ascii: "/")])
    var (low, high) = (0, inPlace.count)
    while low < high {
      let middle = (low + high) / 2
      if inPlace[middle].path < prefix { low = middle + 1 } else { high = middle }
    }
    return inPlace[low...].prefix { $0.path.isAtOrBelow(path) }
  }

  private func isDoubtful(_ owner: UInt32, _ unreadable: Set<UInt32>) -> Bool {
    unreadable.contains(owner) || unreadable.contains(0)
  }
}
