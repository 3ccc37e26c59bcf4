internal import Dispatch
internal import Glibc
internal import PolicyReport
internal import PolicyScan
internal import Synchronization

/// Tells a person at a terminal how far a long scan is: one line of standard error, gone when the scan ends.
///
/// Nobody else is told: not a file, a pipe or a dumb terminal, nor under `--quiet`, which every command takes.
enum ScanWatch {
  static let option = "--quiet"
  private static let variable = "POLICY_QUIET"
  /// Seconds until the first word, and between two.
  private static let (patience, pace) = (1.0, 0.5)

  /// The arguments without `--quiet`, which takes effect at once.
  static func take(from arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    guard arguments[..<end].contains(option) else { return arguments }
    _ = unsafe setenv(variable, "1", 1)
    return arguments[..<end].filter { $0 != option } + arguments[end...]
  }

  static func scan(_ request: ScanRequest) -> ScanResult {
    guard Surroundings.canRedraw, Surroundings.variable(variable) == nil else { return Scanner.scan(request) }
    var request = request
    let progress = ScanProgress()
    request.progress = progress
    let begin = ContinuousClock.now
    let hasSpoken = Mutex(false)
    let queue = DispatchQueue(label: "scan-watch")
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + patience, repeating: pace)
    timer.setEventHandler {
      hasSpoken.withLock { $0 = true }
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      let line = words(progress.now, seconds: seconds, width: Surroundings.errorStyle.width)
      _ = Console.writeAll(Array(("\r" + line + "\u{1B}[K").utf8), to: STDERR_FILENO)
    }
    let taken = takeSignals()
    timer.activate()
    let result = Scanner.scan(request)
    timer.cancel()
    for number in taken { _ = signal(number, SIG_DFL) }
    // After the last word of a handler that may still be at work.
    queue.sync {}
    if hasSpoken.withLock({ $0 }) { wipe() }
    return result
  }

  private static let emptyLine: StaticString = "\r\u{1B}[K"

  private static func wipe() { _ = unsafe write(STDERR_FILENO, emptyLine.utf8Start, emptyLine.utf8CodeUnitCount) }

  /// Whoever breaks off gets a clean line, and the signal ends the process all the same. Signals that somebody else looks
  /// after stay theirs. Returns those that were taken.
  private static func takeSignals() -> [Int32] {
    [SIGINT, SIGTERM, SIGHUP].filter { number in
      let before = signal(number) { number in
        ScanWatch.wipe()
        _ = signal(number, SIG_DFL)
        raise(number)
      }
      if before == nil { return true }
      _ = signal(number, before)
      return false
    }
  }

  /// Fits one line.
  static func words(_ counts: (entries: Int, runs: Int), seconds: Double, width: Int) -> String {
    let rate = seconds > 0 ? Int(Double(counts.entries) / seconds) : 0
    let text = "scanning: \(counts.entries) entries, \(rate) a second, \(counts.runs) runs"
    return String(text.prefix(max(width - 1, 0)))
  }
}
