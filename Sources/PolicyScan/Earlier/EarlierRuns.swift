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
  private let checkpoints: Range<Int>
  private let runs: Range<Int>
  private let scannedAt: Timestamp

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
  }

  /// What an earlier run holds, as places in `entities`.
  struct Known {
    let run: Int
    let identity: Identity
    /// Those nested in it. They stand behind it, with others between whose names go on (`exp`, `exp-2`, `exp/inner`).
    let nested: Range<Int>
    let checkpoints: Range<Int>
    /// Whether all of these trainings came to their end; the others could be resumed.
    let areFinished: Bool
  }

  /// The run at a path, where it and all in it may be taken over if nothing changed.
  func run(at path: [UInt8], _ records: OwnerRecords, _ plain: inout PlainShapes) -> Known? {
    guard !path.isEmpty else { return nil }
    let place = first(runs, notBefore: path)
    guard place < runs.upperBound, entities[place].isAt(path), entities[place].tier == .live,
      let identity = entities[place].identity, identity.newestChanged.nanoseconds < latestChange
    else { return nil }
    let nested = below(path, in: (place + 1)..<runs.upperBound)
    let within = below(path, in: checkpoints)
    guard var areFinished = isFinished(place, records, &plain) else { return nil }
    for run in nested {
      guard let isFinished = isFinished(run, records, &plain) else { return nil }
      areFinished = areFinished && isFinished
    }
    for checkpoint in within
    where entities[checkpoint].tier != .live || !plain.contains(entities[checkpoint], records) { return nil }
    return Known(run: place, identity: identity, nested: nested, checkpoints: within, areFinished: areFinished)
  }

  /// `nil` for a run that may not be taken over.
  private func isFinished(_ run: Int, _ records: OwnerRecords, _ plain: inout PlainShapes) -> Bool? {
    guard entities[run].tier == .live, plain.contains(entities[run], records),
      case .value(.text(let state)) = entities[run].facts.fact("state")
    else { return nil }
    if state == "finished" { return true }
    return state == "failed" || state == "interrupted" ? false : nil
  }

  /// Paths of runs that others pointed into.
  var referenced: [(path: ByteString, identity: Identity)] {
    entities[runs].compactMap { run in
      guard run.facts.fact("referenced") == .value(.bool(true)), let identity = run.identity else { return nil }
      return (run.path, identity)
    }
  }

  private var latestChange: Int64 {
    scannedAt.nanoseconds.subtractingReportingOverflow(Self.uncertainty.nanoseconds).partialValue
  }

  /// Those whose paths go on behind `path/`; they stand side by side.
  private func below(_ path: [UInt8], in places: Range<Int>) -> Range<Int> {
    var prefix = path
    prefix.append(UInt8(ascii: "/"))
    let start = first(places, notBefore: prefix)
    var end = start
    // Few, and the next ones are mostly those of another run.
    while end < places.upperBound, entities[end].isBelow(prefix) { end += 1 }
    return start..<end
  }

  /// The first place in some sorted ones whose path does not stand before this one.
  func first(_ places: Range<Int>, notBefore path: [UInt8]) -> Int {
    Self.first(places) { !entities[$0].isBefore(path) }
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

/// Entities about which nothing but their own files was known: what records of owners and open files tell may be otherwise
/// now.
struct PlainShapes {
  private var known: [ObjectIdentifier: Bool] = [:]
  private var last: (shape: FactShape, isPlain: Bool)?
  private static let passing = ["backed_up_at", "in_use", "pinned", "restored_at"]

  mutating func contains(_ entity: borrowing Entity, _ records: OwnerRecords) -> Bool {
    guard !entity.hasRareParts || entity.links.isEmpty && entity.backups.isEmpty, isPlain(entity.shape),
      !entity.hasUnreadable
    else { return false }
    return records.areSilent(about: entity)
  }

  private mutating func isPlain(_ shape: FactShape) -> Bool {
    if let last, last.shape === shape { return last.isPlain }
    let isPlain = known[ObjectIdentifier(shape)] ?? Self.passing.allSatisfy { shape.column($0) == nil }
    known[ObjectIdentifier(shape)] = isPlain
    last = (shape, isPlain)
    return isPlain
  }
}
