public import PolicyCore

/// What a journal tells, record after record: every item that ever went into the trash, and where it is now.
public struct JournalHistory: Sendable, Equatable {
  /// In the order in which they were first named.
  public private(set) var items: [TrashedItem] = []
  /// Digests of the plans that an apply has begun to carry out.
  public private(set) var usedPlans: [String] = []
  /// The latest moment that any record names: a clock before it cannot be believed.
  public private(set) var latest: Timestamp?
  public private(set) var lastSequence: Int64 = 0
  /// What was done, for `policy log`; in order.
  public private(set) var log: [LogEntry] = []

  /// Every archive that was ever begun, in that order.
  public private(set) var archives: [ArchivedItem] = []

  /// Every backup that was ever begun, in that order.
  public private(set) var backups: [BackedUpItem] = []

  private var index: [String: Int] = [:]
  private var archiveIndex: [String: Int] = [:]
  private var backupIndex: [String: Int] = [:]

  public init() {}

  /// Throws where the bytes are damaged, or where the records contradict each other.
  public static func read(_ bytes: [UInt8]) throws(JournalDamage) -> JournalHistory {
    var history = JournalHistory()
    for record in try JournalCodec.read(bytes).records { try history.add(record) }
    return history
  }

  public func item(_ record: String) -> TrashedItem? { index[record].map { items[$0] } }

  /// Items whose last intent was neither committed nor aborted: what recovery has to look at.
  public var open: [TrashedItem] { items.filter(\.isOpen) }

  public func archive(_ record: String) -> ArchivedItem? { archiveIndex[record].map { archives[$0] } }

  public func backup(_ record: String) -> BackedUpItem? { backupIndex[record].map { backups[$0] } }

  /// Archives of which it is not settled whether they, or their items, stay.
  public var openArchives: [ArchivedItem] { archives.filter(\.isOpen) }

  /// Items that lie in the trash. An item whose purge has begun is not among them: it can only go forward.
  public var inTrash: [TrashedItem] { items.filter { $0.state == .inTrash } }

  /// Adds one record; throws where it contradicts those before it.
  public mutating func add(_ record: JournalRecord) throws(JournalDamage) {
    func contradiction(_ name: String) -> JournalDamage {
      JournalDamage(byte: 0, reason: "record \(record.sequence) of the journal contradicts what it says of \(name)")
    }
    lastSequence = record.sequence
    latest = max(latest ?? record.at, record.at)
    switch record.body {
    case .begin(let run):
      if let plan = run.plan, run.command == "apply" { usedPlans.append(plan) }
    case .trash(let item):
      guard isNew(item.record), fits(item) else { throw contradiction(item.record) }
      index[item.record] = items.count
      items.append(TrashedItem(item: item))
    case .restore(let name, let destination):
      guard let place = index[name], items[place].state == .inTrash else { throw contradiction(name) }
      items[place].state = .restoring(to: destination)
    case .purge(let name, let cause):
      guard let place = index[name], items[place].state == .inTrash else { throw contradiction(name) }
      items[place].state = .purging(cause)
    case .commit(let operation, let name, let identity):
      guard let place = index[name], items[place].commit(operation, identity, at: record.at, boot: record.boot),
        follow(items[place].item, operation, at: record.at)
      else { throw contradiction(name) }
    case .archive(let item, let place):
      guard isNew(item.record) else { throw contradiction(item.record) }
      archiveIndex[item.record] = archives.count
      archives.append(ArchivedItem(item: item, place: place))
    case .archived(let name, let seal):
      guard let place = archiveIndex[name], archives[place].publish(seal, at: record.at) else {
        throw contradiction(name)
      }
    case .keep(let name, _):
      guard let place = archiveIndex[name], archives[place].settle(at: record.at) else { throw contradiction(name) }
    case .backup(let item, let place):
      guard isNew(item.record) else { throw contradiction(item.record) }
      backupIndex[item.record] = backups.count
      backups.append(BackedUpItem(item: item, place: place))
    case .backedUp(let name, let seal):
      guard let place = backupIndex[name], backups[place].finish(seal, at: record.at) else {
        throw contradiction(name)
      }
    case .abort(.backup, let name, let reason):
      guard let place = backupIndex[name], backups[place].leave(reason) else { throw contradiction(name) }
    case .abort(.archive, let name, let reason):
      guard let place = archiveIndex[name], archives[place].abandon(reason) else { throw contradiction(name) }
    case .abort(let operation, let name, let reason):
      guard let place = index[name], items[place].abort(operation, reason) else { throw contradiction(name) }
    case .skip, .delegated, .end: break
    }
    if let entry = LogEntry(record, in: self) { log.append(entry) }
  }

