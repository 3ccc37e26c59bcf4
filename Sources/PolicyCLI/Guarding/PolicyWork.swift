internal import Glibc
internal import PolicyReport

/// `policy apply`, as a process of its own: before the training, and beside it when space runs short. Whatever goes wrong
/// in it is said and nothing more.
struct PolicyWork {
  let policy: String
  /// `--set` and `--root`, as `policy apply` takes them.
  let arguments: [String]
  let log: WorkLog
  private(set) var running: GuardedProgram?

  init(policy: String, arguments: [String], log: WorkLog) {
    (self.policy, self.arguments, self.log) = (policy, arguments, log)
  }

  var isRunning: Bool { running != nil }

  /// Applies and waits for it. A signal stops it between two items, and is what comes back.
  mutating func applyFirst(_ more: [String]) -> Int32? {
    start(more, trigger: "before-training")
    var stoppedBy: Int32?
    while isRunning {
      if let signal = HeldSignals.next(within: 1000), signal.number != SIGCHLD {
        stoppedBy = signal.number
        running?.send(signal.number == SIGHUP || signal.number == SIGINT ? signal.number : SIGTERM)
      }
      collect()
    }
    return stoppedBy
  }

  /// Applies while the training goes on; never twice at once.
  mutating func applyBeside() {
    guard !isRunning else { return }
    start([], trigger: "low-space")
    running?.yieldToOthers()
  }

  /// Notices the end of what is at work.
  mutating func collect() {
    guard let status = running?.ended() else { return }
    running = nil
    guard status != ExitStatus.done.rawValue else { return }
    let meaning = ExitStatus(rawValue: status).map { " (\($0.meaning))" } ?? ""
    Console.note("applying \(DisplayText.escape(policy)) ended with status \(status)\(meaning); see \(log.path)")
  }

  private mutating func start(_ more: [String], trigger: String) {
    let words = ["apply", "-p", policy, "--yes", "--trigger", trigger] + arguments + more
    let file = log.open("policy " + words.joined(separator: " "))
    let output = unsafe file ?? Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(output) }
    do throws(GuardedProgram.Fault) {
      running = try GuardedProgram.startPolicy(words, output: output)
    } catch {
      Console.note("cannot start `policy apply`; the training goes on without it")
    }
  }
}
