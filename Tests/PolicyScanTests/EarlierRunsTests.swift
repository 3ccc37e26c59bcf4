import Glibc
import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// A search that takes over what an earlier one found, beside one that looks at everything.
@Suite(.serialized) struct EarlierRunsTests {
  private static func scan(
    _ tree: TemporaryTree, roots: [ByteString] = [""], since earlier: Snapshot? = nil, threads: Int = 2,
    clock: Int64 = Sample.clock
  ) -> ScanResult {
    var request = ScanRequest(
      roots: roots.map { tree.absolute($0) }, settings: ScanSettings(exclude: ["**/skip*"]),
      clock: Timestamp(nanoseconds: clock),
      host: "gpu1", homes: [], threads: threads)
    request.sharedFrom = 0
    request.earlier = earlier
    return Scanner.scan(request)
  }

  private static func bytes(_ result: ScanResult) -> [UInt8] {
    var snapshot = result.snapshot
    // Of the whole disk, which others write meanwhile.
    snapshot.volumes = []
    return SnapshotCodec.encode(snapshot)
  }

  /// Longer than a tick of the file system's clock: what changes from here on has a later ctime than all before.
  private static func pause() { usleep(30_000) }

  /// A run that ended well, one that was interrupted, one that failed, and one that runs.
  ///
  /// In the folder of the first there is nothing but checkpoints; in that of the second there is a file more.
  private static func fewRuns() -> TemporaryTree {
    let tree = TemporaryTree()
    Sample.run(tree, "team/done", last: Sample.checkpoint(epoch: -1), plots: true)
    tree.file("team/done/weights/epoch2.pt", "weights", modified: Sample.clock - 10 * Sample.day)
    Sample.run(tree, "team/stopped")
    tree.file("team/stopped/weights/notes.txt", "mine", modified: Sample.clock - 10 * Sample.day)
    Sample.run(tree, "failed", rows: -1, last: nil)
    Sample.run(tree, "running", age: Sample.second)
    pause()
    return tree
  }

  @Test func whatEndedIsTakenOver() {
    let tree = Self.fewRuns()
    let first = Self.scan(tree)
    #expect(first.takenOver == 0)
    let again = Self.scan(tree, since: first.snapshot)
    #expect(again.takenOver == 3)
    #expect((Self.bytes(again) == Self.bytes(first)) as Bool)
    // What was taken over is as good for the next one.
    #expect(Self.scan(tree, since: again.snapshot).takenOver == 3)
    // Through files, in both forms.
    let lines = SnapshotCodec.decode(SnapshotCodec.encode(first.snapshot), path: "s").snapshot
    #expect((Self.bytes(Self.scan(tree, since: lines)) == Self.bytes(first)) as Bool)
    var packed: [UInt8] = []
    PackedSnapshot.encode(first.snapshot, digest: "") { packed += $0 }
    let unpacked = try? PackedSnapshot.decode(packed).snapshot
    #expect((Self.bytes(Self.scan(tree, since: unpacked)) == Self.bytes(first)) as Bool)
  }

  /// Roots come and go: what is taken over belongs to its root, whatever place that has now.
  @Test func rootsMayStandElsewhereThanBefore() {
    let tree = TemporaryTree()
    for team in ["a", "b", "c"] {
      for number in 0..<4 { Sample.run(tree, "\(team)/exp\(number)", last: Sample.checkpoint(epoch: -1)) }
      Sample.run(tree, "\(team)/exp1/inner", last: Sample.checkpoint(epoch: -1))
    }
    Self.pause()
    let earlier = Self.scan(tree, roots: ["b", "c"]).snapshot
    for roots: [ByteString] in [["b"], ["c"], ["b", "c"], ["a", "b"], ["a", "c"], ["a", "b", "c"]] {
      let found = Self.scan(tree, roots: roots, since: earlier)
      let isNew = roots.first == "a"
      #expect(found.takenOver == 5 * (roots.count - (isNew ? 1 : 0)), "\(roots)")
      #expect((Self.bytes(found) == Self.bytes(Self.scan(tree, roots: roots))) as Bool, "\(roots)")
    }
    // One run of many is new: the others are taken over in slices.
    Sample.run(tree, "b/exp2-new", last: Sample.checkpoint(epoch: -1))
    let found = Self.scan(tree, roots: ["b", "c"], since: earlier)
    #expect(found.takenOver == 10)
    #expect((Self.bytes(found) == Self.bytes(Self.scan(tree, roots: ["b", "c"]))) as Bool)
  }

