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
