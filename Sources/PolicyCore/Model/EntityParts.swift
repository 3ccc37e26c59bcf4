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