  /// A directory whose list the kernel hands out in several pieces.
  @Test func aLargeDirectoryIsListedToItsEnd() {
    let tree = TemporaryTree()
    Sample.run(tree, "exp", last: Sample.checkpoint(epoch: -1))
    for number in 0..<2500 { tree.file(ByteString("exp/pictures/a-picture-of-a-batch-\(number).jpg"), "") }
    Self.pause()
    let earlier = Self.scan(tree).snapshot
    let again = Self.scan(tree, since: earlier)
    #expect(again.takenOver == 1)
    #expect((Self.bytes(again) == Self.bytes(Self.scan(tree))) as Bool)
    tree.file("exp/pictures/a-picture-of-a-batch-2500.jpg", "")
    #expect(Self.scan(tree, since: earlier).takenOver == 0)
  }

  @Test func onlyOnLocalFileSystemsOwnersAreBelieved() throws {
    let tree = TemporaryTree()
    tree.file("mine", "")
    let folder = try DirectoryDescriptor.openRoot(tree.absolute("").bytes)
    let name = try #require(Name("mine"))
    let status = try folder.status()
    let mount = try #require(status.mountID)
    func isBelieved(_ fileSystem: String?, _ mount: UInt64?) throws -> Bool? {
      let rights = OwnRights(Root(host: "", path: "/data", mountID: mount, fileSystem: fileSystem))
      let file = try folder.status(name)
      return rights?.surelyRead(file, in: status)
    }
    #expect(try isBelieved("ext4", mount) == true)
    #expect(try isBelieved("ext4", mount + 1) == false)
    #expect(try isBelieved("nfs4", mount) == nil)
    #expect(try isBelieved(nil, mount) == nil)
    #expect(try isBelieved("ext4", nil) == nil)
    tree.mode("mine", 0o044)
    #expect(try isBelieved("ext4", mount) == false)
  }

  /// A folder of which all is known needs no list: only where the known checkpoints are as many as there are entries.
  @Test func onlyFoldersOfKnownFilesNeedNoList() throws {
    let tree = Self.fewRuns()
    Sample.run(tree, "deep", last: Sample.checkpoint(epoch: -1))
    tree.file("deep/weights/old/epoch1.pt", "weights", modified: Sample.clock - 10 * Sample.day)
    Self.pause()
    let snapshot = Self.scan(tree).snapshot
    let root = try #require(snapshot.roots.first)
    let earlier = try #require(EarlierRuns(snapshot, root: root, clock: Timestamp(nanoseconds: Sample.clock)))
    let table = EarlierTable(snapshot.entities, snapshot.entities.indices)
    func known(_ path: String) throws -> (files: Int?, entries: Int64) {
      let run = try #require(snapshot.entities.firstIndex { $0.kind == .run && $0.path.displayText == path })
      let identity = try #require(snapshot.entities[run].identity)
      let within = snapshot.entities.indices.filter {
        snapshot.entities[$0].kind == .checkpoint && snapshot.entities[$0].path.displayText.hasPrefix(path + "/")
      }
      let first = try #require(within.first)
      let places = EarlierRuns.Known(
        run: run, identity: identity, nested: 0..<0, checkpoints: first..<first + within.count, areFinished: true)
      return (KnownFiles(places, earlier.entities, table, Array(path.utf8))?.count, identity.entries)
    }
    func listed(_ path: String) throws -> Int64 {
      Int64(try DirectoryDescriptor.openRoot(tree.absolute(ByteString(Array(path.utf8))).bytes).list().count)
    }
    for (run, files, unknown) in [("team/done", 3, 0), ("team/stopped", 2, 1), ("deep", 2, 2)] {
      let (known, entries) = try known(run)
      #expect(known == files, "\(run)")
      #expect(try listed(run) + Int64(files + unknown) == entries, "\(run)")
    }
  }

