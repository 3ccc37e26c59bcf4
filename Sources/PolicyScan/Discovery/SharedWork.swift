internal import Glibc
internal import PolicyFiles
internal import Synchronization

/// The pieces of one root that are still to be looked at, shared by several threads.
///
/// The newest piece goes first, so that few wait at any time. A thread that finds none looks again a little later, because
/// another may be about to find some.
final class SharedWork: Sendable {
  struct Piece: Sendable {
    let number: Int
    /// Relative to the root.
    let path: [UInt8]
    /// Levels below the root.
    let level: Int
  }
  private struct State {
    var pending = [Piece(number: 0, path: [], level: 0)]
    var count = 1
    /// Pieces that somebody works on.
    var active = 0
  }

  let root: DirectoryDescriptor
  private let state = Mutex(State())
  private static let pause: UInt32 = 100

  init(_ root: consuming DirectoryDescriptor) { self.root = root }

  var pendingCount: Int { state.withLock { $0.pending.count } }

  /// `nil` once there is no more, and nobody can find any.
  func next() -> Piece? {
    while true {
      let (piece, isOver) = state.withLock { state -> (Piece?, Bool) in
        guard let piece = state.pending.popLast() else { return (nil, state.active == 0) }
        state.active += 1
        return (piece, false)
      }
      if piece != nil || isOver { return piece }
      usleep(Self.pause)
    }
  }

  /// A piece is done, and led to these directories below it. Returns their numbers.
  func finish(_ piece: Piece, leaving paths: [[UInt8]]) -> Range<Int> {
    state.withLock { state in
      let numbers = state.count..<(state.count + paths.count)
      for (number, path) in zip(numbers, paths).reversed() {
        state.pending.append(Piece(number: number, path: path, level: piece.level + 1))
      }
      state.count += paths.count
      state.active -= 1
      return numbers
    }
  }
}
