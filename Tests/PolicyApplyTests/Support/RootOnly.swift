import Foundation
import Synchronization

/// Tests that need root (mounts, owners, loop devices) run where they can, and say so, counted, where they cannot.
enum RootOnly {
  private static let skipped = Mutex(0)

  /// True where the test may go on.
  static func isPossible(_ what: String) -> Bool {
    if geteuid() == 0 { return true }
    let count = skipped.withLock { count -> Int in
      count += 1
      return count
    }
    print("NOT SHOWN HERE (\(count)): \(what) needs root")
    return false
  }

  static func notShown(_ what: String, _ why: String) {
    let count = skipped.withLock { count -> Int in
      count += 1
      return count
    }
    print("NOT SHOWN HERE (\(count)): \(what): \(why)")
  }
}
