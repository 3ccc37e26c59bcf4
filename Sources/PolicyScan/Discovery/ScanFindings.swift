internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// What several threads found below one root, put together in the order of a single walk.
struct ScanFindings {
  /// Checkpoints and then runs, which is nearly the order of a snapshot.
  private(set) var entities: [Entity] = []
  /// A piece's outcome is that of one thread, at one place among those of the thread.
  private typealias Place = (part: Int, index: Int)

  private var checkpoints: GatheredEntities
  private var runs: GatheredEntities
  private(set) var references: [Reference] = []
  private(set) var unreadable: [ReportedPlace] = []
  private(set) var unrecognised: [ReportedPlace] = []
  private(set) var takenOver = 0
  private let root: Int

  /// Throws what kept the root itself from being read.
  init(_ parts: [ParallelScan.Part], root: Int, earlier: EarlierRuns?) throws(SystemError) {
    self.root = root
    let none = GatheredEntities(earlier: earlier?.entities ?? [], root: root)
    (checkpoints, runs) = (none, none)
    var places = [Place?](repeating: nil, count: parts.reduce(0) { $0 + $1.outcomes.count })
    var (found, known) = (0, 0)
    for (number, part) in parts.enumerated() {
      unreadable += part.unreadable
      unrecognised += part.unrecognised
      takenOver += part.takenOver
      found += part.entities.count
      for index in part.outcomes.indices {
        places[part.outcomes[index].piece] = (number, index)
        known += part.outcomes[index].outcome.known?.checkpoints.count ?? 0
      }
    }
    if let place = places.first ?? nil, let error = parts[place.part].outcomes[place.index].outcome.error {
      throw error
    }
    if found > 0 { checkpoints.reserve(found + known + takenOver) }
    let top = take(0, places, parts)
    references = references.map { Reference(run: $0.run + checkpoints.count, path: $0.path) }
    // Moved out: what somebody else holds too would be copied.
    var (first, last) = (none, none)
    swap(&first, &checkpoints)
    swap(&last, &runs)
    entities = (consume first).followed(by: consume last)
    report(top.unrecognised)
  }

  /// Gives the entities away: they are not held twice.
  mutating func takeEntities() -> [Entity] {
    defer { entities = [] }
    return entities
  }

  /// Takes over what a piece and those below it found. Recursion is as deep as pieces lie in each other, which is little.
  private mutating func take(
    _ piece: Int, _ places: [Place?], _ parts: [ParallelScan.Part]
  ) -> TreeScan.Top {
    guard let place = places[piece] else { return TreeScan.Top() }
    let part = parts[place.part]
    let outcome = part.outcomes[place.index].outcome
    if let error = outcome.error {
      let words = error.errno == EXDEV ? "another file system is mounted here" : error.text
      unreadable.append(ReportedPlace(root: root, path: outcome.path, reason: words))
      return TreeScan.Top(isReadable: false)
    }
    take(part.entities, outcome.entities, part.references[outcome.references])
    if let known = outcome.known { takeOver(known) }
    var top = outcome.top
    for child in outcome.children {
      let below = take(child, places, parts)
      guard below.isReadable else { continue }
      if below.isRun || below.containsRun { top.containsRun = true }
      if below.isRun { continue }
      if below.containsRun {
        report(below.unrecognised)
      } else if let place = places[child] {
        top.unrecognised.append(parts[place.part].outcomes[place.index].outcome.path)
      }
    }
    return top
  }

  /// What one thread found in one piece; a reference names its run by its place among the thread's entities.
  private mutating func take(_ found: [Entity], _ range: Range<Int>, _ pointing: ArraySlice<Reference>) {
    var next = pointing.startIndex
    for place in range {
      if found[place].kind == .checkpoint {
        checkpoints.append(found[place])
        continue
      }
      while next < pointing.endIndex, pointing[next].run == place {
        references.append(Reference(run: runs.count, path: pointing[next].path))
        next += 1
      }
      runs.append(found[place])
    }
    precondition(next == pointing.endIndex, "each reference names a run of its piece, and they ascend")
  }

  /// A run and what lies in it, as an earlier scan left them.
  private mutating func takeOver(_ known: EarlierRuns.Known) {
    runs.take(known.run..<(known.run + 1))
    runs.take(known.nested)
    checkpoints.take(known.checkpoints)
  }

  private mutating func report(_ paths: [ByteString]) {
    unrecognised += paths.map { ReportedPlace(root: root, path: $0, reason: "no layout recognises it") }
  }
}
