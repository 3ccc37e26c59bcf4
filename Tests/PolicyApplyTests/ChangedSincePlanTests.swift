import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

/// What changed between plan and apply stays.
@Suite struct ChangedSincePlanTests {
  let root = TestRoot()

  /// Each change, made between plan and apply, and what is said of it.
  static let changes: [(String, @Sendable (TestRoot) -> Void, String)] = [
    ("a file grew", { $0.write("exp1/results.csv", "epoch") }, "changed"),
    (
      "rewritten in place, size and mtime restored",
      { root in
        Disk.rewriteInSecret(root.path + "/exp1/weights/best.pt")
      }, "something in it changed"
    ),
    (
      "another directory under the name",
      { root in
        Disk.move(root.path + "/exp1", root.path + "/moved")
        root.run("exp1")
      }, "another directory"
    ),
    (
      "a link under the name",
      { root in
        Disk.move(root.path + "/exp1", root.path + "/moved")
        Disk.symbolicLink("moved", root.path + "/exp1")
      }, "another directory"
    ),
    ("a file was removed", { Disk.remove($0.path + "/exp1/weights/last.pt") }, "changed"),
    ("the mode changed", { Disk.setMode($0.path + "/exp1", 0o700) }, "it changed"),
  ]

  @Test(arguments: changes.indices)
  func whatChangedSinceItWasPlannedStays(_ index: Int) throws {
    let (_, change, said) = Self.changes[index]
    root.run("exp1")
    root.run("exp2")
    let actions = [try root.trash("exp1"), try root.trash("exp2")]
    change(root)
    let before = root.inventory().filter { !$0.hasPrefix("exp2") }
    let outcome = root.apply(actions)
    #expect(outcome.status == .partial)
    #expect(reason(outcome, 0).contains(said), "\(reason(outcome, 0))")
    #expect(reason(outcome, 1) == "done")
    #expect(root.inventory() == before)
    #expect(root.list().map(\.path) == ["exp2"])
  }

  @Test func aParentSwappedForALinkIsNotFollowed() throws {
    root.run("alice/exp1")
    let action = try root.trash("alice/exp1")
    Disk.move(root.path + "/alice", root.base + "/outside")
    Disk.symbolicLink(root.base + "/outside", root.path + "/alice")
    let before = TestRoot.inventory(of: root.base + "/outside")
    let outcome = root.apply([action])
    #expect(outcome.status == .partial)
    #expect(TestRoot.inventory(of: root.base + "/outside") == before)
  }

  @Test func aRunSwappedBetweenTheLookAndTheMoveIsPutBack() throws {
    root.run("exp1")
    root.run("other")
    let action = try root.trash("exp1")
    let path = root.path
    let changes = FileChanges(fault: { call in
      if call.name == "renameat2", Disk.move(path + "/exp1", path + "/aside") {
        Disk.move(path + "/other", path + "/exp1")
      }
      return nil
    })
    let outcome = root.apply([action], changes)
    #expect(outcome.status == .partial)
    #expect(reason(outcome).contains("another directory"))
    #expect(root.text("exp1/weights/best.pt") == "best of other")
    #expect(root.text("aside/weights/best.pt") == "best of exp1")
    #expect(root.list().isEmpty)
    #expect(root.recover().status == .done)
  }

  @Test func aFileWrittenBetweenTheLookAndTheMoveBringsItBack() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    let path = root.path
    let changes = FileChanges(fault: { call in
      if call.name == "renameat2" { Disk.write(path + "/exp1/weights/new.pt", []) }
      return nil
    })
    let outcome = root.apply([action], changes)
    #expect(reason(outcome).contains("while it was being moved"))
    #expect(root.exists("exp1/weights/new.pt"))
  }

  @Test func aFreshFileKeepsItsRun() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    root.clock.advance(-2 * TestRoot.hour + 60_000_000_000)
    let plan = root.plan([action])
    #expect(
      reason(Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in root.fresh(plan) }).contains(
        "being written"))
    #expect(root.exists("exp1"))
  }

  @Test func aLockedRunStays() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    do {
      let lock = Disk.Lock(root.path + "/exp1")
      #expect(lock.isHeld)
      #expect(reason(root.apply([action])).contains("locked"))
      withExtendedLifetime(lock) {}
    }
    root.digestSeed += 1
    #expect(reason(root.apply([action])) == "done")
  }

  @Test(arguments: ["exp1", "alice"]) func aCheckpointOfALockedRunStays(locked: String) throws {
    let path = locked == "alice" ? "alice/exp1" : "exp1"
    root.run(path)
    let action = try root.trash("\(path)/weights/best.pt", kind: .checkpoint)
    let plan = root.plan([action])
    func apply() -> ApplyOutcome {
      Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in
        var fresh = root.fresh(plan)
        for run in ["exp", "exp1", "alice", "alice/exp1"] {
          fresh.snapshot.entities.append(Entity(kind: .run, path: ByteString(run), facts: FactRow([:])))
        }
        return fresh
      }
    }
    do {
      let lock = Disk.Lock(root.path + "/" + locked)
      #expect(lock.isHeld)
      #expect(reason(apply()).contains("the run that it lies in is locked"))
      withExtendedLifetime(lock) {}
    }
    root.digestSeed += 1
    #expect(reason(apply()) == "done")
    #expect(!root.exists("\(path)/weights/best.pt"))
  }
}
