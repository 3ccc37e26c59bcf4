internal import PolicyCore

/// What is asked of every entity of an earlier snapshot, side by side: paths, and whether it may be taken over.
///
/// Each thread has its own: threads that count references to the same things wait for each other at every count.
struct EarlierTable: Sendable {
  private struct Marks {
    static let isPlain: UInt8 = 1
    static let hasFinished: UInt8 = 2
    static let hasEnded: UInt8 = 4
  }

  private var paths: [UInt8] = []
  /// Where the path of each entity ends.
  private var ends: [UInt32] = []
  private var marks: [UInt8] = []
  /// The place of the first of them in the snapshot.
  private let first: Int

  init(_ entities: [Entity], _ places: Range<Int>) {
    first = places.lowerBound
    ends.reserveCapacity(places.count)
    marks.reserveCapacity(places.count)
    paths.reserveCapacity(places.count * 40)
    var plain = PlainShapes()
    let all = entities.span
    for place in places {
      paths += all[place].pathBytes
      ends.append(UInt32(paths.count))
      marks.append(Self.marks(all[place], &plain))
    }
  }

  private static func marks(_ entity: borrowing Entity, _ plain: inout PlainShapes) -> UInt8 {
    guard entity.tier == .live, plain.contains(entity) else { return 0 }
    guard entity.kind == .run, case .value(.text(let state)) = entity.facts.fact("state") else { return Marks.isPlain }
    switch state {
    case "finished": return Marks.isPlain | Marks.hasFinished | Marks.hasEnded
    case "failed", "interrupted": return Marks.isPlain | Marks.hasEnded
    default: return Marks.isPlain
    }
  }

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
  func first(_ places: Range<Int>, notBefore path: [UInt8]) -> Int {
    var (low, high) = (places.lowerBound, places.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle, path) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Those of some places whose paths go on behind `path/`; they stand side by side.
  func below(_ path: [UInt8], in places: Range<Int>) -> Range<Int> {
    let prefix = path + [UInt8(ascii: "/")]
    let start = first(places, notBefore: prefix)
    var end = start
    // Few, and the next ones are mostly those of another run.
    while end < places.upperBound, self.path(end).count >= prefix.count, holds(prefix, at: self.path(end).lowerBound) {
      end += 1
    }
    return start..<end
  }
}

/// Entities about which nothing but their own files was known: what records of owners and open files tell may be otherwise
/// now.
private struct PlainShapes {
  private var last: (shape: FactShape, isPlain: Bool)?
  private static let passing = ["backed_up_at", "in_use", "pinned", "restored_at"]

  mutating func contains(_ entity: borrowing Entity) -> Bool {
    guard !entity.hasRareParts || entity.links.isEmpty && entity.backups.isEmpty else { return false }
    return isPlain(entity.shape) && !entity.hasUnreadable
  }

  private mutating func isPlain(_ shape: FactShape) -> Bool {
    if let last, last.shape === shape { return last.isPlain }
    let isPlain = Self.passing.allSatisfy { shape.column($0) == nil }
    last = (shape, isPlain)
    return isPlain
  }
}
