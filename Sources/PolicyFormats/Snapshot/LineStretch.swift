internal import Dispatch
internal import PolicyCore
internal import Synchronization

/// Whole lines of a long snapshot, read by one of several threads.
struct LineStretch: Sendable {
  private(set) var entities: [Entity] = []
  /// Where the line of each entity begins.
  private(set) var places: [Int] = []
  /// Where lines begin that are no entities; they are few.
  private(set) var others: [Int] = []

  /// Shorter files are read by one thread.
  private static let (shortest, size, readers) = (1 << 21, 1 << 20, 2)

  /// All lines from `start` in their order; `nil` where the file is short, or anything in it is wrong or unknown.
  static func read(_ bytes: [UInt8], from start: Int, _ reader: EntityReader, _ roots: RootIndex) -> [LineStretch]? {
    guard bytes.count - start >= shortest else { return nil }
    let ranges = ranges(bytes, from: start)
    let state = Mutex<(next: Int, isFaulty: Bool, done: [LineStretch?])>(
      (0, false, [LineStretch?](repeating: nil, count: ranges.count)))
    DispatchQueue.concurrentPerform(iterations: readers) { _ in
      var (reader, roots) = (reader, roots)
      while true {
        let place = state.withLock { state -> Int? in
          guard !state.isFaulty, state.next < ranges.count else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let place else { return }
        let stretch = LineStretch(bytes, ranges[place], &reader, &roots)
        state.withLock { state in
          state.done[place] = stretch
          if stretch == nil { state.isFaulty = true }
        }
      }
    }
    let (_, isFaulty, done) = state.withLock { $0 }
    return isFaulty ? nil : done.compactMap { $0 }
  }

  /// Cuts at the ends of lines.
  private static func ranges(_ bytes: [UInt8], from start: Int) -> [Range<Int>] {
    var (ranges, first): ([Range<Int>], Int) = ([], start)
    while first < bytes.count {
      var end = min(first + size, bytes.count)
      while end < bytes.count, bytes[end - 1] != UInt8(ascii: "\n") { end += 1 }
      ranges.append(first..<end)
      first = end
    }
    return ranges
  }

  private init?(_ bytes: [UInt8], _ range: Range<Int>, _ reader: inout EntityReader, _ roots: inout RootIndex) {
    entities.reserveCapacity(range.count / 400)
    places.reserveCapacity(range.count / 400)
    var cursor = JSONCursor(bytes, at: range.lowerBound, isLine: true)
    while true {
      while cursor.peek() == UInt8(ascii: "\n") { cursor.skipLine() }
      let start = cursor.index
      guard start < range.upperBound else { return }
      if RecordReader.kind(cursor) != nil {
        others.append(start)
        cursor.skipLine()
        continue
      }
      guard var entity = try? reader.entity(&cursor), reader.unknownKeys.isEmpty, let root = reader.root,
        let index = roots.index(root, host: reader.host)
      else { return nil }
      if let next = cursor.peek(), next != UInt8(ascii: "\n") { return nil }
      cursor.skipLine()
      entity.root = index
      entities.append(entity)
      places.append(start)
    }
  }
}
