public import PolicyCore

/// One archive and what has become of it.
public struct ArchivedItem: Sendable, Equatable {
  public enum State: Sendable, Equatable {
    /// An intent was written; how far it came, only the disk knows.
    case writing
    /// It does not exist, or no longer: its item stayed in its place.
    case abandoned(reason: String)
    /// It is published and verified, and its item is still in its place.
    case copied
    /// It is the only place of what it holds, the trash apart.
    case archived
    /// A policy trashed it; the record is that of the trash.
    case trashed(record: String)
    case purged(at: Timestamp)
  }
  /// What it is of. `bytes` are those of the run.
  public var item: JournalItem
  public var place: ArchivePlace
  public internal(set) var state: State = .writing
  /// When its item left its place.
  public internal(set) var archivedAt: Timestamp?
  public internal(set) var seal: ArchiveSeal?

  init(item: JournalItem, place: ArchivePlace) {
    self.item = item
    self.place = place
  }

  public var isOpen: Bool { state == .writing || state == .copied }

  /// It lies where it was put.
  public var isKept: Bool { state == .archived }

  /// As a snapshot shows it: with what was known of the run when it was archived, and the bytes and the identity of the
  /// archive. `nil` where the journal tells too little.
  public func entity(root: Int, identity: Identity, decode: (JSONValue) -> Entity?) -> Entity? {
    guard let archivedAt, var entity = item.contents.first.flatMap(decode), entity.kind == item.kind else { return nil }
    entity.root = root
    entity.tier = .archived
    entity.links = []
    var values: [String: FactValue] = [:]
    for (name, value) in entity.facts.known { values[name] = value }
    values["archived_at"] = .integer(archivedAt.nanoseconds)
    values["bytes"] = .integer(identity.bytes)
    // Of the run when it lived: nobody writes into an archive, and a pin is of the inode.
    for name in ["pinned", "in_use", "referenced"] { values[name] = nil }
    entity.facts = FactRow(values, unreadable: entity.facts.unreadable.filter { $0 != "archived_at" })
    entity.identity = identity
    return entity
  }

  mutating func publish(_ seal: ArchiveSeal, at time: Timestamp) -> Bool {
    guard state == .writing else { return false }
    (state, self.seal) = (.copied, seal)
    return true
  }

  mutating func settle(at time: Timestamp) -> Bool {
    guard state == .copied else { return false }
    (state, archivedAt) = (.archived, time)
    return true
  }

  mutating func abandon(_ reason: String) -> Bool {
    guard isOpen else { return false }
    state = .abandoned(reason: reason)
    return true
  }

  mutating func follow(_ operation: JournalOperation, _ record: String, at time: Timestamp) -> Bool {
    switch (operation, state) {
    case (.trash, .archived): state = .trashed(record: record)
    case (.restore, .trashed(record)): state = .archived
    case (.purge, .trashed(record)): state = .purged(at: time)
    case _: return false
    }
    return true
  }
}

extension JournalHistory {
  /// The archives that a snapshot shows: the newest of each path, sorted by path.
  public var newestArchives: [ArchivedItem] {
    var newest: [ByteString: ArchivedItem] = [:]
    for archive in archives where archive.isKept { newest[archive.item.path] = archive }
    return newest.values.sorted { $0.item.path < $1.item.path }
  }

  /// The newest archive of a path that lies where it was put.
  public func keptArchive(of path: ByteString) -> ArchivedItem? { archives.last { $0.item.path == path && $0.isKept } }
}
