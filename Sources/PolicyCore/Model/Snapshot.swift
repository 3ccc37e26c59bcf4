/// What a scanner saw, and everything else that a decision may depend on. Flat tables; the evaluator reads nothing else.
public struct Snapshot: Sendable, Equatable {
  /// The moment that ages are counted to.
  public var now: Timestamp
  /// The real clock when the tree was read; `nil` in hand-written snapshots.
  public var scannedAt: Timestamp?
  /// Sorted by (host, path bytes).
  public var roots: [Root]
  /// Sorted by (host, path bytes).
  public var volumes: [Volume]
  /// Sorted by (root, kind, path bytes, tier); see `linkParents()`.
  public var entities: [Entity]
  /// Sorted by (root, path bytes, record).
  public var trash: [TrashRecord]
  /// Pins under which nothing was found, each with what was said for it: the thing is gone, and the name may be somebody
  /// else's now.
  public var unmatchedPins: [ReportedPlace]
  /// Places that could not be read, and directories that no layout recognises. Reported, never acted on.
  public var unreadable: [ReportedPlace]
  public var unrecognised: [ReportedPlace]
  /// The settings under which the scan was made; `nil` where a hand-written snapshot does not say.
  public var scan: ScanSettings?
  /// The policy's own facts at the time of the scan; `nil` likewise.
  public var declaredFacts: [FactDeclaration]?

  public init(
    now: Timestamp, scannedAt: Timestamp? = nil, roots: [Root], volumes: [Volume] = [], entities: [Entity] = [],
    trash: [TrashRecord] = [], unmatchedPins: [ReportedPlace] = [], unreadable: [ReportedPlace] = [],
    unrecognised: [ReportedPlace] = [],
    scan: ScanSettings? = nil, declaredFacts: [FactDeclaration]? = nil
  ) {
    self.now = now
    self.scannedAt = scannedAt
    self.roots = roots
    self.volumes = volumes
    self.entities = entities
    self.trash = trash
    self.unmatchedPins = unmatchedPins
    self.unreadable = unreadable
    self.unrecognised = unrecognised
    self.scan = scan
    self.declaredFacts = declaredFacts
  }

  /// Puts every table in its canonical order (indices of roots are rewritten) and links each entity to the innermost
  /// live run that holds it. Call it after building or changing a snapshot; idempotent.
  ///
  /// - Parameter isLinked: false where nobody asks which run something lies in.
  public mutating func normalise(isLinked: Bool = true) {
    let order = roots.indices.sorted { (roots[$0].host, roots[$0].path) < (roots[$1].host, roots[$1].path) }
    var place = [Int](repeating: 0, count: roots.count)
    for (new, old) in order.enumerated() { place[old] = new }
    roots = order.map { roots[$0] }
    if !order.elementsEqual(roots.indices) {
      for index in entities.indices { entities[index].root = place[entities[index].root] }
    }
    for index in trash.indices {
      trash[index].root = place[trash[index].root]
      for entity in trash[index].contents.indices { trash[index].contents[entity].root = trash[index].root }
    }
    for index in unmatchedPins.indices { unmatchedPins[index].root = place[unmatchedPins[index].root] }
    for index in unreadable.indices { unreadable[index].root = place[unreadable[index].root] }
    for index in unrecognised.indices { unrecognised[index].root = place[unrecognised[index].root] }
    volumes.sort { ($0.host, $0.path) < ($1.host, $1.path) }
    sortEntities()
    trash.sort { ($0.root, $0.path, $0.record) < ($1.root, $1.path, $1.record) }
    unmatchedPins.sort { ($0.root, $0.path, $0.reason) < ($1.root, $1.path, $1.reason) }
    unreadable.sort { ($0.root, $0.path, $0.reason) < ($1.root, $1.path, $1.reason) }
    unrecognised.sort { ($0.root, $0.path, $0.reason) < ($1.root, $1.path, $1.reason) }
    if isLinked { linkParents() }
  }

  /// Canonical files come sorted, and scans nearly, run by run; sorting half a million entities from nothing is slow.
  private mutating func sortEntities() {
    if areEntitiesSorted { return }
    // In place, and by swapping: a copy of all of them would be the most that is ever in memory.
    var (runs, kept): ([Entity], Int) = ([], 0)
    for index in entities.indices {
      if entities[index].kind == .run {
        runs.append(entities[index])
      } else {
        if kept < index { entities.swapAt(kept, index) }
        kept += 1
      }
    }
    for index in runs.indices { entities[kept + index] = runs[index] }
    if !areEntitiesSorted { entities.sort(by: Entity.precedes) }
  }

  private var areEntitiesSorted: Bool {
    let all = entities.span
    for index in 1..<max(1, all.count) where Entity.precedes(all[index], all[index - 1]) { return false }
    return true
  }

  /// The volume that holds a path of a host: the one with the longest path at or above it.
  public func volume(host: ByteString, path: ByteString) -> Int? {
    volumes.indices
      .filter { volumes[$0].host == host && path.isAtOrBelow(volumes[$0].path) }
      .max { volumes[$0].path.count < volumes[$1].path.count }
  }
}

/// A directory that was searched.
public struct Root: Hashable, Sendable {
  /// Empty where a hand-written snapshot leaves it out.
  public var host: ByteString
  /// Absolute.
  public var path: ByteString
  public var device: UInt64?
  public var inode: UInt64?
  public var mountID: UInt64?
  public var fileSystem: String?
  public init(
    host: ByteString = "", path: ByteString, device: UInt64? = nil, inode: UInt64? = nil, mountID: UInt64? = nil,
    fileSystem: String? = nil
  ) {
    self.host = host
    self.path = path
    self.device = device
    self.inode = inode
    self.mountID = mountID
    self.fileSystem = fileSystem
  }
}

/// A mounted file system and how full it is: `used` = blocks − bfree, `size` = blocks, in bytes.
public struct Volume: Hashable, Sendable {
  public var host: ByteString
  /// The mount point.
  public var path: ByteString
  public var size: Int64
  public var used: Int64
  public init(host: ByteString = "", path: ByteString, size: Int64, used: Int64) {
    self.host = host
    self.path = path
    self.size = size
    self.used = used
  }
}

/// Something that lies in our trash, from the journal's COMMIT record.
public struct TrashRecord: Sendable, Equatable {
  public var root: Int
  /// Where it came from, relative to the root.
  public var path: ByteString
  public var kind: EntityKind
  /// Name of the record: unique within the root.
  public var record: String
  public var owner: ByteString?
  /// Allocated bytes that purging it frees.
  public var bytes: Int64
  public var trashedAt: Timestamp
  /// The `purge_after` in force when it was trashed; `nil` where there was none.
  public var purgeAfter: TimeSpan?
  /// What it was: the entity itself first, then what lay in it, so that `never` can still be asked about it.
  public var contents: [Entity]
  public init(
    root: Int = 0, path: ByteString, kind: EntityKind, record: String, owner: ByteString? = nil, bytes: Int64,
    trashedAt: Timestamp, purgeAfter: TimeSpan?, contents: [Entity] = []
  ) {
    self.root = root
    self.path = path
    self.kind = kind
    self.record = record
    self.owner = owner
    self.bytes = bytes
    self.trashedAt = trashedAt
    self.purgeAfter = purgeAfter
    self.contents = contents
  }
}

/// A place below a root with something to say about it.
public struct ReportedPlace: Hashable, Sendable {
  public var root: Int
  public var path: ByteString
  public var reason: String
  public init(root: Int, path: ByteString, reason: String) {
    self.root = root
    self.path = path
    self.reason = reason
  }
}
