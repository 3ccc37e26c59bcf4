internal import Dispatch
internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import Synchronization

/// A whole root, looked at by several threads: each directory above the runs is one piece of work, and so is each run with
/// all that is in it. What was found is put together in the order of the names, the same whichever thread did what.
struct ParallelScan {
  /// What one piece led to; ranges are places in what its thread found.
  struct Outcome {
    let path: ByteString
    let entities: Range<Int>
    let references: Range<Int>
    let top: TreeScan.Top
    /// Numbers of the pieces below, in the order of their names.
    let children: Range<Int>
    let error: SystemError?
    /// What an earlier snapshot knows of the run that the piece is, where nothing changed.
    let known: EarlierRuns.Known?
  }

  /// One thread's part.
  struct Part {
    let entities: [Entity]
    let references: [Reference]
    let unreadable: [ReportedPlace]
    let unrecognised: [ReportedPlace]
    let outcomes: [(piece: Int, outcome: Outcome)]
    /// Runs that were taken over from an earlier snapshot.
    let takenOver: Int
  }

  let reader: RunReader
  let records: OwnerRecords
  let request: ScanRequest
  let openFiles: OpenFiles
  let earlier: EarlierRuns?
  /// Index of the root in the snapshot.
  let root: Int

  /// A directory so many levels below the root is walked as one piece with all that is below it: paths stay short.
  static let sharedLevels = 8

  /// The error is for the root itself.
  func scan(_ directory: consuming DirectoryDescriptor) throws(SystemError) -> ScanFindings {
    let work = SharedWork(directory)
    let first = carryOut(work, upTo: request.sharedFrom)
    let parts = Mutex([first])
    if work.pendingCount > 0 {
      DispatchQueue.concurrentPerform(iterations: request.usefulThreads) { _ in
        let part = carryOut(work)
        parts.withLock { $0.append(part) }
      }
    }
    return try ScanFindings(parts.withLock { $0 }, root: root, earlier: earlier)
  }

  /// `upTo`: stops where more than so many pieces wait; small trees are not worth a thread.
  private func carryOut(_ work: SharedWork, upTo limit: Int = .max) -> Part {
    var tree = TreeScan(
      reader: reader,
      assembly: EntityAssembly(root: root, request: request, records: records),
      excluded: request.settings.exclude, openFiles: openFiles)
    var outcomes: [(piece: Int, outcome: Outcome)] = []
    var search = earlier.map { EarlierSearch($0, isAlone: limit < .max) }
    var takenOver = 0
    while work.pendingCount <= limit, let piece = work.next() {
      let (entities, references) = (tree.assembly.entities.count, tree.assembly.references.count)
      tree.begin(piece.path, isShared: piece.level < Self.sharedLevels)
      var (failure, taken): (SystemError?, EarlierRuns.Known?) = (nil, nil)
      do throws(SystemError) {
        let directory = SharedDirectory(try Self.open(piece.path, work.root))
        if let (known, entries) = search?.unchanged(directory, at: piece.path, records, openFiles) {
          tree.takeOver(known, entries: entries)
          taken = known
          takenOver += 1 + known.nested.count
        } else {
          _ = try TreeWalk.walk(directory, visitor: &tree)
        }
      } catch {
        failure = error
      }
      request.progress?.add(entries: tree.entries, runs: tree.runCount)
      let children = work.finish(piece, leaving: tree.left)
      let outcome = Outcome(
        path: ByteString(piece.path), entities: entities..<tree.assembly.entities.count,
        references: references..<tree.assembly.references.count, top: tree.top, children: children, error: failure,
        known: taken)
      outcomes.append((piece.number, outcome))
    }
    return Part(
      entities: tree.assembly.entities, references: tree.assembly.references, unreadable: tree.unreadable,
      unrecognised: tree.unrecognised, outcomes: outcomes, takenOver: takenOver)
  }

  private static func open(
    _ path: [UInt8], _ root: borrowing DirectoryDescriptor
  ) throws(SystemError) -> DirectoryDescriptor {
    if path.isEmpty { return try root.reopened() }
    guard let path = RelativePath(path) else { throw SystemError(errno: EINVAL, call: "open") }
    return try root.open(path)
  }
}
