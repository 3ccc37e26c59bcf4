import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

/// A directory whose place is lost while the walk is deep below it: all that is left in it counts as not looked at.
@Suite("directories lost on the way") struct LostDirectoryTests {
  /// Moves `lost` away once it is so deep that the directories above are closed.
  private struct Mover: TreeVisitor {
    let tree: TemporaryTree
    let isSummed: Bool
    var levels = 0
    var skipped = 0

    mutating func enter(
      _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
    ) -> Bool {
      levels += 1
      if levels == 18 { tree.rename("run/lost", to: "elsewhere") }
      return isSummed
    }

    mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry) {
      if case .unreadable = reason { skipped += 1 }
    }
  }

  @Test(arguments: [true, false])
  func isTold(_ isSummed: Bool) throws {
    let tree = TemporaryTree()
    tree.directory(ByteString("run/lost/" + (0..<20).map { "d\($0)" }.joined(separator: "/")))
    for name in ["y", "z"] { tree.file(ByteString("run/\(name)"), "x") }
    var mover = Mover(tree: tree, isSummed: isSummed)
    _ = try TreeWalk.walk(DirectoryDescriptor.openRoot(tree.path.bytes + Array("/run".utf8)), visitor: &mover)
    #expect(mover.levels == 22)
    #expect(mover.skipped == 2)
  }
}
