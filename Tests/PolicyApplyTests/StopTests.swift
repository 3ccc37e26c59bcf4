import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// A signal stops between two items: what has begun is finished, the rest is as it was.
struct StopTests {
  /// A root with five runs, and options under which a signal comes at the k-th call of a kind.
  private func stopping(_ root: TestRoot, at call: String, _ number: Int) -> ApplyOptions {
    let (seen, signal) = (Counter(), Counter())
    var options = root.options(
      FileChanges { one in
        if one.name == call, seen.next() == number { _ = signal.next() }
        return nil
      })
    options.stop = StopRequest { signal.value > 0 ? 15 : 0 }
    return options
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }

  private let names = ["exp1", "exp2", "exp3", "exp4", "exp5"]

  @Test func anApplyStopsAfterTheItemAtHand() throws {
    let root = TestRoot()
    for name in names { root.run(name) }
    let plan = root.plan(try names.map { try root.trash($0) })
    let outcome = Applier.apply(root.seal(plan), options: stopping(root, at: "renameat2", 2)) { _, _, _ in
      root.fresh(plan)
    }
    #expect(outcome.stoppedBy == 15)
    #expect(outcome.items.filter(\.isDone).map(\.path.displayText) == ["exp1", "exp2"])
    #expect(names.filter { root.exists($0) } == ["exp3", "exp4", "exp5"])
    #expect(try root.history().open.isEmpty)
  }

  @Test func aRestoreStopsAfterTheItemAtHand() throws {
    let root = TestRoot()
    for name in names { root.run(name) }
    #expect(root.apply(try names.map { try root.trash($0) }).status == .done)
    let outcome = TrashCan.restore(
      .plan(root.digest), roots: [root.root], options: stopping(root, at: "renameat2", 1))
    #expect(outcome.stoppedBy == 15)
    #expect(names.filter { root.exists($0) } == ["exp1"])
    #expect(root.restore(.plan(root.digest)).items.filter(\.isDone).count == 4)
  }

  /// What was not reached stays in the trash as though nobody had asked: it can still be restored.
  @Test func aPurgeStopsAfterTheItemAtHand() throws {
    let root = TestRoot()
    for name in names { root.run(name) }
    #expect(root.apply(try names.map { try root.trash($0) }).status == .done)
    let outcome = TrashCan.purge(
      .plan(root.digest, nowFree: true), roots: [root.root], options: stopping(root, at: "unlink", 1))
    #expect(outcome.stoppedBy == 15)
    #expect(outcome.items.filter(\.isDone).count == 1)
    #expect(try root.history().open.isEmpty)
    #expect(root.list().count == 4)
    #expect(root.restore(.plan(root.digest)).items.filter(\.isDone).count == 4)
  }

  @Test func aSignalWhileLookingAgainChangesNothing() throws {
    let root = TestRoot()
    root.run("exp1")
    let plan = root.plan([try root.trash("exp1")])
    var options = root.options()
    options.stop = StopRequest { 2 }
    let outcome = Applier.apply(root.seal(plan), options: options) { _, _, _ in root.fresh(plan) }
    #expect(outcome.stoppedBy == 2 && outcome.items.isEmpty)
    #expect(root.exists("exp1"))
  }
}
