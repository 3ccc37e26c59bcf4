internal import Dispatch
internal import PolicyCore
internal import PolicyFormats
internal import Synchronization

/// The digest of a snapshot, worked out by another thread while this one decides: writing half a million lines takes as
/// long as deciding about them.
final class PendingDigest: Sendable {
  private let result = Mutex<String?>(nil)
  private let group = DispatchGroup()

  /// - Parameter snapshot: normalised.
  init(of snapshot: Snapshot) {
    DispatchQueue.global().async(group: group) {
      let digest = SnapshotCodec.digest(normalised: snapshot)
      self.result.withLock { $0 = digest }
    }
  }

  /// One that is known.
  init(_ digest: String) { result.withLock { $0 = digest } }

  /// Waits until it is known.
  var value: String {
    group.wait()
    return result.withLock { $0 ?? "" }
  }
}
