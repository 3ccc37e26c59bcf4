internal import PolicyFiles

/// The regular files that processes of this host have open, as far as the caller may see them.
struct OpenFiles: Sendable {
  struct Inode: Hashable {
    let device: UInt64
    let inode: UInt64
  }
  private var inodes: Set<Inode> = []
  /// A bit for each remainder of an inode's number: nearly every file is open nowhere, and one look says so.
  private var marks = [UInt64](repeating: 0, count: OpenFiles.words)
  private static let words = 1024

  init() {}

  /// Looks through `/proc` once. Processes that go away meanwhile, or belong to others, are passed over.
  static func current() -> OpenFiles {
    var table = OpenFiles()
    guard let processes = try? DirectoryDescriptor.openRoot(Array("/proc".utf8)),
      let listing = try? processes.list()
    else { return table }
    for index in listing.indices where listing.bytes(index).allSatisfy({ (48...57).contains($0) }) {
      let path = Array("/proc/".utf8) + listing.bytes(index) + Array("/fd".utf8)
      guard let folder = try? DirectoryDescriptor.openRoot(path), let files = try? folder.list() else { continue }
      for file in files.indices {
        guard let status = try? folder.targetStatus(files.name(file)), status.type == .regular else { continue }
        table.insert(Inode(device: status.device, inode: status.inode))
      }
    }
    return table
  }

  private mutating func insert(_ file: Inode) {
    inodes.insert(file)
    marks[Self.word(of: file.inode)] |= 1 << (file.inode & 63)
  }

  private static func word(of inode: UInt64) -> Int { Int(truncatingIfNeeded: inode >> 6) & (words - 1) }

  var isEmpty: Bool { inodes.isEmpty }

  func contains(device: UInt64, inode: UInt64) -> Bool {
    marks[Self.word(of: inode)] & 1 << (inode & 63) != 0 && inodes.contains(Inode(device: device, inode: inode))
  }

  func contains(_ status: FileStatus) -> Bool { contains(device: status.device, inode: status.inode) }
}