  /// Each of these is seen, wherever it happens in `done` or `stopped`.
  @Test(arguments: [
    "metric", "last", "new file", "removed", "renamed", "arguments", "tags", "lock", "new folder", "moved away",
    "hidden", "checkpoint of what may go on", "linked", "last linked", "unknown in a folder", "mode of a folder",
  ])
  func changesAreSeen(_ change: String) {
    let tree = Self.fewRuns()
    let first = Self.scan(tree)
    Self.pause()
    switch change {
    case "metric": tree.overwrite("team/done/results.csv", Sample.csv(7))
    case "last": tree.overwrite("team/done/weights/last.pt", Sample.checkpoint(epoch: 3))
    case "new file": tree.file("team/done/weights/epoch9.pt", "new", modified: 0)
    case "removed": tree.remove("team/done/weights/best.pt")
    case "renamed": tree.rename("team/done/weights/best.pt", to: "team/done/weights/bester.pt")
    case "arguments": tree.overwrite("team/done/args.yaml", Sample.arguments(epochs: 7))
    case "tags": tree.file("team/done/.policy-tags", "tags: [good]\n")
    case "lock": tree.file("team/done/.policy-lock", "pid: 1\n")
    case "new folder": tree.directory("team/done/plots")
    case "moved away": tree.rename("team/done", to: "team/gone")
    case "hidden": tree.file("team/done/.notes", "x")
    case "last linked": tree.hardLink("team/second-name.pt", to: "team/done/weights/last.pt")
    case "unknown in a folder": tree.overwrite("team/stopped/weights/notes.txt", "mine, and longer")
    case "mode of a folder": tree.mode("team/done/weights", 0o750)
    case "checkpoint of what may go on": tree.overwrite("team/stopped/weights/best.pt", "another")
    default: tree.hardLink("team/second-name.csv", to: "team/done/results.csv")
    }
    let again = Self.scan(tree, since: first.snapshot)
    #expect(again.takenOver == 2, "\(change)")
    #expect((Self.bytes(again) == Self.bytes(Self.scan(tree))) as Bool, "\(change)")
  }

  /// What the page says can be missed, and is found by the next whole search; `apply` compares with the disk.
  @Test(arguments: ["team/done/results.png", "team/done/weights/epoch2.pt"])
  func whatIsTrustedIsNotSeen(_ file: String) {
    let tree = Self.fewRuns()
    let first = Self.scan(tree)
    Self.pause()
    tree.overwrite(ByteString(Array(file.utf8)), "written in place, and longer than before")
    let again = Self.scan(tree, since: first.snapshot)
    #expect(again.takenOver == 3)
    #expect((Self.bytes(again) == Self.bytes(first)) as Bool)
    #expect((Self.bytes(again) != Self.bytes(Self.scan(tree))) as Bool)
  }

  @Test func somebodyHoldsIt() {
    let tree = Self.fewRuns()
    let first = Self.scan(tree)
    let (open, closed) = (
      tree.opened("team/done/weights/epoch2.pt") { _ in Self.scan(tree, since: first.snapshot) },
      Self.scan(tree, since: first.snapshot)
    )
    #expect(open.takenOver == 2 && closed.takenOver == 3)
    let run = open.snapshot.entities.first { $0.path == "team/done" }
    #expect(run?.facts.fact("in_use") == .value(.bool(true)))
    let locked = tree.opened("team/done") { descriptor in
      flock(descriptor, LOCK_EX)
      return Self.scan(tree, since: first.snapshot)
    }
    #expect(locked.takenOver == 2)
  }

