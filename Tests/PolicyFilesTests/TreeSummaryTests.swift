import Glibc
import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

struct TreeSummaryTests {
  func summary(_ tree: TemporaryTree, _ name: String = "run", _ way: PathResolution = .openat2) throws -> TreeSummary {
    try TreeSummary.of(
      DirectoryDescriptor.openRoot(tree.path.bytes, resolution: way), #require(Name(name)))
  }

  func sample() -> TemporaryTree {
    let tree = TemporaryTree()
    tree.file("run/a", [UInt8](repeating: 1, count: 10_000), modified: 1_700_000_000_000_000_000)
    tree.file("run/weights/last.pt", [UInt8](repeating: 2, count: 50_000), modified: 1_700_000_001_000_000_000)
    tree.symlink("run/link", to: "/etc")
    return tree
  }

  @Test func sumsATree() throws {
    let tree = sample()
    let summary = try summary(tree)
    #expect(summary.entries == 4 && summary.files == 2)
    #expect(summary.newestFileModified == 1_700_000_001_000_000_000)
    #expect(summary.allocatedBytes >= 60_000 && summary.allocatedBytes < 80_000)
    #expect(summary.digest.count == 32 && summary.digestText.utf8.count == 64)
    #expect(!summary.containsMount && summary.unreadable == 0 && summary.links.isEmpty)
    #expect(try self.summary(tree, "run", .componentWalk) == summary)
  }

  @Test func isTheSameTwiceAndSurvivesARename() throws {
    let tree = sample()
    let first = try summary(tree)
    #expect(try summary(tree) == first)
    tree.rename("run", to: "moved")
    #expect(try summary(tree, "moved").digest == first.digest)
  }

  enum Change: CaseIterable { case content, stamp, name, addition, removal, replacement, link }

  @Test(arguments: Change.allCases)
  func everyChangeShows(_ change: Change) throws {
    let tree = sample()
    let before = try summary(tree)
    switch change {
    case .content: tree.file("run/weights/last.pt", "x", modified: 1_700_000_001_000_000_000)
    case .stamp: tree.modified("run/a", 1_700_000_000_000_000_001)
    case .name: tree.rename("run/a", to: "run/b")
    case .addition: tree.directory("run/empty")
    case .removal: tree.remove("run/weights/last.pt")
    case .replacement:
      tree.file("run/new", [UInt8](repeating: 1, count: 10_000), modified: 1_700_000_000_000_000_000)
      tree.rename("run/new", to: "run/a")
    case .link:
      tree.remove("run/link")
      tree.symlink("run/link", to: "/usr")
    }
    #expect(try summary(tree).digest != before.digest)
  }

  @Test func countsAnInodeOnce() throws {
    let tree = TemporaryTree()
    tree.file("run/a/x", [UInt8](repeating: 1, count: 100_000))
    let alone = try summary(tree).allocatedBytes
    tree.directory("run/b")
    tree.hardLink("run/b/y", to: "run/a/x")
    tree.hardLink("run/b/z", to: "run/a/x")
    tree.hardLink("outside", to: "run/a/x")
    let linked = try summary(tree)
    #expect(linked.allocatedBytes == alone && linked.files == 3)
    #expect(linked.links.map(\.inside) == [3] && linked.links.map(\.total) == [4])
    #expect(linked.links.first?.allocatedBytes == alone)
  }

  @Test func summarisesAFile() throws {
    let tree = sample()
    let root = try DirectoryDescriptor.openRoot(tree.absolute("run").bytes)
    let file = try TreeSummary.of(root, #require(Name("a")))
    #expect(file.entries == 0 && file.files == 1 && file.newestFileModified == 1_700_000_000_000_000_000)
    tree.rename("run/a", to: "run/moved")
    #expect(try TreeSummary.of(root, #require(Name("moved"))).digest == file.digest)
    tree.modified("run/moved", 5)
    #expect(try TreeSummary.of(root, #require(Name("moved"))).digest != file.digest)
  }

  /// 20,000 levels need neither as many descriptors nor a deep stack; the tree is built and removed level by level too.
  @Test(arguments: DirectoryDescriptorTests.resolutions)
  func copesWithDepth(_ way: PathResolution) throws {
    let tree = TemporaryTree()
    tree.directory("run")
    let levels = 20_000
    tree.opened("run") { start in
      var current = dup(start)
      for level in 0..<levels {
        precondition(unsafe mkdirat(current, "d", 0o755) == 0, "level \(level)")
        let next = unsafe openat(current, "d", O_RDONLY | O_DIRECTORY)
        close(current)
        current = next
      }
      close(unsafe openat(current, "bottom", O_WRONLY | O_CREAT, 0o644))
      close(current)
    }
    let summary = try summary(tree, "run", way)
    #expect(summary.entries == Int64(levels) + 1 && summary.files == 1 && summary.unreadable == 0)
  }

  @Test func reportsWhatItCannotRead() throws {
    try OrdinaryUser.run("reportsWhatItCannotRead") {
      let tree = sample()
      tree.directory("run/closed", mode: 0)
      defer { tree.mode("run/closed", 0o755) }
      let unreadable = try summary(tree).unreadable
      #expect(unreadable == 1)
    }
  }
}
