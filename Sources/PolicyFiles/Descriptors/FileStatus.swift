internal import CLinux
internal import Glibc

/// What kind of thing an inode is; only the first two are ever opened.
public enum FileType: UInt8, Hashable, Sendable {
  case directory, regular, symlink, other
}

/// The status of one inode, of a final link itself and never of its target.
public struct FileStatus: Hashable, Sendable {
  public let type: FileType
  /// Permission bits, without the type.
  public let mode: UInt32
  public let uid: UInt32
  public let gid: UInt32
  /// All names of the inode.
  public let links: UInt32
  public let device: UInt64
  public let inode: UInt64
  /// `nil` where the kernel does not tell.
  public let mountID: UInt64?
  /// Apparent size in bytes.
  public let size: Int64
  /// Blocks of 512 bytes.
  public let blocks: Int64
  /// Nanoseconds since 1970, UTC.
  public let modified: Int64
  public let changed: Int64
  /// Birth time; `nil` where the file system has none.
  public let born: Int64?
  /// A file system is mounted here; `nil` where the kernel does not tell.
  public let isMountRoot: Bool?

  public var allocatedBytes: Int64 {
    let (product, overflow) = blocks.multipliedReportingOverflow(by: 512)
    return overflow ? .max : product
  }

  /// Same inode of the same file system.
  public func isSameObject(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

  /// True when this lies on another mount than `parent`, bind mounts included where the kernel tells mounts apart.
  public func isOnAnotherMount(than parent: FileStatus) -> Bool {
    if isMountRoot == true { return true }
    if let mine = mountID, let other = parent.mountID { return mine != other }
    return device != parent.device
  }

  init(_ raw: policy_status) {
    switch raw.mode & UInt32(S_IFMT) {
    case UInt32(S_IFDIR): type = .directory
    case UInt32(S_IFREG): type = .regular
    case UInt32(S_IFLNK): type = .symlink
    default: type = .other
    }
    mode = raw.mode & 0o7777
    uid = raw.uid
    gid = raw.gid
    links = raw.nlink
    device = raw.device
    inode = raw.inode
    mountID = raw.has_mount_id != 0 ? raw.mount_id : nil
    size = raw.size
    blocks = raw.blocks
    modified = raw.modified_ns
    changed = raw.changed_ns
    born = raw.has_born != 0 ? raw.born_ns : nil
    isMountRoot = raw.knows_mount_root != 0 ? raw.is_mount_root != 0 : nil
  }

  /// `path` is NUL-terminated; empty for the descriptor itself.
  static func unsafeRead(_ descriptor: Int32, _ path: UnsafePointer<CChar>) throws(SystemError) -> FileStatus {
    var raw = policy_status()
    _ = try checked(unsafe policy_status_at(descriptor, path, &raw), "statx")
    return FileStatus(raw)
  }

  static func read(_ descriptor: Int32, _ path: [UInt8]) throws(SystemError) -> FileStatus {
    var raw = policy_status()
    let result = unsafe withTerminated(path) { unsafe policy_status_at(descriptor, $0, &raw) }
    _ = try checked(result, "statx")
    return FileStatus(raw)
  }
}
