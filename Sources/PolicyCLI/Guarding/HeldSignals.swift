internal import CLinux
internal import Glibc

/// The signals that would end this program: held, and fetched one by one, so that the training gets them.
enum HeldSignals {
  struct Signal {
    let number: Int32
    /// A process sent it. One of a terminal reached the training already.
    let isSent: Bool
  }

  /// From here on, and before any thread starts.
  static func hold() { policy_hold_signals() }

  /// The next one, or `nil` when none came in that time.
  static func next(within milliseconds: Int32) -> Signal? {
    var isSent: Int32 = 0
    let number = unsafe policy_next_signal(milliseconds, &isSent)
    return number == 0 ? nil : Signal(number: number, isSent: isSent != 0)
  }

  static var isWaiting: Bool { policy_signal_waits() != 0 }

  /// Nanoseconds of a clock that nobody sets.
  static var uptime: Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
