import Glibc
import Synchronization
import Testing

@testable import PolicyApply

/// Folders of the trash that a stopped process made and did not sync: their entries may be gone after a power cut, and
/// with them whatever was moved into them since.
@Suite struct FolderChainTests {
  private final class Calls: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func note(_ name: String) -> Int32? {
      names.withLock { $0.append(name) }
      return nil
    }
  }

  @Test func whoFindsThemSyncsTheWayToThem() throws {
    let root = TestRoot(inMemory: true)
    root.run("exp1")
    root.run("exp2")
    let actions = [try root.trash("exp1")]
    // The journal's own sync is the first one of a file; all folders are there by then.
    let stopped = root.apply(actions, FileChanges { $0.name == "fdatasync" ? EIO : nil })
    #expect(stopped.status == .environment)
    let calls = Calls()
    #expect(root.apply(actions, FileChanges { calls.note($0.name) }).status == .done)
    // The root, `.policy`, the owner's folder, `trash`.
    let early = calls.all.prefix { $0 != "pwrite" }
    #expect(early.count { $0 == "mkdirat" } == 0)
    #expect(early.count { $0 == "fsync" } == 4)
  }

  /// Where something lies already, whoever put it there has done that, and it costs nothing more.
  @Test func onceUsedTheyAreNotSyncedAgain() throws {
    let root = TestRoot(inMemory: true)
    root.run("exp1")
    root.run("exp2")
    #expect(root.apply([try root.trash("exp1")], FileChanges()).status == .done)
    root.digestSeed += 1
    let calls = Calls()
    #expect(root.apply([try root.trash("exp2")], FileChanges { calls.note($0.name) }).status == .done)
    #expect(calls.all.prefix { $0 != "pwrite" }.count { $0 == "fsync" } == 0)
  }
}
