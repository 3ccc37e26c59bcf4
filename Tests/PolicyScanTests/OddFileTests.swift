import Foundation
import Glibc
import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Synchronization
import Testing

@testable import PolicyScan

/// Files with odd stamps, sizes and names: nothing traps, and what cannot be believed keeps.
struct OddFileTests {
  /// Seconds since 1970: before it, on it, past 32 bits, past what nanoseconds in 64 bits can say.
  static let seconds: [Int] = [
    -62_000_000_000, -2_147_483_649, -1, 0, 1, 2_147_483_648, 4_294_967_296, 9_223_372_036, 9_223_372_037,
    15_032_385_535, 1 << 40, 1 << 53, 1 << 62,
  ]

  /// Sets the mtime; what the file system made of it, in seconds.
  private func stamp(_ tree: TemporaryTree, _ path: ByteString, _ seconds: Int, _ nanoseconds: Int = 0) -> Int? {
    let full = tree.absolute(path).bytes.map { CChar(bitPattern: $0) } + [0]
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    guard unsafe utimensat(AT_FDCWD, full, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    var status = stat()
    return unsafe lstat(full, &status) == 0 ? status.st_mtim.tv_sec : nil
  }

  @Test(arguments: [false, true]) func anyStampIsReadAndTheFutureIsUnknown(_ inMemory: Bool) throws {
    // A file system in memory keeps stamps that those on disks clamp.
    if inMemory, unsafe access("/dev/shm", W_OK) != 0 { return print("NOT RUN: odd stamps in memory need /dev/shm") }
    let tree = inMemory ? TemporaryTree(in: "/dev/shm") : TemporaryTree()
    var kept = 0
    for (number, second) in Self.seconds.enumerated() {
      let name = "exp\(number)"
      Sample.run(tree, name)
      guard let made = stamp(tree, ByteString(name + "/weights/last.pt"), second, 999_999_999) else { continue }
      if made == second { kept += 1 }
      let scan = Scan(tree)
      let state = scan.state(ByteString(name))
      if made > Int(Sample.clock / Sample.second) + 60 {
        #expect(state == "unknown", "\(second): \(state ?? "")")
        #expect(scan.fact(ByteString(name), "finished_at") == .missing)
      } else {
        #expect(state == "interrupted", "\(second): \(state ?? "")")
      }
      // What was read travels through a file and comes back.
      let back = SnapshotCodec.decode(SnapshotCodec.encode(scan.snapshot), path: "s.jsonl", schema: FactSchema())
      #expect(back.diagnostics.isEmpty, "\(second): \(back.diagnostics)")
    }
    print("\(kept) of \(Self.seconds.count) odd stamps were kept by the file system and read")
    #expect(kept >= 5)
  }

  /// When a file was last read says nothing: reading does not make a run young, and not reading does not make it old.
  @Test func theTimeOfReadingMeansNothing() {
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    func facts() -> [Fact] {
      Scan(tree).snapshot.entities.flatMap { entity in
        FactSchema().facts(of: entity.kind).map { entity.facts.fact($0.name) }
      }
    }
    let before = facts()
    for seconds in [1, 4_000_000_000] {
      for file: ByteString in ["exp/results.csv", "exp/weights/last.pt", "exp"] {
        let full = tree.absolute(file).bytes.map { CChar(bitPattern: $0) } + [0]
        // The second is UTIME_OMIT: the modification time stays.
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: 0x3FFF_FFFE)]
        #expect(unsafe utimensat(AT_FDCWD, full, times, 0) == 0)
      }
      #expect(facts() == before)
    }
    #expect(before.count > 20)
  }

  @Test func aSparseFileCountsWhatItOccupies() {
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    let before = Scan(tree).fact("exp", "bytes")
    tree.file("exp/weights/epoch3.pt", "x", modified: Sample.clock - 10 * Sample.day)
    let full = tree.absolute("exp/weights/epoch3.pt").bytes.map { CChar(bitPattern: $0) } + [0]
    #expect(unsafe truncate(full, 1 << 40) == 0)
    let scan = Scan(tree)
    guard case .value(.integer(let bytes)) = scan.fact("exp", "bytes"), case .value(.integer(let old)) = before,
      case .value(.integer(let own)) = scan.checkpoint("exp/weights/epoch3.pt", "bytes")
    else {
      Issue.record("no bytes")
      return
    }
    #expect(bytes - old < 1 << 20 && own < 1 << 20)
  }

  /// A checkpoint that was begun and never written is not the newest one, and what its name says is no larger than a
  /// number can be.
  @Test func emptyCheckpointsAndNumbersWithoutEndDoNotCount() {
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    let old = Sample.clock - 10 * Sample.day
    tree.file("exp/weights/epoch8.pt", "x", modified: old)
    tree.file("exp/weights/epoch9.pt", "", modified: old + Sample.day)
    tree.file("exp/weights/last.pt.tmp", "x", modified: old)
    let digits = String(repeating: "9", count: 60)
    tree.file(ByteString("exp/weights/epoch\(digits).pt"), "x", modified: old)
    let scan = Scan(tree)
    let weights = scan.checkpoints.map { $0.lastComponent.displayText }
    #expect(weights == ["best.pt", "epoch8.pt", "epoch\(digits).pt", "last.pt"])
    #expect(scan.notes("exp").contains("empty-checkpoint"))
    #expect(scan.checkpoint("exp/weights/epoch8.pt", "number") == .value(.integer(8)))
    #expect(scan.checkpoint(ByteString("exp/weights/epoch\(digits).pt"), "number") == .missing)
    // One with nothing but an empty checkpoint is not one that failed before its first.
    tree.file("begun/args.yaml", Sample.arguments(), modified: old)
    tree.file("begun/weights/last.pt", "", modified: old)
    #expect(Scan(tree).state("begun") == "unknown")
  }

  /// A file that is removed while a process of another host has it open stays under such a name.
  @Test func aFileHeldOpenOverNFSIsRunning() {
    let tree = TemporaryTree()
    Sample.run(tree, "held")
    Sample.run(tree, "free")
    tree.file("held/weights/.nfs000000000123abcd00000001", "x", modified: Sample.clock - 10 * Sample.day)
    for name in [".nfs", ".nfs000000000123abcd0000000", ".nfs000000000123ABCD00000001", "nfs0000000000123abcd00000001"]
    {
      tree.file(ByteString("free/" + name), "x", modified: Sample.clock - 10 * Sample.day)
    }
    let scan = Scan(tree)
    #expect(scan.state("held") == "running")
    #expect(scan.fact("held", "in_use") == .value(.bool(true)))
    #expect(scan.state("free") == "interrupted")
  }

  @Test func aMetricFileAboveItsLimitIsUnreadable() {
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    let full = tree.absolute("exp/results.csv").bytes.map { CChar(bitPattern: $0) } + [0]
    #expect(unsafe truncate(full, off_t(MetricFile.limit) + 1) == 0)
    tree.modified("exp/results.csv", Sample.clock - 10 * Sample.day)
    let scan = Scan(tree)
    #expect(scan.fact("exp", "mAP50") == .unreadable && scan.state("exp") == "unknown")
    #expect(scan.notes("exp").contains("too-large"))
  }

  /// Somebody writes at the metric file the whole time: what was read is from one moment, or nothing.
  @Test func aMetricFileThatChangesWhileItIsReadIsNotBelieved() throws {
    let tree = TemporaryTree()
    tree.directory("run")
    let name = try #require(Name("results.csv"))
    // Long enough that a reading takes several calls; changed from within, between two of them.
    let text = Sample.plainHeader + "\n" + String(repeating: "1,60,1.0,0.5,0.5,0.5,0.5,1.1\n", count: 100_000)
    tree.file("run/results.csv", text)
    let folder = try DirectoryDescriptor.openRoot(tree.absolute("run").bytes)
    let writer = Writer(tree.absolute("run/results.csv"))
    var (unreadable, whole) = (0, 0)
    for _ in 0..<30 where unreadable == 0 {
      let file = MetricFile(folder, RelativePath([name]))
      if file.isUnreadable {
        #expect(file.notes.map(\.code) == ["changed-while-read"])
        unreadable += 1
      } else {
        whole += 1
      }
    }
    writer.stop()
    print("a metric file under a busy writer: \(unreadable) readings refused, \(whole) of one moment")
    #expect(unreadable > 0)
  }

  private final class Writer: Sendable {
    private let state = Mutex((isOver: false, isDone: false))

    init(_ path: ByteString) {
      let bytes = path.bytes.map { CChar(bitPattern: $0) } + [0]
      let thread = Thread { [self] in
        let file = unsafe open(bytes, O_WRONLY | O_APPEND | O_CLOEXEC)
        while !state.withLock({ $0.isOver }) { _ = unsafe write(file, "2", 1) }
        close(file)
        state.withLock { $0.isDone = true }
      }
      thread.start()
    }

    func stop() {
      state.withLock { $0.isOver = true }
      while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.001) }
    }
  }
}
