internal import ArgumentParser
internal import Glibc
internal import PolicyCore
internal import PolicyReport
internal import PolicyScan

/// One training under guard: room before it starts, a lock in its run while it lives, room again when space runs short.
struct Guarding {
  /// Absolute; where it looks for runs.
  let roots: [ByteString]
  let settings: ScanSettings
  /// Where the run will be, absolute, if that was said.
  let run: ByteString?
  let mark: SizeLimit?
  var work: PolicyWork?

  /// How often space is looked at, and the pause between two applies because of it: what can go has gone.
  private static let spaceInterval: Int64 = 5_000_000_000
  private static let applyInterval: Int64 = 600_000_000_000
  /// How often runs are looked for at first, when most begin, and later.
  private static let (eagerInterval, calmInterval): (Int64, Int64) = (1_000_000_000, 15_000_000_000)
  private static let eagerTime: Int64 = 120_000_000_000

  private static let least: Int64 = 16 << 20

  // MARK: Before

  /// Ends the command (4) where the coming run has no place.
  func refuseWithoutRoom(_ need: Int64?) throws {
    guard need != 0 else { return }
    let estimate = need == nil ? estimate() : nil
    // Without any run to go by, no training comes far with so little; without a place to look at, nothing is known.
    let place = run ?? estimate?.model ?? roots.first
    guard let needed = need ?? estimate?.need ?? (place == nil ? nil : Self.least),
      let space = FreeSpace(at: place ?? "/"), space.available < needed
    else { return }
    var message =
      "the run has no room: \(Quantities.size(space.available)) free at \(DisplayText.escape(space.place)), "
    if let estimate {
      message +=
        "and it takes \(estimate.isOfFinished ? "about" : "at least") \(Quantities.size(needed)), like "
        + "\(DisplayText.escape(estimate.model)), the largest of the latest \(estimate.count) "
        + (estimate.isOfFinished ? "finished runs" : "runs, of which none is finished")
    } else if need != nil {
      message += "and it takes about \(Quantities.size(needed))"
    } else {
      message += "and no earlier run tells what it takes"
    }
    let roots = roots.map { " --root \(DisplayText.escape($0))" }.joined()
    Console.complain(
      message,
      help: "`policy trash list\(roots)` says what could go at once; "
        + "or say what the run takes: `--need 2GiB`, or `--need 0` to start anyhow")
    throw ExitStatus.refused.code
  }

  private func estimate() -> RoomEstimate? {
    guard !roots.isEmpty else { return nil }
    let result = Scanner.scan(
      ScanRequest(roots: roots, settings: settings, clock: Surroundings.clock, host: Surroundings.host))
    return RoomEstimate(result.snapshot, run: run, uid: geteuid())
  }

  // MARK: While it runs

  /// Runs the training to its end, and says how it ended.
  mutating func run(_ words: [String]) throws -> Int32 {
    var runs = GuardedRuns(named: run, roots: roots, settings: settings)
    let training = try start(words)
    defer { runs.unlock() }
    let begin = HeldSignals.uptime
    var (nextLook, nextSpace, nextApply) = (begin, begin + Self.spaceInterval, begin)
    while true {
      if let status = training.ended() { return status }
      let now = HeldSignals.uptime
      if now >= nextLook {
        runs.look(for: training.process)
        let end = HeldSignals.uptime
        let pause = end - begin < Self.eagerTime ? Self.eagerInterval : Self.calmInterval
        // A twentieth of one processor at the most, however large the tree is.
        nextLook = end + max(pause, 20 * (end - now))
      }
      if now >= nextSpace {
        nextSpace = now + Self.spaceInterval
        if relieve(mayApply: now >= nextApply) { nextApply = now + Self.applyInterval }
      }
      let wait = max(0, min(nextLook, nextSpace) - HeldSignals.uptime) / 1_000_000
      if let signal = HeldSignals.next(within: Int32(clamping: wait + 1)), signal.number != SIGCHLD, signal.isSent {
        training.send(signal.number)
      }
    }
  }

  private func start(_ words: [String]) throws -> GuardedProgram {
    do throws(GuardedProgram.Fault) {
      return try GuardedProgram.start(words)
    } catch {
      let name = DisplayText.escape(words[0])
      switch error {
      case .missing:
        Console.complain(
          "there is no program `\(name)`",
          help: words[0].contains("/")
            ? "is the path right? nothing was started" : "write its path, or put its folder on PATH")
        throw ExitCode(127)
      case .failed(let code):
        Console.complain("cannot start `\(name)`: \(errorText(code))")
        throw ExitCode(code == ENOENT ? 127 : 126)
      }
    }
  }

  /// Applies the policy where space runs short; true when it began to.
  private mutating func relieve(mayApply: Bool) -> Bool {
    work?.collect()
    guard mayApply, let work, !work.isRunning else { return false }
    let places = run.map { [$0] } ?? roots
    guard let low = places.compactMap({ FreeSpace(at: $0) }).first(where: { $0.isBelow(mark) }) else { return false }
    Console.note(
      "\(Quantities.size(low.available)) free at \(DisplayText.escape(low.place)): "
        + "applying \(DisplayText.escape(work.policy)); see \(work.log.path)")
    self.work?.applyBeside()
    return true
  }
}
