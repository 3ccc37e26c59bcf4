internal import PolicyCore
internal import PolicyFormats
internal import Synchronization

/// The digest of a snapshot, worked out when somebody asks for it: writing half a million lines takes as long as deciding
/// about them, and many commands never ask.
final class PendingDigest: Sendable {
  private let snapshot: Snapshot?
  private let result: Mutex<String?>

  /// - Parameter snapshot: normalised.
  init(of snapshot: Snapshot) {
    self.snapshot = snapshot
    result = Mutex(nil)
  }

  /// One that is known.
  init(_ digest: String) {
    snapshot = nil
    result = Mutex(digest)
  }

  /// A second thread that asks waits for the first.
  var value: String {
    result.withLock { known in
      if let known { return known }
      let digest = snapshot.map { SnapshotCodec.digest(normalised: $0) } ?? ""
      known = digest
      return digest
    }
  }
}
