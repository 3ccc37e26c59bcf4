internal import Dispatch
internal import Synchronization

/// Pieces of a text that several threads write at the same time, handed on in their order by the one that asks for them.
///
/// INVARIANT: no more than `mostAhead` pieces are written and not handed on, however slow whoever takes them is.
final class OrderedPieces: Sendable {
  private struct State {
    var next = 0
    var written: [Int: [UInt8]] = [:]
  }

  private static let (writers, mostAhead) = (2, 16)

  private let count: Int
  private let write: @Sendable (Int) -> [UInt8]
  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: OrderedPieces.mostAhead)
  private let news = DispatchSemaphore(value: 0)

  init(count: Int, _ write: @escaping @Sendable (Int) -> [UInt8]) { (self.count, self.write) = (count, write) }

  func handOn(_ take: ([UInt8]) -> Void) {
    if count == 1 { return take(write(0)) }
    for _ in 0..<min(Self.writers, count) { DispatchQueue.global().async { self.carryOut() } }
    for piece in 0..<count {
      while true {
        if let text = state.withLock({ $0.written.removeValue(forKey: piece) }) {
          room.signal()
          take(text)
          break
        }
        news.wait()
      }
    }
    // Those that wait for room may see now that nothing is left to do.
    for _ in 0..<Self.writers { room.signal() }
  }

  private func carryOut() {
    while true {
      room.wait()
      let piece = state.withLock { state in
        defer { state.next += 1 }
        return state.next
      }
      guard piece < count else { return }
      let text = write(piece)
      state.withLock { $0.written[piece] = text }
      news.signal()
    }
  }
}
