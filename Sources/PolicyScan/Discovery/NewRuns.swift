public import PolicyCore
internal import PolicyFiles

/// Directories that became runs since the watch began, and that are the caller's own.
///
/// Looks at names and at what layouts recognise, never at a metric. Like every search it follows no link, enters no
/// mount, and passes over hidden and excluded directories.
public struct NewRuns {
  /// A run that was none when the watch began.
  public struct Found: Hashable, Sendable {
    /// Absolute.
    public let path: ByteString
    public let device: UInt64
    public let inode: UInt64
  }

  private let roots: [ByteString]
  private let excluded: [PathPattern]
  private let reader: RunReader
  private let uid: UInt32
  private var known: Set<RunSearch.Directory> = []

  /// - Parameter roots: absolute; one that is not there yet may come.
  public init(below roots: [ByteString], settings: ScanSettings, host: ByteString, owner uid: UInt32) {
    self.roots = roots
    self.uid = uid
    excluded = settings.exclude.map { PathPattern($0) }
    reader = RunReader(
      layouts: LayoutTable.layouts(settings), declared: DeclaredFactReader(declarations: []),
      machine: Machine(host: host))
    _ = look { false }
  }

  /// Runs that appeared since the last look, each once.
  ///
  /// - Parameter isStopped: asked at each directory, because a search of a large tree takes its time.
  public mutating func look(isStopped: @escaping () -> Bool) -> [Found] {
    var found: [Found] = []
    for root in roots {
      guard let directory = try? DirectoryDescriptor.openRoot(root.bytes) else { continue }
      var search = RunSearch(reader: reader, excluded: excluded, known: known, isStopped: isStopped)
      _ = try? TreeWalk.walk(directory, visitor: &search)
      for run in search.runs where known.insert(run.directory).inserted && run.uid == uid {
        let path = run.path.isEmpty ? root.bytes : root.bytes + [UInt8(ascii: "/")] + run.path
        found.append(Found(path: ByteString(path), device: run.directory.device, inode: run.directory.inode))
      }
    }
    return found
  }
}

/// One walk over a root that asks each directory that is not known whether it is a run.
private struct RunSearch: TreeVisitor {
  struct Directory: Hashable {
    let device: UInt64
    let inode: UInt64
    /// A number that is used again belongs to another directory.
    let born: Int64?
  }

  let reader: RunReader
  let excluded: [PathPattern]
  let known: Set<Directory>
  let isStopped: () -> Bool
  private(set) var runs: [(path: [UInt8], directory: Directory, uid: UInt32)] = []

  /// Of the directory that is being looked at, relative to the root; and how long those above it are.
  private var path: [UInt8] = []
  private var lengths: [Int] = []
  private var pending: ArraySlice<UInt8>?

  init(
    reader: RunReader, excluded: [PathPattern], known: Set<Directory>, isStopped: @escaping () -> Bool
  ) {
    self.reader = reader
    self.excluded = excluded
    self.known = known
    self.isStopped = isStopped
  }

  private func pathOf(_ name: ArraySlice<UInt8>) -> [UInt8] {
    path.isEmpty ? Array(name) : path + [UInt8(ascii: "/")] + name
  }

  mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool {
    lengths.append(path.count)
    if let pending { path = pathOf(pending) }
    pending = nil
    let identity = Directory(device: status.device, inode: status.inode, born: status.born)
    let name = ByteString(path).lastComponent.bytes[...]
    if !known.contains(identity), reader.recognise(directory, listing, name: name) != nil {
      runs.append((path, identity, status.uid))
    }
    return false
  }

  mutating func descent(_ listing: DirectoryListing, _ index: Int) -> Descent {
    let name = listing.bytes(index)
    guard !listing.isHidden(index), !isStopped() else { return .skip }
    if !excluded.isEmpty {
      let path = pathOf(name)
      if excluded.contains(where: { $0.matches(path) }) { return .skip }
    }
    pending = name
    return .enter
  }

  mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry) { pending = nil }

  mutating func leave(_ summary: TreeSummary) {
    guard let length = lengths.popLast() else { return }
    path.removeSubrange(length...)
  }
}
