internal import PolicyDigest

/// One inode of a tree that has several names.
public struct LinkedInode: Hashable, Sendable {
  public let device: UInt64
  public let inode: UInt64
  public let allocatedBytes: Int64
  /// Names that it has anywhere.
  public let total: Int64
  /// Names that it has in the tree.
  public let inside: Int64
}

/// What identifies a whole subtree, so that it can be found again unchanged.
///
/// The digest of a directory is SHA-256 over one tuple a child, sorted by name bytes: name, type, device, inode, uid,
/// size, mtime, ctime and, for a directory, the child's own digest. The directory's own stamps are not part of it, so
/// that the digest survives a rename of the whole tree; they are in `status`. The digest of a file covers its own
/// tuple without name and ctime, for the same reason.
public struct TreeSummary: Sendable, Equatable {
  public let status: FileStatus
  /// Entries below, itself not counted; 0 for a file.
  public let entries: Int64
  /// Regular files below (or the file itself), by names.
  public let files: Int64
  /// Allocated bytes of the regular files, each inode once.
  public let allocatedBytes: Int64
  /// Newest stamps of all entries, itself included; nanoseconds.
  public let newestModified: Int64
  public let newestChanged: Int64
  /// Newest mtime of a regular file; `nil` where there is none.
  public let newestFileModified: Int64?
  public let digest: [UInt8]
  /// Another file system is mounted somewhere inside; it was not entered.
  public let containsMount: Bool
  /// How many entries could not be read; a tree with any is not fully known.
  public let unreadable: Int64
  /// Sorted by device and inode.
  public let links: [LinkedInode]

  /// Lower-case hexadecimal.
  public var digestText: String { Hexadecimal.encode(digest) }

  /// The summary of what is no directory.
  public init(file status: FileStatus) { self = FileSummaries().summary(of: status) }

  fileprivate init(file status: FileStatus, digest: [UInt8]) {
    self.status = status
    entries = 0
    files = status.type == .regular ? 1 : 0
    allocatedBytes = status.type == .regular ? status.allocatedBytes : 0
    newestModified = status.modified
    newestChanged = status.changed
    newestFileModified = status.type == .regular ? status.modified : nil
    self.digest = digest
    containsMount = false
    unreadable = 0
    links =
      status.type == .regular && status.links > 1
      ? [
        LinkedInode(
          device: status.device, inode: status.inode, allocatedBytes: status.allocatedBytes,
          total: Int64(status.links), inside: 1)
      ] : []
  }

  init(directory status: FileStatus, sums: TreeSums, digest: [UInt8]) {
    self.status = status
    entries = sums.entries
    files = sums.files
    allocatedBytes = sums.allocatedBytes
    newestModified = max(status.modified, sums.newestModified)
    newestChanged = max(status.changed, sums.newestChanged)
    newestFileModified = sums.newestFileModified
    self.digest = digest
    containsMount = sums.containsMount
    unreadable = sums.unreadable
    links = sums.links.sorted
  }

  /// Summarises an entry of a directory: one walk, no link followed, no mount entered. What cannot be read is counted,
  /// not thrown; the error is for the entry itself (EXDEV: it is a mount).
  public static func of(_ directory: borrowing DirectoryDescriptor, _ name: Name) throws(SystemError) -> TreeSummary {
    let status = try directory.status(name)
    guard status.type == .directory else { return TreeSummary(file: status) }
    return try of(directory.open(name))
  }

  /// Summarises an open directory.
  public static func of(_ directory: consuming DirectoryDescriptor) throws(SystemError) -> TreeSummary {
    var visitor = SummaryOnly()
    return try TreeWalk.walk(directory, visitor: &visitor)
  }

  /// Summarises a directory that somebody holds open.
  package static func of(_ directory: SharedDirectory) throws(SystemError) -> TreeSummary {
    var visitor = SummaryOnly()
    return try TreeWalk.walk(directory, visitor: &visitor)
  }

  private struct SummaryOnly: TreeVisitor {}
}

/// Makes summaries of many files, one after the other, for one thread.
public final class FileSummaries {
  private var hash = SHA256Digest()
  private var tuple = TupleBuffer()

  public init() {}

  public func summary(of status: FileStatus) -> TreeSummary {
    tuple.removeAll()
    tuple.appendOwn(status)
    hash.update(tuple.bytes)
    return TreeSummary(file: status, digest: hash.finish())
  }
}

/// Child tuples in a fixed binary form: every field has a fixed width or its length before it, so no two trees share a
/// text.
struct TupleBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func append(name: ArraySlice<UInt8>, _ status: FileStatus?, digest: [UInt8]?) {
    append(UInt64(name.count))
    bytes.append(contentsOf: name)
    guard let status else {
      bytes.append(255)
      return
    }
    appendOwn(status)
    append(UInt64(bitPattern: status.changed))
    if let digest { bytes.append(contentsOf: digest) }
  }

  mutating func appendOwn(_ status: FileStatus) {
    bytes.append(status.type.rawValue)
    append(status.device)
    append(status.inode)
    append(UInt64(status.uid))
    // The size of a directory is a matter of its file system's bookkeeping; its entries are counted by the digest.
    append(status.type == .directory ? 0 : UInt64(bitPattern: status.size))
    append(UInt64(bitPattern: status.modified))
  }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  private mutating func append(_ value: UInt64) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }
}
