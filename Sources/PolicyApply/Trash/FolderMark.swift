internal import PolicyFiles

/// Which folder something is, as long as nobody else reuses its inode number.
struct FolderMark: Hashable {
  private let inode: UInt64
  private let born: Int64?
  init(_ status: FileStatus) { (inode, born) = (status.inode, status.born) }
}
