import CLinux
import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// Trees that are very deep, very wide, or grow under one's eyes.
@Suite struct SizeTests {
  private func purge(_ root: TestRoot) -> ApplyOutcome {
    root.clock.advance(48 * TestRoot.hour)
    return TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
  }

  /// 20,000 levels: a path of 40 KB that no call could take whole.
  @Test func aRunOfTwentyThousandLevelsGoesAndIsRemoved() throws {
    let root = TestRoot(inMemory: true)
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    let levels = 20_000
    var current = unsafe policy_openat(AT_FDCWD, root.path + "/exp1", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    for _ in 0..<levels {
      try #require(unsafe mkdirat(current, "d", 0o755) == 0)
      let next = unsafe policy_openat(current, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
      _ = policy_close(current)
      current = next
    }
    _ = policy_close(current)
    let action = try root.trash("exp1")
    #expect(action.expect?.entries == Int64(levels) + 4)
    #expect(root.apply([action]).status == .done)
    #expect(purge(root).status == .done)
    #expect(Disk.status(root.path + "/" + root.trashFiles)?.st_nlink == 2)
    #expect(root.list().isEmpty)
  }

  @Test func aFolderOfThirtyThousandNamesIsRemoved() throws {
    let root = TestRoot(inMemory: true)
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    let names = 30_000
    Disk.write(root.path + "/exp1/0", [1])
    for number in 1..<names { Disk.hardLink(root.path + "/exp1/0", root.path + "/exp1/\(number)") }
    let action = try root.trash("exp1")
    #expect(action.expect?.entries == Int64(names) + 4)
    // One inode, however many names: counted once.
    #expect(try #require(action.expect?.bytes) < 1 << 20)
    #expect(root.apply([action]).status == .done)
    // A child that another test starts just then has the one file open for a moment: the next purge goes on.
    var left = 20
    while purge(root).status != .done, left > 0 { left -= 1 }
    #expect(left > 0 && root.list().isEmpty)
    #expect(Disk.status(root.path + "/" + root.trashFiles)?.st_nlink == 2)
  }

  /// Somebody adds files as fast as they can (and up to 20,000), from before the plan until after the move: reading the folder ends, and
  /// what grew since it was planned stays.
  @Test func aFolderThatNeverStopsGrowingStays() throws {
    let root = TestRoot()
    root.run("exp1")
    let grower = Grower(root.path + "/exp1/weights")
    let outcome = root.apply([try root.trash("exp1")])
    let made = grower.stop()
    #expect(made > 0)
    #expect(outcome.status == .partial, "\(outcome)")
    #expect(root.exists("exp1/weights/best.pt") && root.list().isEmpty)
    #expect(TestRoot.inventory(of: root.path + "/exp1/weights").count == made + 2)
    print("a folder that grew by \(made) files meanwhile stayed, with all of them")
  }

  private final class Grower: Sendable {
    private let state = Mutex((isOver: false, isDone: false, made: 0))

    init(_ folder: String) {
      let thread = Thread { [self] in
        while state.withLock({ !$0.isOver && $0.made < 20_000 }) {
          let number = state.withLock { $0.made }
          if Disk.write("\(folder)/grown-\(number)", []) { state.withLock { $0.made += 1 } }
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
}
