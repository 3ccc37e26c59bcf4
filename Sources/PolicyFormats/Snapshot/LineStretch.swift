internal import Dispatch
internal import PolicyCore
internal import PolicyDigest
internal import Synchronization

/// Whole lines of a long snapshot, read by one of several threads.
struct LineStretch: Sendable {
  private(set) var entities: [Entity] = []
  /// Where the line of each entity begins.
  private(set) var places: [Int] = []
  /// Where lines begin that are no entities; they are few.
  private(set) var others: [Int] = []
  /// Whether each line of an entity is written as `SnapshotEncoder` writes it. Only asked where the file is digested.
  private(set) var isCanonical = true

  /// Shorter files are read by one thread.
  private static let (shortest, size, readers) = (1 << 21, 1 << 20, 2)
  /// Entities whose packed bytes lie side by side.
  private static let groupSize = 256

  /// What each thread reads lines with.
  struct Readers {
    var quick: CanonicalReader?
    var general: EntityReader
    var roots: RootIndex
    /// Where the file is digested: what lines that are read in the general way are compared with.
    var encoder: SnapshotEncoder?
  }

  /// All lines from `start` in their order; `nil` where the file is short, or anything in it is wrong or unknown.
  ///
  /// - Returns: also the SHA-256 of the whole file, where there is an encoder.
  static func read(
    _ bytes: [UInt8], from start: Int, _ readers: Readers
  ) -> (stretches: [LineStretch], digest: [UInt8])? {
    guard bytes.count - start >= shortest else { return nil }
    let ranges = ranges(bytes, from: start)
    let isDigested = readers.encoder != nil
    let state = Mutex<(next: Int, isFaulty: Bool, done: [LineStretch?], digest: [UInt8])>(
      (isDigested ? -1 : 0, false, [LineStretch?](repeating: nil, count: ranges.count), []))
    DispatchQueue.concurrentPerform(iterations: Self.readers) { _ in
      var readers = readers
      while true {
        let place = state.withLock { state -> Int? in
          guard !state.isFaulty, state.next < ranges.count else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let place else { return }
        if place < 0 {
          var hash = SHA256Digest()
          hash.update(bytes[...])
          let digest = hash.finish()
          state.withLock { $0.digest = digest }
          continue
        }
        let stretch = LineStretch(bytes, ranges[place], &readers)
        state.withLock { state in
          state.done[place] = stretch
          if stretch == nil { state.isFaulty = true }
        }
      }
    }
    let (_, isFaulty, done, digest) = state.withLock { $0 }
    return isFaulty ? nil : (done.compactMap { $0 }, digest)
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

  private init?(_ bytes: [UInt8], _ range: Range<Int>, _ readers: inout Readers) {
    entities.reserveCapacity(range.count / 400)
    places.reserveCapacity(range.count / 400)
    let span = bytes.span
    var place = range.lowerBound
    while place < range.upperBound {
      switch readers.quick?.read(span, place..<range.upperBound) {
      case .read(let next):
        places.append(place)
        place = next
        if readers.quick?.count == Self.groupSize { settle(&readers) }
      case .ofAnotherRoot: settle(&readers)
      case .notCanonical, nil:
        settle(&readers)
        guard let next = readGenerally(bytes, place, &readers) else { return nil }
        place = next
      }
    }
    settle(&readers)
  }

  private mutating func settle(_ readers: inout Readers) {
    if let waiting = readers.quick?.count, waiting > 0 { entities += readers.quick?.takeEntities() ?? [] }
  }

  /// Where the next line begins; `nil` where anything is wrong or unknown.
  private mutating func readGenerally(_ bytes: [UInt8], _ place: Int, _ readers: inout Readers) -> Int? {
    var cursor = JSONCursor(bytes, at: place, isLine: true)
    if cursor.peek() == UInt8(ascii: "\n") || cursor.isAtEnd {
      isCanonical = false
      cursor.skipLine()
      return cursor.index
    }
    if RecordReader.kind(cursor) != nil {
      others.append(place)
      cursor.skipLine()
      return cursor.index
    }
    guard var entity = try? readers.general.entity(&cursor), readers.general.unknownKeys.isEmpty,
      let root = readers.general.root, let index = readers.roots.index(root, host: readers.general.host)
    else { return nil }
    if let next = cursor.peek(), next != UInt8(ascii: "\n") { return nil }
    cursor.skipLine()
    entity.root = index
    entities.append(entity)
    places.append(place)
    if isCanonical, let line = readers.encoder?.line(entity) {
      isCanonical = bytes[place..<cursor.index].elementsEqual(line)
    }
    return cursor.index
  }
}
