internal import PolicyCore
internal import PolicyFiles

/// The runs of one root as an earlier snapshot has them.
///
/// A run is taken over, with all that lies in it, where it had ended before, nothing in it has been moved, made or removed
/// since, nobody holds it, no record of an owner speaks of it, and what a training that goes on would write is as old as
/// it was. The rest of its files is trusted, which is why this is fast: `UnchangedWalk` says which.
struct EarlierRuns: Sendable {
  let entities: [Entity]
  /// Places of the root's checkpoints and runs, each in order of their paths.
  fileprivate let checkpoints: Range<Int>
  fileprivate let runs: Range<Int>
  private let scannedAt: Timestamp
  fileprivate let table: EarlierTable
  fileprivate let rights: OwnRights?

  /// Times of files come in ticks, and from other clocks on network volumes: what changed so short a time before the
  /// earlier scan may have changed once more unseen.
  static let uncertainty = TimeSpan(nanoseconds: 2_000_000_000)

  /// `nil` where the snapshot tells nothing of this root, or was not taken from a disk at a time that is over.
  init?(_ snapshot: Snapshot, root: Root, clock: Timestamp) {
    guard let scannedAt = snapshot.scannedAt, scannedAt <= clock, root.device != nil,
      let index = snapshot.roots.firstIndex(where: {
        $0.host == root.host && $0.path == root.path && $0.device == root.device && $0.inode == root.inode
      })
    else { return nil }
    self.scannedAt = scannedAt
    // By root first, then checkpoints before runs.
    let entities = snapshot.entities
    let start = Self.first(entities.indices) { entities[$0].root >= index }
    let end = Self.first(start..<entities.count) { entities[$0].root > index }
    let middle = Self.first(start..<end) { entities[$0].kind == .run }
    (self.entities, checkpoints, runs) = (entities, start..<middle, middle..<end)
    table = EarlierTable(entities, start..<end)
    rights = OwnRights(root)
  }

  /// What an earlier run holds, as places in `entities`.
  struct Known {
    let run: Int
    /// Its digest is left out where it is one.
    let identity: Identity
    /// Those nested in it. They stand behind it, with others between whose names go on (`exp`, `exp-2`, `exp/inner`).
    let nested: Range<Int>
    let checkpoints: Range<Int>
    /// Whether all of these trainings came to their end; the others could be resumed.
    let areFinished: Bool
  }

  /// Paths of runs that others pointed into.
  var referenced: [(path: ByteString, identity: Identity)] {
    runs.filter { table.isReferenced($0) }.compactMap { run in
      entities[run].identity.map { (entities[run].path, $0) }
    }
  }

  fileprivate var latestChange: Int64 {
    scannedAt.nanoseconds.subtractingReportingOverflow(Self.uncertainty.nanoseconds).partialValue
  }

  /// The first place from which on something holds, by binary search.
  private static func first(_ places: Range<Int>, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (places.lowerBound, places.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// One thread's search among the runs of an earlier snapshot.
struct EarlierSearch {
  private let earlier: EarlierRuns
  private var table: EarlierTable

  /// - Parameter isAlone: whether no other thread searches at the same time.
  init(_ earlier: EarlierRuns, isAlone: Bool) {
    self.earlier = earlier
    table = isAlone ? earlier.table : earlier.table.copied()
  }

  /// What is known of the run at a path, and how many entries it has, where nothing has changed.
  mutating func unchanged(
    _ directory: SharedDirectory, at path: [UInt8], _ records: OwnerRecords, _ openFiles: OpenFiles
  ) -> (known: EarlierRuns.Known, entries: Int)? {
    guard let known = run(at: path, records),
      let entries = UnchangedWalk.entries(
        of: directory, at: path, table, known, KnownFiles(known, earlier.entities, table, path), openFiles,
        earlier.rights)
    else { return nil }
    return (known, entries)
  }

  /// The run at a path, where it and all in it may be taken over if nothing changed.
  private mutating func run(at path: [UInt8], _ records: OwnerRecords) -> EarlierRuns.Known? {
    let (runs, checkpoints, entities) = (earlier.runs, earlier.checkpoints, earlier.entities)
    guard !path.isEmpty else { return nil }
    let place = table.first(runs, notBefore: path, guess: table.lastRun)
    table.lastRun = place
    guard place < runs.upperBound, table.isAt(place, path), let identity = entities[place].rawIdentity?.identity,
      identity.newestChanged.nanoseconds < earlier.latestChange
    else { return nil }
    let nested = table.below(path, in: (place + 1)..<runs.upperBound, guess: place + 1)
    let within = table.below(path, in: checkpoints, guess: table.lastCheckpoint)
    table.lastCheckpoint = within.upperBound
    func mayStay(_ place: Int) -> Bool {
      table.isPlain(place) && (records.areSilent || records.areSilent(about: entities[place]))
    }
    guard table.hasEnded(place), mayStay(place), nested.allSatisfy({ table.hasEnded($0) && mayStay($0) }),
      within.allSatisfy(mayStay)
    else { return nil }
    return EarlierRuns.Known(
      run: place, identity: identity, nested: nested, checkpoints: within,
      areFinished: table.hasFinished(place) && nested.allSatisfy { table.hasFinished($0) })
  }
}
