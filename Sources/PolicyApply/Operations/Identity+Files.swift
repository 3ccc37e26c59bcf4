internal import PolicyCore
internal import PolicyFiles

extension Identity.FileType {
  init(_ type: FileType) {
    switch type {
    case .directory: self = .directory
    case .regular: self = .file
    case .symlink: self = .symlink
    case .other: self = .other
    }
  }
}

extension Identity {
  /// What a walk found.
  init(_ summary: TreeSummary) {
    let status = summary.status
    self.init(
      type: FileType(status.type), uid: status.uid, device: status.device, inode: status.inode,
      mountID: status.mountID, size: status.type == .directory ? 0 : status.size,
      modified: Timestamp(nanoseconds: status.modified), changed: Timestamp(nanoseconds: status.changed),
      born: status.born.map { Timestamp(nanoseconds: $0) }, entries: summary.entries, bytes: summary.allocatedBytes,
      newestModified: Timestamp(nanoseconds: summary.newestModified),
      newestChanged: Timestamp(nanoseconds: summary.newestChanged), treeDigest: summary.digestText)
  }

  /// Why `status` is not this object as it was, or `nil` where it is. A rename changes the ctime of what it moves, so
  /// after a move that is not compared.
  func difference(from status: FileStatus, afterMove: Bool = false) -> String? {
    if status.device != device || status.inode != inode || type != FileType(status.type) {
      return "it is another \(type.rawValue) than the one that was planned"
    }
    if let mine = born?.nanoseconds, let other = status.born, mine != other {
      return "it is another \(type.rawValue) than the one that was planned"
    }
    if status.uid != uid { return "its owner changed" }
    if type == .file, status.size != size { return "its size changed" }
    if status.modified != modified.nanoseconds { return "it changed since it was planned" }
    if !afterMove, status.changed != changed.nanoseconds { return "it changed, though its modification time did not" }
    return nil
  }
}
