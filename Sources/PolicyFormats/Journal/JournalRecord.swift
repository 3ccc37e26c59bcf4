public import PolicyCore

/// What is done to an item.
public enum JournalOperation: String, Hashable, Sendable, CaseIterable {
  case trash, restore, purge, archive, backup
}

/// One line of a journal: what is about to be done, was done, or was left alone, with everything that an audit asks.
///
/// An item's life: `intent` (synced before anything moves) → `commit` or `abort`, once for `trash`, then again for
/// `restore` or `purge`. `begin` opens what one process did; `skip` and `end` are for people.
public struct JournalRecord: Sendable, Equatable {
  /// Counts from 1, without gaps.
  public var sequence: Int64
  /// Sequence of the last record known to be on the disk when this one was written: what tells a torn tail, which
  /// nobody has acted on, from damage.
  public var synced: Int64
  public var at: Timestamp
  public var boot: BootMark?
  public var body: Body

  public enum Body: Sendable, Equatable {
    case begin(JournalRun)
    case trash(JournalItem)
    /// `to` is relative to the root.
    case restore(record: String, to: ByteString)
    case purge(record: String, cause: PurgeCause)
    /// An archive of an item is about to be written; the record is the archive's.
    case archive(JournalItem, at: ArchivePlace)
    /// It is published and was verified; the item is still in its place until the commit of a trash that names it.
    case archived(record: String, ArchiveSeal)
    /// It stays, although its item was not moved: what is in the item's place is no longer what was copied.
    case keep(record: String, reason: String)
    /// A backup of an item is about to be made; the item never moves.
    case backup(JournalItem, at: BackupPlace)
    /// It was verified where it lies.
    case backedUp(record: String, BackupSeal)
    /// `identity` is that of the moved item, read again where it then lies; `nil` for a purge.
    case commit(JournalOperation, record: String, identity: Identity?)
    case abort(JournalOperation, record: String, reason: String)
    case skip(JournalSkip)
    /// In root's journal: what the worker of an owner did for it. The owner's own journal holds the item's life.
    case delegated(JournalDelegation)
    case end(JournalEnd)
  }

  public init(sequence: Int64, synced: Int64, at: Timestamp, boot: BootMark?, body: Body) {
    self.sequence = sequence
    self.synced = synced
    self.at = at
    self.boot = boot
    self.body = body
  }
}

/// A clock that nobody can set: nanoseconds since this boot (CLOCK_BOOTTIME), and which boot it was.
public struct BootMark: Hashable, Sendable {
  public var id: String
  public var uptime: Int64
  public init(id: String, uptime: Int64) {
    self.id = id
    self.uptime = uptime
  }
}

/// One process's work on one (root, owner).
public struct JournalRun: Sendable, Equatable {
  /// `apply`, `restore`, `purge` or `recover`.
  public var command: String
  /// Digest of the plan that is carried out: a plan is used once.
  public var plan: String?
  /// What started it, in the caller's words: `user`, `cron`, `callback`.
  public var trigger: String
  public var uid: UInt32
  public var host: ByteString
  public var root: Root
  /// What was found at start and given by the caller: `openat2`, `acknowledged`, `now-free`, `no-preallocation`, …
  public var notes: [String]
  public init(
    command: String, plan: String?, trigger: String, uid: UInt32, host: ByteString, root: Root, notes: [String]
  ) {
    self.command = command
    self.plan = plan
    self.trigger = trigger
    self.uid = uid
    self.host = host
    self.root = root
    self.notes = notes
  }
}

