import Foundation
import Glibc
import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Synchronization
import Testing

@testable import PolicyScan

/// Trees that are too deep, too wide, endless, closed, or that grow under one's eyes: a scan ends, tells no wrong number,
/// and notes what it could not look at.
struct HostileTreeTests {
  private let old = Sample.clock - 10 * Sample.day

  /// What was found travels through a file and comes back.
  private func travels(_ snapshot: Snapshot) -> Bool {
    let bytes = SnapshotCodec.encode(snapshot)
    let back = SnapshotCodec.decode(bytes, path: "s.jsonl", schema: FactSchema())
    return back.diagnostics.isEmpty && back.snapshot.map { SnapshotCodec.encode($0) } == bytes
  }

  /// A path that no call could take whole, with a run at its end: 8 KB, in a long run 40 KB.
  @Test func aRunBelowThousandsOfLevelsIsFound() throws {
    let tree = TemporaryTree()
    Sample.run(tree, "seed/exp")
    tree.directory("deep")
    let levels = min(4_000 * longFactor, 20_000)
    func opened(_ path: ByteString) -> Int32 {
      let bytes = tree.absolute(path).bytes.map { CChar(bitPattern: $0) } + [0]
      return unsafe open(bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    let seed = opened("seed")
    var current = opened("deep")
    for _ in 0..<levels {
      try #require(unsafe mkdirat(current, "d", 0o755) == 0)
      let next = unsafe openat(current, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      close(current)
      current = next
    }
    try #require(unsafe renameat(seed, "exp", current, "exp") == 0)
    close(current)
    close(seed)
    let scan = Scan(tree)
    let run = try #require(scan.snapshot.entities.first { $0.kind == .run })
    #expect(run.path.count == "deep".utf8.count + 2 * levels + "/exp".utf8.count)
    #expect(run.facts.fact("mAP50") == .value(.number("0.80000")))
    #expect(scan.snapshot.unreadable.isEmpty && travels(scan.snapshot))
  }

  /// 50,000 of each; a million in a long run.
  @Test func aDirectoryOfVeryManyNamesIsReadWhole() {
    let count = min(50_000 * longFactor, 1_000_000)
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    for (folder, isFile) in [("exp/frames", true), ("beside", false)] {
      tree.directory(ByteString(folder))
      tree.opened(ByteString(folder)) { directory in
        for number in 0..<count {
          if isFile {
            close(unsafe openat(directory, "\(number).jpg", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
          } else if number < count / 10 {
            _ = unsafe mkdirat(directory, "\(number)", 0o755)
          }
        }
      }
    }
    let scan = Scan(tree)
    #expect(scan.fact("exp", "files") == .value(.integer(Int64(count) + 4)))
    #expect(scan.fact("exp", "mAP50") == .value(.number("0.80000")))
    #expect(scan.entity("exp")?.identity?.entries == Int64(count) + 6)
    // One place for all that no layout knows, not one for each.
    #expect(scan.snapshot.unrecognised.map(\.path) == ["beside"] && scan.snapshot.unreadable.isEmpty)
    print("\(count) files in one directory of a run, \(count / 10) directories in one beside it: read whole")
  }

  /// Somebody makes files, folders and runs as fast as they can, and removes some again.
  @Test func aTreeThatGrowsWhileItIsWalkedTellsNoWrongNumber() {
    let tree = TemporaryTree()
    for number in 0..<20 { Sample.run(tree, "user\(number % 3)/exp\(number)") }
    let grower = Grower(tree)
    var found = 0
    for _ in 0..<12 {
      let scan = Scan(tree)
      for number in 0..<20 {
        let path = ByteString("user\(number % 3)/exp\(number)")
        #expect(
          scan.fact(path, "mAP50") == .value(.number("0.80000")) && scan.fact(path, "epochs") == .value(.integer(5)))
      }
      // A run that is being made has no figures that are not its own.
      for run in scan.snapshot.entities where run.kind == .run && !run.path.bytes.starts(with: "user".utf8) {
        let figure = run.facts.fact("mAP50")
        #expect([.missing, .unreadable, .value(.number("0.80000"))].contains(figure), "\(figure)")
        found += 1
      }
      #expect(travels(scan.snapshot))
    }
    let made = grower.stop()
    #expect(made > 100)
    let texts = (0..<2).map { _ in
      var snapshot = Scan(tree).snapshot
      snapshot.volumes = []
      return SnapshotCodec.encode(snapshot)
    }
    #expect(texts[0] == texts[1], "quiet again")
    print("a tree that grew by \(made) entries during 12 scans: \(found) runs seen while they were made")
  }

  private final class Grower: Sendable {
    private let state = Mutex((isOver: false, isDone: false, made: 0))

    init(_ tree: TemporaryTree) {
      let thread = Thread { [self] in
        while state.withLock({ !$0.isOver && $0.made < 4_000 }) {
          let number = state.withLock { $0.made }
          tree.file(ByteString("user0/exp\(number % 20 / 3 * 3)/grown-\(number)"), "x")
          tree.directory(ByteString("user1/folder\(number)"))
          if number % 10 == 0 { Sample.run(tree, "new\(number % 200)", rows: 5) }
          if number % 3 == 0 { tree.remove(ByteString("user1/folder\(number)")) }
          state.withLock { $0.made += 1 }
        }
        state.withLock { $0.isDone = true }
      }
      thread.start()
      while state.withLock({ $0.made }) < 10 { Thread.sleep(forTimeInterval: 0.001) }
    }

    func stop() -> Int {
      state.withLock { $0.isOver = true }
      while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.001) }
      return state.withLock { $0.made }
    }
  }

  @Test func linksThatLeadInACircleAreNotFollowed() {
    let tree = TemporaryTree()
    Sample.run(tree, "a/exp")
    let links = [
      ("loop", "."), ("a/up", ".."), ("a/exp/self", "../exp"), ("x", "y"), ("y", "x"), ("a/exp/images", "/"),
    ]
    for (link, target) in links { tree.symlink(ByteString(link), to: target) }
    let scan = Scan(tree)
    #expect(scan.runs == ["a/exp"] && scan.fact("a/exp", "files") == .value(.integer(4)))
    #expect(scan.fact("a/exp", "mAP50") == .value(.number("0.80000")) && scan.state("a/exp") == "interrupted")
    // The folder of weights itself is not looked for behind a link, and that is noted.
    tree.rename("a/exp/weights", to: "elsewhere")
    tree.symlink("a/exp/weights", to: "../../elsewhere")
    #expect(Scan(tree).notes("a/exp").contains("linked-weights") && Scan(tree).state("a/exp") == "unknown")
  }

  @Test func aTreeMountedInItselfEnds() {
    let tree = TemporaryTree()
    Sample.run(tree, "a/exp")
    Sample.run(tree, "b/exp")
    tree.directory("a/exp/again")
    tree.directory("c")
    let places = ["a/exp/again", "c"].map { tree.absolute(ByteString($0)).displayText }
    let isMounted = places.map {
      geteuid() == 0 && TemporaryTree.run("/bin/mount", ["mount", "--bind", tree.path.displayText, $0]) == 0
    }
    defer {
      for place in places.reversed() { _ = TemporaryTree.run("/bin/umount", ["umount", "-l", place]) }
    }
    guard !isMounted.contains(false) else {
      return print("NOT RUN: aTreeMountedInItselfEnds mounts a directory, which takes root")
    }
    let scan = Scan(tree)
    #expect(scan.runs == ["a/exp", "b/exp"])
    #expect(scan.snapshot.unreadable.map(\.path) == ["a/exp/again", "c"])
    #expect(scan.state("a/exp") == "unknown" && scan.notes("a/exp").contains("contains-mount"))
    #expect(scan.fact("a/exp", "bytes") == .unreadable && scan.state("b/exp") == "interrupted")
  }

  /// Each part of a run closed to whoever looks: what depends on it is unreadable, and a note says why.
  @Test(arguments: [
    ("args.yaml", "arguments-unreadable"), ("results.csv", "unreadable"), ("weights", "unreadable-entry"),
    ("weights/last.pt", "checkpoint-unreadable"), (".policy-lock", "foreign-lock"),
    (".policy-tags", "tags-unreadable"), ("images", "unreadable-entry"),
  ])
  func whatMayNotBeReadIsNoted(_ part: String, _ note: String) {
    OrdinaryUser.run("whatMayNotBeReadIsNoted") {
      let tree = TemporaryTree()
      Sample.run(tree, "exp", last: Sample.checkpoint(epoch: -1))
      tree.file("exp/images/1.jpg", "x", modified: old)
      tree.file("exp/.policy-tags", "final\n", modified: old)
      // Of a process that is gone.
      let machine = Machine(host: "gpu1").bootID ?? ""
      tree.file("exp/.policy-lock", "pid: 4194303\nstart: 1\nboot: \(machine)\nhost: gpu1\n", modified: old)
      let whole = Scan(tree, threads: 1)
      #expect(whole.state("exp") == "finished" && whole.notes("exp").isEmpty)
      tree.mode(ByteString("exp/" + part), 0)
      defer { tree.mode(ByteString("exp/" + part), 0o755) }
      let scan = Scan(tree, threads: 1)
      #expect(scan.runs == ["exp"] && scan.notes("exp").contains(note), "\(scan.notes("exp"))")
      for name in ["mAP50", "fitness", "files", "bytes", "planned_epochs", "epochs", "tags", "state"] {
        let now = scan.fact("exp", name)
        let isState = name == "state" && now == .value(.text("unknown"))
        #expect(
          now == whole.fact("exp", name) || now == .unreadable || isState || Self.isOther(name, part), "\(name): \(now)"
        )
      }
    }
  }

  /// Without `last.pt` nobody knows which version ran, and then fitness is that of the newest, which a note says.
  private static func isOther(_ name: String, _ part: String) -> Bool { name == "fitness" && part.hasPrefix("weights") }
}

/// How much longer than usual random and wide tests run: `POLICY_LONG=20`.
let longFactor: Int = {
  guard let text = unsafe getenv("POLICY_LONG"), let factor = Int(unsafe String(cString: text)) else { return 1 }
  return max(factor, 1)
}()
