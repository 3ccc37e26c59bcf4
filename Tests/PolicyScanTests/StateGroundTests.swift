import Glibc
import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Synchronization
import Testing

@testable import PolicyScan

/// Collects what decided the state of each run.
final class Verdicts: Sendable {
  private let found = Mutex<[ByteString: (layout: String, verdict: StateVerdict)]>([:])

  /// Scans a root; every run with its layout and its verdict.
  static func of(
    _ root: ByteString, clock: Int64 = Sample.clock
  ) -> [ByteString: (layout: String, verdict: StateVerdict)] {
    let verdicts = Verdicts()
    var request = ScanRequest(roots: [root], clock: Timestamp(nanoseconds: clock), host: "gpu1", homes: [])
    request.judged = { run, layout, verdict in verdicts.found.withLock { $0[run] = (layout, verdict) } }
    _ = Scanner.scan(request)
    return verdicts.found.withLock { $0 }
  }
}

/// Each piece of evidence decides where it is the strongest; the page on states says the same.
struct StateGroundTests {
  static let page = "Docs/Layouts/states.md"
  private let old = Sample.clock - 10 * Sample.day

  @Test(arguments: StateGround.allCases) func decides(_ ground: StateGround) throws {
    let states = Self.states[ground] ?? [.unknown]
    for state in states {
      let tree = TemporaryTree()
      make(ground, state, tree)
      let verdict = try #require(judge(ground, tree), "no run")
      #expect(verdict.ground == ground && verdict.state == state, "\(verdict)")
      #expect((verdict.finishedAt == nil) == [.running, .unknown].contains(state))
    }
    let row = try #require(StatePage.rows()[ground.rawValue], "\(Self.page) has no row for \(ground.rawValue)")
    #expect(row.states == states.map(\.rawValue), "\(Self.page): \(ground.rawValue)")
  }

  @Test func `the page has no other rows`() throws {
    #expect(try StatePage.rows().keys.sorted() == StateGround.allCases.map(\.rawValue).sorted())
  }

  /// What follows from each; those that are not here leave it unknown.
  private static let states: [StateGround: [StateVerdict.State]] = [
    .liveLock: [.running], .flock: [.running], .openFile: [.running], .recentChange: [.running],
    .stripped: [.finished], .plots: [.finished], .allEpochs: [.finished],
    .recorded: [.finished, .failed, .interrupted],
    .resultsWithoutEnd: [.interrupted], .onlyArguments: [.failed],
  ]

  /// A run in which this evidence is the strongest.
  private func make(_ ground: StateGround, _ state: StateVerdict.State, _ tree: TemporaryTree) {
    switch ground {
    // It has ended by all other accounts.
    case .liveLock, .flock, .openFile, .clockSkew, .foreignLock, .incomplete, .stripped:
      Sample.run(tree, "case", last: Sample.checkpoint(epoch: -1))
    case .plots: Sample.run(tree, "case", plots: true)
    case .allEpochs: Sample.run(tree, "case", rows: 5, epochs: 5)
    case .recentChange, .resultsWithoutEnd, .metricsUnreadable: Sample.run(tree, "case")
    case .onlyArguments: Sample.run(tree, "case", rows: -1, last: nil)
    case .checkpointsWithoutMetrics: Sample.run(tree, "case", rows: -1)
    case .otherTool: tree.file("case/files/wandb-summary.json", "{}", modified: old)
    case .recorded:
      // The words of MLflow, which knows three ends.
      let word = state == .finished ? "FINISHED" : state == .failed ? "FAILED" : "KILLED"
      tree.file(
        "case/meta.yaml", "artifact_uri: mlruns/1/2\nrun_id: a\nstatus: \(word)\nend_time: 1700000000000\n",
        modified: old)
    }
    switch ground {
    case .liveLock: tree.file("case/.policy-lock", lock(host: "gpu1"), modified: old)
    case .foreignLock: tree.file("case/.policy-lock", lock(host: "gpu2"), modified: Sample.clock)
    case .clockSkew: tree.file("case/note", "x", modified: Sample.clock + Sample.hour)
    // A folder of weights that is a link may hold anything.
    case .incomplete: tree.symlink("case/checkpoints", to: "/tmp")
    case .recentChange: tree.modified("case/results.csv", Sample.clock - 60 * Sample.second)
    case .metricsUnreadable: tree.file("case/results.csv", "<<<<<<< HEAD\n" + Sample.csv(3), modified: old)
    case _: break
    }
  }

  private func judge(_ ground: StateGround, _ tree: TemporaryTree) -> StateVerdict? {
    func judged() -> StateVerdict? { Verdicts.of(tree.path)["case"]?.verdict }
    switch ground {
    case .flock:
      return tree.opened("case") { file in
        flock(file, LOCK_EX)
        return judged()
      }
    case .openFile: return tree.opened("case/results.csv") { _ in judged() }
    case _: return judged()
    }
  }

  /// Of this process.
  private func lock(host: String) -> String {
    let machine = Machine(host: "gpu1")
    return "pid: \(getpid())\nstart: \(Machine.startTime(of: getpid()) ?? 0)\nboot: \(machine.bootID ?? "")\n"
      + "host: \(host)\n"
  }
}

/// The table of `Docs/Layouts/states.md`.
enum StatePage {
  struct Row: Equatable {
    let states: [String]
    /// What the last cell says.
    let share: String
  }

  static func text() -> String {
    String(decoding: LayoutCase.bytes("\(repositoryRoot)/\(StateGroundTests.page)") ?? [], as: UTF8.self)
  }

  /// By the name of the evidence. A row is `| evidence | name | states | share |`.
  static func rows() throws -> [String: Row] {
    var rows: [String: Row] = [:]
    for line in text().split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map { $0.filter { $0 != "`" }.trimmed }
      guard cells.count == 4, StateGround(rawValue: cells[1]) != nil || cells[1].contains("-") else { continue }
      guard !cells[1].hasPrefix("---") else { continue }
      rows[cells[1]] = Row(states: cells[2].split(separator: ",").map { String($0).trimmed }, share: cells[3])
    }
    return rows
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
