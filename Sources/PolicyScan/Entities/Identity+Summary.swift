internal import PolicyCore
internal import PolicyFiles

extension Identity {
  init(_ summary: TreeSummary) { self.init(summary, treeDigest: summary.digestText) }

  /// - Parameter treeDigest: empty where the bytes of the summary's digest go beside it.
  init(_ summary: TreeSummary, treeDigest: String) {
    let status = summary.status
    let type: FileType =
      switch status.type {
      case .directory: .directory
      case .regular: .file
      case .symlink: .symlink
      case .other: .other
      }
    self.init(
      type: type, uid: status.uid, device: status.device, inode: status.inode, mountID: status.mountID,
      size: status.type == .directory ? 0 : status.size, modified: Timestamp(nanoseconds: status.modified),
      changed: Timestamp(nanoseconds: status.changed), born: status.born.map { Timestamp(nanoseconds: $0) },
      entries: summary.entries, bytes: summary.allocatedBytes,
      newestModified: Timestamp(nanoseconds: summary.newestModified),
      newestChanged: Timestamp(nanoseconds: summary.newestChanged), treeDigest: treeDigest)
  }
}

extension HardLink {
  init(_ linked: LinkedInode) {
    self.init(
      device: linked.device, inode: linked.inode, bytes: linked.allocatedBytes, total: linked.total,
      inside: linked.inside)
  }
}
