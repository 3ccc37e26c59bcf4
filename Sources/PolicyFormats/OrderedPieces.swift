internal import Dispatch
internal import Synchronization

/// Pieces of something long that several threads make at the same time, handed on in their order by the one that asks for them.
///
/// INVARIANT: no more than `mostAhead` pieces are made and not handed on, however slow whoever takes them is.
package final class OrderedPieces<Piece: Sendable>: Sendable {
  private struct State {
    var next = 0
    var made: [Int: Piece] = [:]
  }

  private static var makers: Int { 2 }
  private static var mostAhead: Int { 16 }

  private let count: Int
  private let make: @Sendable (Int) -> Piece
  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: OrderedPieces.mostAhead)
  private let news = DispatchSemaphore(value: 0)

  package init(count: Int, _ make: @escaping @Sendable (Int) -> Piece) { (self.count, self.make) = (count, make) }

  /// A piece for each so many items, and how many items one has.
  package convenience init(items: Int, of size: Int, _ make: @escaping @Sendable (Range<Int>) -> Piece) {
    self.init(count: (items + size - 1) / size) { make($0 * size..<min(($0 + 1) * size, items)) }
  }

  package func handOn(_ take: (Piece) -> Void) {
    if count <= 1 {
      if count == 1 { take(make(0)) }
      return
    }
    for _ in 0..<min(Self.makers, count) { DispatchQueue.global().async { self.carryOut() } }
    for piece in 0..<count {
      while true {
        if let made = state.withLock({ $0.made.removeValue(forKey: piece) }) {
          room.signal()
          take(made)
          break
        }
        news.wait()
      }
    }
    // Those that wait for room may see now that nothing is left to do.
    for _ in 0..<Self.makers { room.signal() }
  }

  private func carryOut() {
    while true {
      room.wait()
      let piece = state.withLock { state in
        defer { state.next += 1 }
        return state.next
      }
      guard piece < count else { return }
      let made = make(piece)
      state.withLock { $0.made[piece] = made }
      news.signal()
    }
  }
}
