internal import Dispatch
internal import PolicyCore
internal import Synchronization

/// What is asked of every entity of an earlier snapshot, side by side: paths, and whether it may be taken over.
///
/// Each of several threads has its own: such as count references to the same things wait for each other at every count.
struct EarlierTable: Sendable {
  private struct Marks {
    static let isPlain: UInt8 = 1
    static let hasFinished: UInt8 = 2
    static let hasEnded: UInt8 = 4
    static let isReferenced: UInt8 = 8
  }

  private var paths: [UInt8] = []
  /// Where the path of each entity ends.
  private var ends: [UInt32] = []
  private var marks: [UInt8] = []
  /// The place of the first of them in the snapshot.
  private let first: Int
  /// Where the last searches ended: the next ones mostly end a little behind.
  var lastRun = 0
  var lastCheckpoint = 0

  /// Fewer are not worth a second thread.
  private static let fewest = 4096

  init(_ entities: [Entity], _ places: Range<Int>) {
    guard places.count >= Self.fewest else {
      self.init(places, of: entities)
      return
    }
    let middle = (places.lowerBound + places.upperBound) / 2
    let halves = Mutex<[EarlierTable?]>([nil, nil])
    DispatchQueue.concurrentPerform(iterations: 2) { half in
      let part = EarlierTable(half == 0 ? places.lowerBound..<middle : middle..<places.upperBound, of: entities)
      halves.withLock { $0[half] = part }
    }
    let parts = halves.withLock { $0.compactMap { $0 } }
    guard parts.count == 2, var table = parts.first, let rest = parts.last else {
      preconditionFailure("both halves are done")
    }
    table.append(rest)
    self = table
  }

  private init(_ places: Range<Int>, of entities: [Entity]) {
    first = places.lowerBound
    let survey = EntitySurvey(entities, places)
    (paths, ends) = (survey.paths, survey.ends)
    marks.reserveCapacity(places.count)
    var traits = ShapeTraits()
    // What has the same shape, and nothing unusual, has the same marks.
    var (known, last): ([ObjectIdentifier: UInt8], (shape: ObjectIdentifier, marks: UInt8)?) = ([:], nil)
    for (place, shape) in zip(places, survey.plainShapes) {
      if let last, last.shape == shape {
        marks.append(last.marks)
        continue
      }
      let found = shape.flatMap { known[$0] } ?? Self.marks(entities[place], &traits)
      if let shape {
        known[shape] = found
        last = (shape, found)
      }
      marks.append(found)
    }
  }

  private mutating func append(_ next: EarlierTable) {
    let shift = UInt32(paths.count)
    paths += next.paths
    ends += next.ends.map { $0 + shift }
    marks += next.marks
  }

  private static func marks(_ entity: borrowing Entity, _ traits: inout ShapeTraits) -> UInt8 {
    let (isPlain, mayBeReferenced) = traits.of(entity.shape)
    var marks: UInt8 = 0
    if mayBeReferenced, entity.kind == .run, entity.facts.fact("referenced") == .value(.bool(true)) {
      marks |= Marks.isReferenced
    }
    guard isPlain, entity.tier == .live, !entity.hasUnreadable,
      !entity.hasRareParts || entity.links.isEmpty && entity.backups.isEmpty
    else { return marks }
    marks |= Marks.isPlain
    guard entity.kind == .run, case .value(.text(let state)) = entity.facts.fact("state") else { return marks }
    if state == finished { marks |= Marks.hasFinished }
    if state == finished || ended.contains(state) { marks |= Marks.hasEnded }
    return marks
  }

  private static let finished: ByteString = "finished"
  private static let ended: [ByteString] = ["failed", "interrupted"]

  /// The same in memory of its own.
  func copied() -> EarlierTable {
    var copy = self
    copy.paths.reserveCapacity(paths.count + 1)
    copy.ends.reserveCapacity(ends.count + 1)
    copy.marks.reserveCapacity(marks.count + 1)
    return copy
  }

