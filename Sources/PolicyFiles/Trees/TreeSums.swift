/// Running sums over the entries of a tree; a parent absorbs the sums of its children.
public struct TreeSums: Sendable {
  public private(set) var entries: Int64 = 0
  public private(set) var files: Int64 = 0
  public private(set) var allocatedBytes: Int64 = 0
  public private(set) var newestModified = Int64.min
  public private(set) var newestChanged = Int64.min
  public private(set) var newestFileModified: Int64?
  public private(set) var links = LinkTable()
  public var containsMount = false
  public var unreadable: Int64 = 0

  public init() {}

  /// Counts one entry; directories bring their own sums by `absorb`.
  public mutating func add(_ status: FileStatus) {
    entries += 1
    newestModified = max(newestModified, status.modified)
    newestChanged = max(newestChanged, status.changed)
    guard status.type == .regular else { return }
    files += 1
    newestFileModified = max(newestFileModified ?? .min, status.modified)
    if status.links <= 1 || links.add(status) { count(status.allocatedBytes) }
  }

  /// Counts an entry of which nothing but the name is known.
  public mutating func addUnreadable() {
    entries += 1
    unreadable += 1
  }

  public mutating func absorb(_ child: consuming TreeSums) {
    entries += child.entries
    files += child.files
    newestModified = max(newestModified, child.newestModified)
    newestChanged = max(newestChanged, child.newestChanged)
    if let newest = child.newestFileModified { newestFileModified = max(newestFileModified ?? .min, newest) }
    containsMount = containsMount || child.containsMount
    unreadable += child.unreadable
    count(child.allocatedBytes)
    allocatedBytes -= links.merge(child.links)
  }

  /// Saturates: a file system may claim any number of blocks.
  private mutating func count(_ bytes: Int64) {
    let (sum, overflow) = allocatedBytes.addingReportingOverflow(bytes)
    allocatedBytes = overflow ? .max : sum
  }
}

/// The inodes of a tree that have several names.
public struct LinkTable: Sendable {
  private struct Key: Hashable {
    let device: UInt64
    let inode: UInt64
  }
  private struct Count {
    let bytes: Int64
    let total: Int64
    var inside: Int64
  }
  private var table: [Key: Count] = [:]

  /// True for the first name of an inode.
  mutating func add(_ status: FileStatus) -> Bool {
    let key = Key(device: status.device, inode: status.inode)
    if table[key] != nil {
      table[key]?.inside += 1
      return false
    }
    table[key] = Count(bytes: status.allocatedBytes, total: Int64(status.links), inside: 1)
    return true
  }

  /// Takes in another table, the smaller into the larger, and returns the bytes that both had counted.
  mutating func merge(_ other: LinkTable) -> Int64 {
    if other.table.isEmpty { return 0 }
    var (large, small) = (table, other.table)
    table = [:]
    if large.count < small.count { swap(&large, &small) }
    var doubled: Int64 = 0
    for (key, count) in small {
      if large[key] != nil {
        large[key]?.inside += count.inside
        doubled += count.bytes
      } else {
        large[key] = count
      }
    }
    table = large
    return doubled
  }

  /// All of them in order of device and inode.
  public var sorted: [LinkedInode] {
    table.map { key, count in
      LinkedInode(
        device: key.device, inode: key.inode, allocatedBytes: count.bytes, total: count.total, inside: count.inside)
    }.sorted { ($0.device, $0.inode) < ($1.device, $1.inode) }
  }
}
