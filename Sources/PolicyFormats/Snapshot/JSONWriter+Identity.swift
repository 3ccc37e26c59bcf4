internal import PolicyCore

extension JSONWriter {
  /// The `identity` of an entity, and the `expect` of an action. What a file system lacks is null and named.
  ///
  /// - Parameter digest: its bytes, where `treeDigest` is empty for it.
  mutating func identity(_ identity: Identity, digest: ArraySlice<UInt8>? = nil) {
    open()
    key("btime_ns")
    if let born = identity.born { integer(born.nanoseconds) } else { null() }
    key("bytes")
    integer(identity.bytes)
    key("ctime_ns")
    integer(identity.changed.nanoseconds)
    key("device")
    unsigned(identity.device)
    key("entries")
    integer(identity.entries)
    key("inode")
    unsigned(identity.inode)
    key("mount_id")
    if let mount = identity.mountID { unsigned(mount) } else { null() }
    key("mtime_ns")
    integer(identity.modified.nanoseconds)
    key("newest_ctime_ns")
    integer(identity.newestChanged.nanoseconds)
    key("newest_mtime_ns")
    integer(identity.newestModified.nanoseconds)
    key("size")
    integer(identity.size)
    key("tree_sha256")
    if let digest { hexadecimal(digest) } else { text(identity.treeDigest) }
    key("type")
    text(identity.type.rawValue)
    key("uid")
    unsigned(UInt64(identity.uid))
    close()
  }
}