  /// Nothing but its own files was known of it, and it is in its place.
  func isPlain(_ place: Int) -> Bool { marks[place - first] & Marks.isPlain != 0 }
  func hasFinished(_ place: Int) -> Bool { marks[place - first] & Marks.hasFinished != 0 }
  func hasEnded(_ place: Int) -> Bool { marks[place - first] & Marks.hasEnded != 0 }
  /// Arguments of another run pointed into it.
  func isReferenced(_ place: Int) -> Bool { marks[place - first] & Marks.isReferenced != 0 }

  private func path(_ place: Int) -> Range<Int> {
    let index = place - first
    return (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  func isAt(_ place: Int, _ path: [UInt8]) -> Bool {
    let range = self.path(place)
    return range.count == path.count && holds(path, at: range.lowerBound)
  }

  /// Whether the path is that of an entry of a directory.
  func isAt(_ place: Int, _ name: ArraySlice<UInt8>, in directory: [UInt8]) -> Bool {
    let range = path(place)
    guard range.count == directory.count + 1 + name.count else { return false }
    // The names of one directory differ at their ends.
    var own = range.lowerBound + directory.count + 1
    for byte in name {
      if paths[own] != byte { return false }
      own += 1
    }
    return paths[range.lowerBound + directory.count] == UInt8(ascii: "/") && holds(directory, at: range.lowerBound)
  }

  /// The path of an entity that lies below a directory, relative to it.
  func path(_ place: Int, below directory: [UInt8]) -> ArraySlice<UInt8> {
    paths[path(place)].dropFirst(directory.count + 1)
  }

  private func holds(_ bytes: [UInt8], at start: Int) -> Bool {
    for index in bytes.indices where paths[start + index] != bytes[index] { return false }
    return true
  }

  private func isBefore(_ place: Int, _ path: [UInt8]) -> Bool {
    let range = self.path(place)
    for index in 0..<min(range.count, path.count) where paths[range.lowerBound + index] != path[index] {
      return paths[range.lowerBound + index] < path[index]
    }
    return range.count < path.count
  }

  /// The first of some places, sorted by path, whose path does not stand before this one.
  ///
  /// - Parameter guess: where that may be; the farther it is, the longer it takes.
  func first(_ places: Range<Int>, notBefore path: [UInt8], guess: Int) -> Int {
    var (low, high) = (places.lowerBound, places.upperBound)
    var (probe, step) = (min(max(guess, low), high), 1)
    while probe < high {
      if !isBefore(probe, path) {
        high = probe
        break
      }
      low = probe + 1
      probe = low + step
      step *= 2
    }
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle, path) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Those of some places whose paths go on behind `path/`; they stand side by side.
  func below(_ path: [UInt8], in places: Range<Int>, guess: Int) -> Range<Int> {
    let prefix = path + [UInt8(ascii: "/")]
    let start = first(places, notBefore: prefix, guess: guess)
    var end = start
    // Few, and the next ones are mostly those of another run.
    while end < places.upperBound, self.path(end).count >= prefix.count, holds(prefix, at: self.path(end).lowerBound) {
      end += 1
    }
    return start..<end
  }
}

/// What entities of one shape have in common.
private struct ShapeTraits {
  private var known: [ObjectIdentifier: (isPlain: Bool, mayBeReferenced: Bool)] = [:]
  /// What records of owners and open files told may be otherwise now.
  private static let passing = ["backed_up_at", "in_use", "pinned", "restored_at"]

  /// `isPlain`: nothing but its own files was known of it.
  mutating func of(_ shape: FactShape) -> (isPlain: Bool, mayBeReferenced: Bool) {
    if let traits = known[ObjectIdentifier(shape)] { return traits }
    let traits = (
      isPlain: Self.passing.allSatisfy { shape.column($0) == nil }, mayBeReferenced: shape.column("referenced") != nil
    )
    known[ObjectIdentifier(shape)] = traits
    return traits
  }
}