  /// What root could read, and we cannot, is not taken over from root's snapshot.
  @Test(arguments: [("results.csv", UInt32(0)), ("weights", 0), ("weights", 0o711), ("weights/last.pt", 0)])
  func whatMayNotBeReadIsNotTakenOver(_ file: String, _ mode: UInt32) {
    let tree = Self.fewRuns()
    let place = ByteString(Array("team/done/\(file)".utf8))
    // Of somebody else: as the owner of it this process counts, whatever it may do with others' files.
    if geteuid() == 0 { tree.owner(place, OrdinaryUser.uid + 1) }
    tree.mode(place, mode)
    for folder in ["", "team", "team/done", "team/stopped", "failed", "running"] {
      tree.mode(ByteString(Array(folder.utf8)), 0o755)
    }
    Self.pause()
    let first = Self.scan(tree)
    OrdinaryUser.run("an earlier snapshot of somebody who may read more") {
      let again = Self.scan(tree, since: first.snapshot, threads: 1)
      #expect(again.takenOver == 2)
      #expect((Self.bytes(again) == Self.bytes(Self.scan(tree, threads: 1))) as Bool)
      if geteuid() == 0 { #expect((Self.bytes(again) != Self.bytes(first)) as Bool) }
    }
  }

  /// A run that an old run's arguments point to stays marked, though these arguments are not read.
  @Test func referencesAreCarried() {
    let tree = TemporaryTree()
    Sample.run(tree, "base", last: Sample.checkpoint(epoch: -1), plots: true)
    Sample.run(tree, "tuned", last: Sample.checkpoint(epoch: -1), more: "weights: base/weights/best.pt\n", plots: true)
    Self.pause()
    let first = Self.scan(tree)
    func isReferenced(_ result: ScanResult) -> Bool {
      result.snapshot.entities.contains {
        $0.kind == .run && $0.path == "base" && $0.facts.fact("referenced") == .value(.bool(true))
      }
    }
    #expect(isReferenced(first))
    let unchanged = Self.scan(tree, since: first.snapshot)
    #expect((unchanged.takenOver == 2 && Self.bytes(unchanged) == Self.bytes(first)) as Bool)
    Self.pause()
    tree.file("base/notes.txt", "changed")
    let again = Self.scan(tree, since: first.snapshot)
    #expect(again.takenOver == 1 && isReferenced(again))
    #expect((Self.bytes(again) == Self.bytes(Self.scan(tree))) as Bool)
  }

  @Test func otherRootsAndTimesServeNothing() {
    let (tree, other) = (Self.fewRuns(), Self.fewRuns())
    #expect(Self.scan(tree, since: Self.scan(other).snapshot).takenOver == 0)
    let later = Self.scan(tree, clock: Sample.clock + Sample.day).snapshot
    #expect(Self.scan(tree, since: later).takenOver == 0)
    var byHand = Self.scan(tree).snapshot
    byHand.scannedAt = nil
    #expect(Self.scan(tree, since: byHand).takenOver == 0)
    // Scanned while it was still warm: it may have changed once more within the same tick.
    var early = Self.scan(tree).snapshot
    let changed = early.entities.compactMap { $0.identity?.newestChanged.nanoseconds }.min() ?? 0
    early.scannedAt = Timestamp(nanoseconds: changed + Sample.second)
    #expect(Self.scan(tree, since: early).takenOver == 0)
  }

  /// Random trees and random changes that a directory, a metric file or `last.pt` shows: the same bytes as a whole search.
  @Test func isWhatAWholeSearchFinds() {
    var (runs, takenOver, changes) = (0, 0, 0)
    for seed: UInt64 in 1...12 {
      let tree = ThreadTests.tree(seed)
      for number in 0..<12 {
        Sample.run(tree, "flat/exp\(number)", last: Sample.checkpoint(epoch: number % 2 == 0 ? -1 : 4))
      }
      Self.pause()
      var earlier = Self.scan(tree).snapshot
      var state = seed &* 77
      func random(_ below: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(below))
      }
      for round in 0..<4 {
        let paths = earlier.entities.filter { $0.kind == .run }.map(\.path)
        for _ in 0..<random(5) {
          let run = paths[random(paths.count)]
          func name(_ file: String) -> ByteString { ByteString(run.bytes + Array("/\(file)".utf8)) }
          guard tree.has(name("args.yaml")) else { continue }
          changes += 1
          switch random(7) {
          case 0: tree.overwrite(name("results.csv"), Sample.csv(round + 6), modified: Sample.clock - 3 * Sample.day)
          case 1: tree.overwrite(name("weights/last.pt"), Sample.checkpoint(epoch: Int32(round)))
          case 2: tree.file(name("weights/epoch\(round).pt"), "new")
          case 3: tree.remove(name("args.yaml"))
          case 4: Sample.run(tree, run.displayText + "/inner\(round)")
          case 5: tree.rename(run, to: ByteString(run.bytes + Array("-moved".utf8)))
          default: tree.file(name(".policy-tags"), "tags: [t\(round)]\n")
          }
        }
        Self.pause()
        let clock = Sample.clock + Int64(round + 1) * Sample.hour
        let threads = 1 + random(2)
        let found = Self.scan(tree, since: earlier, threads: threads, clock: clock)
        #expect(
          (Self.bytes(found) == Self.bytes(Self.scan(tree, clock: clock))) as Bool, "seed \(seed), round \(round)")
        runs += found.snapshot.entities.count { $0.kind == .run }
        takenOver += found.takenOver
        earlier = found.snapshot
      }
    }
    print("12 trees searched again 4 times after \(changes) changes: \(takenOver) of \(runs) runs taken over, the same")
    #expect(changes > 50 && takenOver > 200 && takenOver < runs)
  }
}
