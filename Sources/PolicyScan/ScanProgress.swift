internal import Synchronization

/// How far a scan is, for those who wait for it; safe to read while it goes on.
public final class ScanProgress: Sendable {
  private let counts = Mutex((entries: 0, runs: 0))

  public init() {}

  /// Entries looked at and runs found so far.
  public var now: (entries: Int, runs: Int) { counts.withLock { $0 } }

  func add(entries: Int, runs: Int) {
    counts.withLock { counts in
      counts.entries += entries
      counts.runs += runs
    }
  }
}
