internal import Dispatch
internal import PolicyDigest
internal import Synchronization

/// The SHA-256 of pieces, worked out on another thread while they are written.
///
/// INVARIANT: no more than `mostWaiting` pieces wait for it, however slow it is.
final class StreamedDigest: Sendable {
  private static let mostWaiting = 16

  // The queue lets one at a time at it; the lock is there because a value that cannot be copied cannot be shared without.
  private let hash = Mutex(SHA256Digest())
  private let queue = DispatchQueue(label: "policy.digest")
  private let room = DispatchSemaphore(value: StreamedDigest.mostWaiting)

  func update(_ piece: [UInt8]) {
    room.wait()
    queue.async {
      self.hash.withLock { $0.update(piece) }
      self.room.signal()
    }
  }

  /// The digest of all pieces so far: 32 bytes.
  func finish() -> [UInt8] { queue.sync { hash.withLock { $0.finish() } } }
}
