import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Testing

@testable import PolicyScan

struct DiscoveryTests {
  @Test func findsRunsAtAnyDepth() {
    let tree = TemporaryTree()
    for path in ["exp", "alice/exp2", "runs/detect/runs/train/exp-3", "a/b/c/d/e/f/exp"] { Sample.run(tree, path) }
    #expect(Scan(tree).runs == ["a/b/c/d/e/f/exp", "alice/exp2", "exp", "runs/detect/runs/train/exp-3"])
  }

  @Test func skipsHiddenAndExcludedDirectoriesAndLinks() {
    let tree = TemporaryTree()
    for path in [".policy/1/trash/files/x", ".cache/exp", "old/exp", "keep/tmp/exp", "keep/exp"] {
      Sample.run(tree, path)
    }
    tree.symlink("link", to: "keep")
    let scan = Scan(tree, settings: ScanSettings(exclude: ["old/**", "**/tmp"]))
    #expect(scan.runs == ["keep/exp"])
    #expect(scan.snapshot.unrecognised.isEmpty)
  }

  @Test func recognisesByContentOnly() {
    let tree = TemporaryTree()
    tree.file("val/args.yaml", "task: detect\nmode: val\nepochs: 100\n")
    tree.file("predict/image.jpg", "x")
    tree.file("train-only-args/args.yaml", Sample.arguments())
    tree.file("empty-args-with-results/args.yaml", "")
    tree.file("empty-args-with-results/results.csv", Sample.csv(1))
    tree.file("exp7/notes.txt", "a name is no evidence")
    tree.file("v5/opt.yaml", "epochs: 10\n")
    tree.file("v5/hyp.yaml", "lr0: 0.1\n")
    tree.file("v7/opt.yaml", "epochs: 10\n")
    tree.file("v7/hyp.yaml", "lr0: 0.1\n")
    tree.file("v7/results.txt", "0/9 1G\n")
    tree.directory("a-directory/args.yaml/x")
    tree.directory("a-directory/weights")
    let scan = Scan(tree)
    #expect(scan.runs == ["empty-args-with-results", "train-only-args", "v5", "v7"])
    #expect(
      scan.snapshot.unrecognised.map(\.path) == ["a-directory", "exp7", "predict", "val"])
    #expect(scan.entity("v5")?.layout == "yolov5" && scan.entity("v7")?.layout == "yolov7")
  }

  @Test func oneLayoutOnly() {
    let tree = TemporaryTree()
    Sample.run(tree, "a")
    tree.file("b/opt.yaml", "epochs: 10\n")
    tree.file("b/hyp.yaml", "")
    #expect(Scan(tree, settings: ScanSettings(layout: "yolov5")).runs == ["b"])
    #expect(Scan(tree, settings: ScanSettings(layout: "ultralytics")).runs == ["a"])
  }

  @Test func reportsOnlyTheOutermostOfWhatItDoesNotKnow() {
    let tree = TemporaryTree()
    tree.file("data/a/b/c/image.jpg", "x")
    tree.file("data/d/image.jpg", "x")
    Sample.run(tree, "runs/exp")
    tree.file("runs/val/x/y.jpg", "x")
    #expect(Scan(tree).snapshot.unrecognised.map(\.path) == ["data", "runs/val"])
  }

  @Test func nestedRunsAndTheirFiles() {
    let tree = TemporaryTree()
    Sample.run(tree, "outer")
    Sample.run(tree, "outer/inner")
    let scan = Scan(tree)
    #expect(scan.runs == ["outer", "outer/inner"])
    #expect(scan.fact("outer", "files") == .value(.integer(4)))
    #expect(scan.fact("outer/inner", "files") == .value(.integer(4)))
    #expect(scan.entity("outer")?.identity?.entries == 11)
    #expect(scan.entity("outer/inner")?.identity?.entries == 5)
    let inner = scan.snapshot.entities.firstIndex { $0.path == "outer/inner" && $0.kind == .run }
    #expect(scan.entity("outer/inner/weights/last.pt", .checkpoint)?.parent == inner)
  }

  @Test func aRunMayBeTheRoot() {
    let tree = TemporaryTree()
    Sample.run(tree, "")
    Sample.run(tree, ".policy/1000/trash/files/old")
    let scan = Scan(tree)
    #expect(scan.runs == [""])
    #expect(scan.checkpoints == ["weights/best.pt", "weights/last.pt"])
    #expect(scan.fact("", "files") == .value(.integer(4)))
  }

  @Test func namesAreBytes() throws {
    let tree = TemporaryTree()
    let names: [ByteString] = [
      "line\nbreak", "\u{1B}[31mred", ByteString([0xFF, 0xFE, 0x41]), "e\u{301}", "\u{E9}", "训练🚀", "-rf", "a b",
    ]
    for name in names { tree.file(ByteString(name.bytes + Array("/args.yaml".utf8)), Sample.arguments()) }
    let scan = Scan(tree)
    #expect(scan.runs == names.sorted())
    let bytes = SnapshotCodec.encode(scan.snapshot)
    let back = SnapshotCodec.decode(bytes, path: "s.jsonl", schema: FactSchema())
    #expect(back.diagnostics.isEmpty)
    #expect(back.snapshot?.entities.map(\.path) == scan.snapshot.entities.map(\.path))
  }

  @Test func twoScansAreTheSame() {
    let tree = TemporaryTree()
    for index in 0..<20 { Sample.run(tree, "u\(index % 3)/exp\(index)", rows: index) }
    tree.hardLink("u0/exp0/copy.pt", to: "u0/exp0/weights/last.pt")
    tree.hardLink("u0/exp3/copy.pt", to: "u0/exp0/weights/last.pt")
    // How full the volume is changes under other processes; everything else may not.
    let texts = (0..<2).map { _ in
      var snapshot = Scan(tree).snapshot
      snapshot.volumes = []
      return String(decoding: SnapshotCodec.encode(snapshot), as: UTF8.self)
    }
    let areEqual = texts[0].utf8.elementsEqual(texts[1].utf8)
    #expect(areEqual)
    #expect(texts[0].utf8.count > 10_000)
  }

  @Test func identityIsThatOfTheTree() throws {
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    let identity = try #require(Scan(tree).entity("exp")?.identity)
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes)
    let summary = try TreeSummary.of(root, #require(Name("exp")))
    #expect(identity.treeDigest == summary.digestText && identity.entries == summary.entries)
    #expect(identity.inode == summary.status.inode && identity.bytes == summary.allocatedBytes)
  }

  @Test func hardLinksCountOnce() throws {
    let tree = TemporaryTree()
    Sample.run(tree, "exp")
    let before = Scan(tree).fact("exp", "bytes")
    tree.hardLink("exp/a.pt", to: "exp/weights/best.pt")
    tree.hardLink("elsewhere.pt", to: "exp/weights/best.pt")
    let scan = Scan(tree)
    #expect(scan.fact("exp", "bytes") == before)
    let link = try #require(scan.entity("exp")?.links.first)
    #expect(link.total == 3 && link.inside == 2)
    #expect(scan.entity("exp/weights/best.pt", .checkpoint)?.links.map(\.inside) == [1])
  }

  @Test func permissionErrorsNeverStopAScan() {
    OrdinaryUser.run("permissionErrorsNeverStopAScan") {
      let tree = TemporaryTree()
      Sample.run(tree, "a/exp")
      Sample.run(tree, "b/exp")
      Sample.run(tree, "c/exp")
      Sample.run(tree, "d/exp")
      tree.directory("a/exp/private", mode: 0)
      tree.mode("b", 0)
      tree.mode("c/exp/results.csv", 0)
      defer { for path: ByteString in ["a/exp/private", "b"] { tree.mode(path, 0o755) } }
      // Only this thread has become somebody else.
      let scan = Scan(tree, threads: 1)
      #expect(scan.runs == ["a/exp", "c/exp", "d/exp"])
      #expect(scan.snapshot.unreadable.map(\.path) == ["a/exp/private", "b"])
      #expect(scan.snapshot.unreadable.map(\.reason) == ["permission denied", "permission denied"])
      #expect(scan.state("a/exp") == "unknown" && scan.fact("a/exp", "bytes") == .unreadable)
      #expect(scan.state("c/exp") == "unknown" && scan.fact("c/exp", "mAP50") == .unreadable)
      #expect(scan.fact("c/exp", "last.mAP50") == .unreadable && scan.fact("c/exp", "epochs") == .unreadable)
      #expect(scan.state("d/exp") == "interrupted")
    }
  }
}