  private func isNew(_ record: String) -> Bool {
    index[record] == nil && archiveIndex[record] == nil && backupIndex[record] == nil
  }

  /// Whether a trash may name the archive that it names.
  private func fits(_ item: JournalItem) -> Bool {
    if let copy = item.copy, archive(copy)?.state != .copied { return false }
    if let archive = item.archive, !(self.archive(archive.record)?.isKept ?? false) { return false }
    return true
  }

  /// What became of an item tells what became of an archive: its own, or the one that it is.
  private mutating func follow(_ item: JournalItem, _ operation: JournalOperation, at time: Timestamp) -> Bool {
    if operation == .trash, let copy = item.copy.flatMap({ archiveIndex[$0] }) {
      return archives[copy].settle(at: time)
    }
    if let place = item.archive.flatMap({ archiveIndex[$0.record] }) {
      return archives[place].follow(operation, item.record, at: time)
    }
    return true
  }

  /// What the scanner puts into a snapshot. Contents that this version cannot read are left out of `contents`, and so
  /// are named by nothing; `never` then speaks of the item's own record alone. Of what lies in an archive as well nothing
  /// is destroyed by a purge; and a purge of an archive frees nothing on the root's volume.
  public func trashRecords(root: Int, decode: (JSONValue) -> Entity?) -> [TrashRecord] {
    inTrash.compactMap { item in
      guard let trashedAt = item.trashedAt else { return nil }
      return TrashRecord(
        root: root, path: item.item.path, kind: item.item.kind, record: item.item.record, owner: item.item.owner,
        bytes: item.item.archive == nil ? item.item.bytes : 0, trashedAt: trashedAt, purgeAfter: item.item.purgeAfter,
        contents: isCopied(item.item)
          ? []
          : item.item.contents.compactMap { value in
            var entity = decode(value)
            entity?.root = root
            return entity
          })
    }
  }

  /// Whether a verified copy of it lies in an archive now.
  private func isCopied(_ item: JournalItem) -> Bool { item.copy.flatMap { archive($0) }?.isKept ?? false }

  /// Things that somebody took back: where to, which inode, and when. The scanner's `restored_at`.
  public var restorations: [Restoration] {
    items.compactMap { item in
      guard item.item.archive == nil, case .restored(let path, let at, let identity) = item.state else { return nil }
      return Restoration(path: path, kind: item.item.kind, device: identity.device, inode: identity.inode, at: at)
    }
  }
}

/// A thing that was taken back out of the trash; it may have been moved or removed since.
public struct Restoration: Hashable, Sendable {
  /// Relative to the root.
  public var path: ByteString
  public var kind: EntityKind
  public var device: UInt64
  public var inode: UInt64
  public var at: Timestamp
}

/// One item and what has become of it.
public struct TrashedItem: Sendable, Equatable {
  public enum State: Sendable, Equatable {
    /// An intent was written; whether it moved, only the disk knows.
    case moving
    case inTrash
    /// It never left its place, or was put back.
    case abandoned(reason: String)
    case restoring(to: ByteString)
    case restored(to: ByteString, at: Timestamp, identity: Identity)
    /// Can only go forward: some of it may be gone.
    case purging(PurgeCause)
    case purged(at: Timestamp)
  }
  public var item: JournalItem
  public internal(set) var state: State = .moving
  /// When the move was committed, by the wall clock and by the boot clock.
  public internal(set) var trashedAt: Timestamp?
  public internal(set) var trashedBoot: BootMark?
  /// The item as it lay in the trash just after the move: what a purge compares.
  public internal(set) var manifest: Identity?

  init(item: JournalItem) { self.item = item }

  public var isOpen: Bool {
    switch state {
    case .moving, .restoring, .purging: true
    case .inTrash, .abandoned, .restored, .purged: false
    }
  }

  mutating func commit(_ operation: JournalOperation, _ identity: Identity?, at: Timestamp, boot: BootMark?) -> Bool {
    switch (operation, state) {
    case (.trash, .moving):
      guard let identity else { return false }
      (state, trashedAt, trashedBoot, manifest) = (.inTrash, at, boot, identity)
    case (.restore, .restoring(let destination)):
      guard let identity else { return false }
      state = .restored(to: destination, at: at, identity: identity)
    case (.purge, .purging): state = .purged(at: at)
    case _: return false
    }
    return true
  }

  mutating func abort(_ operation: JournalOperation, _ reason: String) -> Bool {
    switch (operation, state) {
    // What somebody took out of the trash by hand is given up by a person's word.
    case (.trash, .moving), (.trash, .inTrash): state = .abandoned(reason: reason)
    // A purge that removed nothing yet can be given up, too.
    case (.restore, .restoring), (.purge, .purging): state = .inTrash
    case _: return false
    }
    return true
  }
}
