internal import CLinux

/// A signal asked this process to stop: between two items it does, and finishes what has begun.
struct StopRequest: Sendable {
  /// The number of the signal, or 0.
  let ask: @Sendable () -> Int32

  static let bySignal = StopRequest { policy_stopped_by() }

  var signal: Int32? {
    let signal = ask()
    return signal == 0 ? nil : signal
  }

  /// What stops the rest of a batch; `nil` where nobody asked.
  var failure: ApplyFailure? {
    signal.map { ApplyFailure(.partial, "stopped by signal \($0); what had begun is finished, the rest stays") }
  }
}

/// For a command that changes things.
public enum StopSignals {
  /// From here on a first SIGINT, SIGTERM or SIGHUP is noted, and handed to the workers, instead of ending the process.
  public static func listen() { policy_stop_gently() }
}