struct RootTests {
  func problem(_ roots: [ByteString], homes: [ByteString] = []) -> [RootProblem.Reason] {
    Scanner.scan(ScanRequest(roots: roots, homes: homes)).problems.map(\.reason)
  }

  @Test(arguments: ["/", "/etc", "/proc", "/sys", "/dev", "/usr", "//etc/", "/etc/.", "/tmp/../etc", "/proc/sys"])
  func refusesSystemDirectories(_ path: String) {
    guard case .unsafe? = problem([ByteString(path)]).first else {
      Issue.record("\(path) was taken")
      return
    }
  }

  @Test func refusesHomes() {
    let tree = TemporaryTree()
    tree.directory("home/runs")
    guard case .unsafe? = problem([tree.absolute("home")], homes: [tree.absolute("home")]).first else {
      Issue.record("a home was taken")
      return
    }
    #expect(problem([tree.absolute("home/runs")], homes: [tree.absolute("home")]).isEmpty)
  }

  @Test func saysWhatIsWrong() {
    let tree = TemporaryTree()
    tree.directory("real/below")
    tree.symlink("link", to: "real")
    tree.file("file", "x")
    #expect(problem([tree.absolute("no")]) == [.missing])
    #expect(problem([tree.absolute("file")]) == [.notDirectory])
    #expect(problem([tree.absolute("link")]) == [.symlink(target: tree.absolute("real"))])
    #expect(problem(["runs"]) == [.relative])
    #expect(problem([tree.absolute("real"), tree.absolute("real/below")]) == [.overlapping(tree.absolute("real"))])
    let upwards = problem([tree.absolute("real/below"), tree.absolute("real")])
    #expect(upwards == [.overlapping(tree.absolute("real/below"))])
    #expect(problem([tree.absolute("real"), tree.absolute("real/.")]) == [.overlapping(tree.absolute("real"))])
  }

  @Test func keepsTheRootsThatAreFine() throws {
    let tree = TemporaryTree()
    Sample.run(tree, "b/exp")
    Sample.run(tree, "a/exp")
    let result = Scanner.scan(
      ScanRequest(roots: [tree.absolute("b"), tree.absolute("no"), tree.absolute("a")], host: "h", homes: []))
    #expect(result.snapshot.roots.map(\.path) == [tree.absolute("a"), tree.absolute("b")])
    #expect(result.snapshot.entities.filter { $0.kind == .run }.map(\.root) == [0, 1])
    #expect(result.snapshot.volumes.count == 1)
    let root = try #require(result.snapshot.roots.first)
    #expect(root.device != nil && root.inode != nil && root.mountID != nil && root.fileSystem != nil)
  }
}
