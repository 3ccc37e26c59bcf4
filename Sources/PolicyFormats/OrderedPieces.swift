internal import Dispatch
internal import Synchronization

/// Pieces of something long that two threads make at the same time, handed on in their order by the one of them that asks.
///
/// That one makes pieces itself rather than wait for the first: it comes to its end though nobody helps, as where all
/// other threads wait like it.
///
/// INVARIANT: no more than `mostAhead` pieces are made and not handed on, however slow whoever takes them is.
package final class OrderedPieces<Piece: Sendable>: Sendable {
  private struct State {
    var next = 0
    var made: [Int: Piece] = [:]
  }

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
    DispatchQueue.global().async { self.help() }
    for piece in 0..<count {
      while true {
        if let made = state.withLock({ $0.made.removeValue(forKey: piece) }) {
          room.signal()
          take(made)
          break
        }
        // Where nobody makes this one yet, it is the next, and there is room.
        guard room.wait(timeout: .now()) == .success else {
          news.wait()
          continue
        }
        guard !makeNext() else { continue }
        room.signal()
        news.wait()
      }
    }
    // The helper may see now that nothing is left to do.
    room.signal()
  }

  private func help() {
    while true {
      room.wait()
      guard makeNext() else { return }
      news.signal()
    }
  }

  /// False where all are made, or being made.
  private func makeNext() -> Bool {
    let piece = state.withLock { state -> Int in
      defer { state.next = min(state.next + 1, count) }
      return state.next
    }
    guard piece < count else { return false }
    let made = make(piece)
    state.withLock { $0.made[piece] = made }
    return true
  }
}