/// Something on its way into the trash, or into an archive or backup.
public struct JournalItem: Sendable, Equatable {
  /// Name of the trash record: unique within the root.
  public var record: String
  /// Id of the action in its plan.
  public var action: String?
  public var plan: String?
  public var kind: EntityKind
  /// Where it came from, relative to the root.
  public var path: ByteString
  /// Where it lies in the trash: relative to the root, or absolute under `trash.dir`.
  public var stored: ByteString
  public var owner: ByteString?
  /// Allocated bytes that purging it frees.
  public var bytes: Int64
  /// The item as it was planned, and found before the move.
  public var identity: Identity
  public var purgeAfter: TimeSpan?
  /// Why: rule ids and the facts that they read.
  public var because: [Reason]
  /// `SnapshotCodec.entityJSON` of the item, then of what lies in it.
  public var contents: [JSONValue]
  /// Record of the archive that holds a verified copy of what is trashed.
  public var copy: String?
  /// What is trashed is this archive itself, which lies there; `path` is still that of the run.
  public var archive: ArchivedAs?
  /// The runs that it lay in, outermost first; empty in journals of versions that did not write them.
  public var runs: [Run]
  /// What must still be there when it is purged, as the plan says: `backup`, for rules with `requires: [backup]`.
  public var needs: [String]

  /// Which run it was: another one may get its path.
  public struct Run: Hashable, Sendable {
    /// Relative to the root.
    public var path: ByteString
    public var inode: UInt64
    public var born: Timestamp?
    public init(path: ByteString, inode: UInt64, born: Timestamp?) {
      self.path = path
      self.inode = inode
      self.born = born
    }
  }

  public struct ArchivedAs: Hashable, Sendable {
    public var record: String
    public var place: ArchivePlace
    public init(record: String, place: ArchivePlace) {
      self.record = record
      self.place = place
    }
  }

  public init(
    record: String, action: String?, plan: String?, kind: EntityKind, path: ByteString, stored: ByteString,
    owner: ByteString?, bytes: Int64, identity: Identity, purgeAfter: TimeSpan?, because: [Reason],
    contents: [JSONValue], copy: String? = nil, archive: ArchivedAs? = nil, runs: [Run] = [],
    needs: [String] = []
  ) {
    self.record = record
    self.action = action
    self.plan = plan
    self.kind = kind
    self.path = path
    self.stored = stored
    self.owner = owner
    self.bytes = bytes
    self.identity = identity
    self.purgeAfter = purgeAfter
    self.because = because
    self.contents = contents
    self.copy = copy
    self.archive = archive
    self.runs = runs
    self.needs = needs
  }

  /// Where it was, below the folder that it is moved out of: the root, or of an archive the owner's folder in the target.
  public var place: ByteString { archive?.place.name ?? path }
}

/// Why a purge was allowed.
public enum PurgeCause: String, Hashable, Sendable, CaseIterable {
  /// Its time in the trash is proved.
  case elapsed
  /// A pressure step shortened it, as the plan says.
  case pressure
  /// The caller said so for one plan, after a typed confirmation: the one exception to the proved time.
  case nowFree = "now-free"
}

/// An item that was left alone.
public struct JournalSkip: Sendable, Equatable {
  public var operation: JournalOperation
  public var kind: EntityKind
  public var path: ByteString
  public var bytes: Int64
  /// The trash record, where there is one.
  public var record: String?
  public var reason: String
  public init(
    operation: JournalOperation, kind: EntityKind, path: ByteString, bytes: Int64, record: String?, reason: String
  ) {
    self.operation = operation
    self.kind = kind
    self.path = path
    self.bytes = bytes
    self.record = record
    self.reason = reason
  }
}

/// What became of somebody else's item in a plan that root applied.
public struct JournalDelegation: Sendable, Equatable {
  public var operation: JournalOperation
  /// Whose worker it was.
  public var owner: UInt32
  public var kind: EntityKind
  public var path: ByteString
  public var bytes: Int64
  /// The trash record; `nil` where it was left alone.
  public var record: String?
  /// Why it was left alone; `nil` where it was not.
  public var reason: String?
  public init(
    operation: JournalOperation, owner: UInt32, kind: EntityKind, path: ByteString, bytes: Int64, record: String?,
    reason: String?
  ) {
    self.operation = operation
    self.owner = owner
    self.kind = kind
    self.path = path
    self.bytes = bytes
    self.record = record
    self.reason = reason
  }
}

public struct JournalEnd: Hashable, Sendable {
  public var done: Int64
  public var skipped: Int64
  /// Exit status that the process is about to end with.
  public var status: Int64
  public init(done: Int64, skipped: Int64, status: Int64) {
    self.done = done
    self.skipped = skipped
    self.status = status
  }
}
