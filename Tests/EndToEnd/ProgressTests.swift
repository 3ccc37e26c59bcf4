internal import Foundation
internal import Glibc
internal import Testing

/// How far a long scan is, told to a person at a terminal and to nobody else.
struct ProgressTests {
  /// A tree of runs that is scanned at a terminal.
  private final class Tree {
    let sandbox: Sandbox
    private(set) var runs = 0

    init() throws {
      sandbox = try Sandbox()
      try grow(to: 4000)
    }

    func grow(to count: Int) throws {
      let script = """
        paths() { for i in $(seq \(runs + 1) \(count)); do echo runs/user$((i % 10))/exp$i; done; }
        paths | xargs mkdir -p
        paths | while read -r run; do
          printf 'task: detect\\nmode: train\\nepochs: 2\\n' >"$run/args.yaml"
          printf 'epoch,metrics/mAP50(B)\\n1,0.1\\n2,0.2\\n' >"$run/results.csv"
        done
        """
      let outcome = try sandbox.run(script)
      try #require(outcome.status == 0, "\(outcome.output)")
      runs = count
    }

    struct Outcome {
      /// What the terminal was sent.
      let shown: String
      let seconds: Double
      let reason: Process.TerminationReason
      let status: Int32
    }

    /// `during` may do something to the process while it runs.
    func scan(
      _ options: [String] = [], _ more: [String: String] = [:], during: (Process, Terminal) -> Void = { _, _ in }
    ) throws -> Outcome {
      let terminal = try Terminal()
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Shell.binaries + "/policy")
      process.arguments = ["snapshot", "--root", "runs", "-o", "s.jsonl"] + options
      process.currentDirectoryURL = URL(fileURLWithPath: sandbox.path)
      var environment = ProcessInfo.processInfo.environment
      environment["TERM"] = "xterm"
      environment["POLICY_QUIET"] = nil
      environment.merge(more) { _, new in new }
      process.environment = environment
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = terminal.other
      let begin = ContinuousClock.now
      // The threads of tests block signals, and their children would too.
      var (none, before) = (sigset_t(), sigset_t())
      _ = unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
      try process.run()
      _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
      during(process, terminal)
      process.waitUntilExit()
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      return Outcome(
        shown: terminal.text(), seconds: seconds, reason: process.terminationReason, status: process.terminationStatus)
    }

    /// Scans of ever larger trees until one is long enough to be told of.
    func longScan(_ options: [String] = []) throws -> Outcome {
      var outcome = try scan(options)
      while outcome.seconds < 2, runs < 64_000 {
        try grow(to: runs * 2)
        outcome = try scan(options)
      }
      return outcome
    }
  }

  /// Both ends of a pseudo-terminal.
  final class Terminal {
    private let own: Int32
    /// TIOCSPTLCK and TIOCGPTN.
    private static let (unlock, askNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    let other: FileHandle

    init() throws {
      own = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var (number, lock): (Int32, Int32) = (0, 0)
      let isReady = unsafe ioctl(own, Self.unlock, &lock) == 0 && ioctl(own, Self.askNumber, &number) == 0
      try #require(isReady, "no pseudo-terminal")
      let file = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
      try #require(file >= 0)
      var size = winsize(ws_row: 24, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0)
      _ = unsafe ioctl(file, UInt(TIOCSWINSZ), &size)
      other = FileHandle(fileDescriptor: file, closeOnDealloc: true)
      _ = fcntl(own, F_SETFL, O_NONBLOCK)
    }

    deinit { close(own) }

    /// What came since it was asked last.
    func text() -> String {
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = unsafe read(own, &buffer, buffer.count)
        if count <= 0 { return String(decoding: all, as: UTF8.self) }
        all += buffer[..<count]
      }
    }
  }

  private static let wiped = "\r\u{1B}[K"

  @Test func `a long scan says at a terminal how far it is, on one line that is gone at the end`() throws {
    let tree = try Tree()
    let outcome = try tree.longScan()
    #expect(outcome.status == 0)
    let words = outcome.shown.components(separatedBy: "\r").filter { $0.contains("scanning") }
    try #require(!words.isEmpty, "\(tree.runs) runs in \(outcome.seconds) s: \(outcome.shown.debugDescription)")
    for word in words {
      let line = word.replacingOccurrences(of: "\u{1B}[K", with: "")
      #expect(line.contains(" entries, ") && line.contains(" a second, "), "\(line)")
      #expect(line.count < 60, "wider than the terminal: \(line)")
    }
    // The line is wiped before anything else is said, and nothing of it stays.
    let last = try #require(outcome.shown.range(of: "scanning", options: .backwards))
    #expect(outcome.shown[last.upperBound...].contains(Self.wiped), "\(outcome.shown.debugDescription)")
    print("a scan of \(tree.runs) runs in \(outcome.seconds) s spoke \(words.count) times")

    // Long as well, and nobody who wants to hear of it.
    #expect(try !tree.longScan(["--quiet"]).shown.contains("scanning"))
    #expect(try !tree.scan([], ["TERM": "dumb"]).shown.contains("scanning"))
    let piped = try tree.sandbox.run("policy snapshot --root runs -o s.jsonl")
    #expect(piped.status == 0 && !piped.output.contains("scanning") && !piped.output.contains("\u{1B}"))
    for number in [SIGINT, SIGTERM, SIGKILL] { try breakOff(tree, number) }
  }

  /// A scan that is broken off once it has spoken leaves no file and no line behind.
  private func breakOff(_ tree: Tree, _ number: Int32) throws {
    while true {
      try? FileManager.default.removeItem(atPath: tree.sandbox.path + "/s.jsonl")
      let before = try FileManager.default.subpathsOfDirectory(atPath: tree.sandbox.path).sorted()
      var told = ""
      let outcome = try tree.scan { process, terminal in
        while !told.contains("scanning"), process.isRunning {
          Thread.sleep(forTimeInterval: 0.005)
          told += terminal.text()
        }
        kill(process.processIdentifier, number)
      }
      if outcome.reason == .exit, tree.runs < 64_000 {
        // It was over before the signal came.
        try tree.grow(to: tree.runs * 2)
        continue
      }
      #expect(outcome.reason == .uncaughtSignal && outcome.status == number)
      let after = try FileManager.default.subpathsOfDirectory(atPath: tree.sandbox.path).sorted()
      #expect(after == before, "something was left behind")
      // Nobody can wipe anything after SIGKILL.
      if number != SIGKILL {
        #expect((told + outcome.shown).hasSuffix(Self.wiped), "\(outcome.shown.debugDescription)")
      }
      return
    }
  }
}
