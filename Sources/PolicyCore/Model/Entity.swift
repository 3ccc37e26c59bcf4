/// The two levels of the language.
public enum EntityKind: String, Hashable, Sendable, CaseIterable, Comparable {
  case checkpoint, run
  public static func < (left: EntityKind, right: EntityKind) -> Bool { left.rawValue < right.rawValue }
  /// As policies write it: `runs`, `checkpoints`.
  public var plural: String { rawValue + "s" }
}

/// Where an entity lives: in its place, or packed away.
public enum Tier: String, Hashable, Sendable {
  case live, archived
}

/// One run or one checkpoint, as the scanner saw it.
public struct Entity: Sendable, Equatable {
  public var kind: EntityKind
  /// Index into `Snapshot.roots`.
  public var root: Int
  /// Relative to the root; empty for a run that is itself the root.
  public var path: ByteString
  public var tier: Tier
  /// Name of the layout that recognised it; empty when a hand-written snapshot leaves it out.
  public var layout: String
  /// Index into `Snapshot.entities` of the innermost enclosing run; set by `Snapshot.linkParents()`.
  public var parent: Int?
  /// Stored facts. Derived ones (`name`, `path`, `host`, `root`, `layout`, `age`) are not among them.
  /// `bytes` of a run counts the files that belong to it, checkpoints included, nested runs not.
  public var facts: FactRow
  public var notes: [ScanNote]
  /// Files of this entity that have other names too; for a run, those of its own files, checkpoints included.
  public var links: [HardLink]
  public var backups: [BackupRecord]
  /// What apply must find again; `nil` in hand-written snapshots, which cannot be applied.
  public var identity: Identity?

  public init(
    kind: EntityKind, root: Int = 0, path: ByteString, tier: Tier = .live, layout: String = "", parent: Int? = nil,
    facts: FactRow, notes: [ScanNote] = [], links: [HardLink] = [], backups: [BackupRecord] = [],
    identity: Identity? = nil
  ) {
    self.kind = kind
    self.root = root
    self.path = path
    self.tier = tier
    self.layout = layout
    self.parent = parent
    self.facts = facts
    self.notes = notes
    self.links = links
    self.backups = backups
    self.identity = identity
  }
}

/// One inode with several names: its allocated bytes count once in any group, and are freed with the last name.
public struct HardLink: Hashable, Sendable {
  public var device: UInt64
  public var inode: UInt64
  /// Allocated bytes of the inode.
  public var bytes: Int64
  /// All names that the inode has anywhere (`st_nlink`).
  public var total: Int64
  /// How many of them lie in this entity.
  public var inside: Int64
  public init(device: UInt64, inode: UInt64, bytes: Int64, total: Int64, inside: Int64) {
    self.device = device
    self.inode = inode
    self.bytes = bytes
    self.total = total
    self.inside = inside
  }
}

/// A verified copy of the entity elsewhere.
public struct BackupRecord: Hashable, Sendable {
  public var target: String
  public var at: Timestamp
  /// Digest of the content that was copied; `nil` when not recorded (then only the times are compared).
  public var treeDigest: String?
  public init(target: String, at: Timestamp, treeDigest: String?) {
    self.target = target
    self.at = at
    self.treeDigest = treeDigest
  }
}

/// What the scanner wants people to know about an entity or place: something ignored, repaired or not believed.
public struct ScanNote: Hashable, Sendable {
  /// A stable word: `half-written-line`, `conflict-markers`, `lfs-pointer`, …
  public var code: String
  /// One sentence without a full stop. Names in it are already escaped for display.
  public var text: String
  public init(code: String, text: String) {
    self.code = code
    self.text = text
  }
}

/// Identity of a file or directory, and sums over a directory's whole subtree. Fields that a file system lacks are `nil`.
public struct Identity: Hashable, Sendable {
  public enum FileType: String, Hashable, Sendable { case directory, file, symlink, other }
  public var type: FileType
  public var uid: UInt32
  public var device: UInt64
  public var inode: UInt64
  public var mountID: UInt64?
  /// Apparent bytes of a file; 0 of a directory.
  public var size: Int64
  public var modified: Timestamp
  public var changed: Timestamp
  public var born: Timestamp?
  /// Entries below a directory, itself not counted; 0 for a file.
  public var entries: Int64
  /// Allocated bytes of the subtree (`st_blocks` × 512), each inode once.
  public var bytes: Int64
  /// Newest mtime and ctime in the subtree, itself included.
  public var newestModified: Timestamp
  public var newestChanged: Timestamp
  /// SHA-256, lower-case hexadecimal, over the sorted child tuples of the subtree (or over the file's own tuple).
  public var treeDigest: String

  public init(
    type: FileType, uid: UInt32, device: UInt64, inode: UInt64, mountID: UInt64?, size: Int64, modified: Timestamp,
    changed: Timestamp, born: Timestamp?, entries: Int64, bytes: Int64, newestModified: Timestamp,
    newestChanged: Timestamp, treeDigest: String
  ) {
    self.type = type
    self.uid = uid
    self.device = device
    self.inode = inode
    self.mountID = mountID
    self.size = size
    self.modified = modified
    self.changed = changed
    self.born = born
    self.entries = entries
    self.bytes = bytes
    self.newestModified = newestModified
    self.newestChanged = newestChanged
    self.treeDigest = treeDigest
  }
}
