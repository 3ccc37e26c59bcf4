import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// Somebody swaps directories for links just before a change, for every change of a run: nothing outside the root ever
/// changes (I1), and nothing that was not planned moves (I3).
@Suite struct RaceTests {
  enum Scene: String, CaseIterable { case apply, restore, purge }

  /// What the attacker wants changed: a folder outside that looks like what is being worked on.
  private func bait(_ root: TestRoot) -> String {
    let outside = root.base + "/outside"
    for folder in ["", "/exp1", "/exp1/weights", "/weights"] { Disk.makeDirectory(outside + folder) }
    for file in ["/exp1/args.yaml", "/exp1/weights/best.pt", "/weights/best.pt", "/weights/last.pt", "/precious"] {
      Disk.write(outside + file, Array("precious".utf8))
    }
    return outside
  }

  @Test(arguments: Scene.allCases)
  func aSwapBeforeAnyChangeReachesNothingOutside(_ scene: Scene) throws {
    var swaps = 0
    for number in 1... {
      let root = TestRoot(inMemory: true)
      root.policy.trash.purgeAfter = .hours(1)
      root.run("alice/exp1")
      root.run("alice/exp2")
      let outside = bait(root)
      let before = TestRoot.inventory(of: outside)
      let actions = [try root.trash("alice/exp1"), try root.trash("alice/exp2")]
      var victim = root.path + "/alice"
      if scene != .apply {
        #expect(root.apply(actions).status == .done)
        root.clock.advance(48 * TestRoot.hour)
      }
      if scene == .purge {
        let record = try #require(root.list().first?.record)
        victim = root.path + "/\(root.trashFiles)/\(record)/weights"
      }
      let (from, to) = (victim, root.base + "/taken")
      let changes = FileChanges(fault: { call in
        if call.number == number, Disk.move(from, to) { Disk.symbolicLink(outside, from) }
        return nil
      })
      switch scene {
      case .apply: root.apply(actions, changes)
      case .restore: _ = root.restore(.records(root.list().map(\.record)), changes)
      case .purge: _ = TrashCan.purge(.elapsed, roots: [root.root], options: root.options(changes))
      }
      #expect(TestRoot.inventory(of: outside) == before, "\(scene), swapped before change \(number)")
      // Whatever the attacker took along is whole where they put it, or in its place, or in the trash.
      if scene == .apply {
        let places =
          ["\(root.path)/alice/exp2", "\(to)/exp2"] + root.list().map { "\(root.path)/\(root.trashFiles)/\($0.record)" }
        #expect(places.contains { Disk.text($0 + "/weights/best.pt") == "best of alice/exp2" })
      }
      if changes.calls < number { break }
      swaps += 1
    }
    print("\(scene.rawValue): swapped before each of \(swaps) changes, nothing outside changed")
    #expect(swaps > 15)
  }

  /// The name of what is put back may be taken meanwhile, or its folder removed: it must not stay in the trash for that,
  /// where it would also stop every later run.
  @Test(arguments: [false, true]) func whatWasMovedByMistakeComesBackThoughItsPlaceWasTaken(_ isGone: Bool) throws {
    let root = TestRoot()
    root.run("bob/deep/exp1")
    root.run("bob/deep/other")
    let action = try root.trash("bob/deep/exp1")
    let moves = Mutex(0)
    let folder = root.path + "/bob/deep"
    let changes = FileChanges(fault: { call in
      guard call.name == "renameat2" else { return nil }
      switch moves.withLock({ moves in
        moves += 1
        return moves
      }) {
      case 1:
        Disk.move(folder + "/exp1", folder + "/../aside")
        Disk.move(folder + "/other", folder + "/exp1")
      case 2: if isGone { Disk.removeDirectory(folder) } else { Disk.makeDirectory(folder + "/exp1") }
      case _: break
      }
      return nil
    })
    let outcome = root.apply([action], changes)
    #expect(outcome.status == .partial)
    guard case .skipped(let reason) = try #require(outcome.items.first).result else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.contains("its place was taken meanwhile"))
    #expect(root.exists("bob/deep") == !isGone)
    let place = isGone ? "bob" : "bob/deep"
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path + "/" + place)
    let back = try #require(names.first { $0.hasPrefix("exp1.restored-") })
    #expect(reason.hasSuffix(" \(place)/\(back)"))
    #expect(root.text("\(place)/\(back)/weights/best.pt") == "best of bob/deep/other")
    #expect(root.text("bob/aside/weights/best.pt") == "best of bob/deep/exp1")
    #expect(root.list().isEmpty && root.recover().status == .done)
  }

  /// Whoever can write in a trashed tree could have root remove what they may move and not remove: a folder that was not
  /// there at the last look is not entered, neither by the purge nor by the recovery that finishes it.
  @Test func aFolderThatIsPutIntoATreeDuringItsPurgeIsNotEntered() throws {
    guard RootOnly.isPossible("a folder of another user moved into what root purges") else { return }
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1", files: ["weights/more/a": "more"])
    root.run("theirs")
    Disk.setOwner(root.path + "/theirs", 4242)
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    let record = try #require(root.list().first?.record)
    root.clock.advance(48 * TestRoot.hour)
    let weights = root.path + "/\(root.trashFiles)/\(record)/weights"
    let theirs = root.path + "/theirs"
    let changes = FileChanges(fault: { call in
      if call.name == "unlink", Disk.status(theirs) != nil, Disk.move(weights + "/more", weights + "/../../../aside") {
        Disk.move(theirs, weights + "/more")
      }
      return nil
    })
    let outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options(changes))
    #expect(outcome.status == .partial && reason(outcome).contains("partly removed"))
    #expect(Disk.text(weights + "/more/weights/best.pt") == "best of theirs")
    let notes = root.recover().notes
    let advice = "; look at \(root.path)/\(root.trashFiles)/\(record), and remove it by hand"
    #expect(notes.contains { $0.contains("cannot be finished: others may write") && $0.hasSuffix(advice) }, "\(notes)")
    #expect(Disk.text(weights + "/more/weights/best.pt") == "best of theirs")
    Disk.move(root.path + "/\(root.trashFiles)/\(record)", root.path + "/by-hand")
    #expect(root.recover().status == .done && root.list().isEmpty)
  }

  /// An attacker that never stops, in real time: confinement does not hang on where a test looks.
  @Test func aTirelessSwapperReachesNothingOutside() throws {
    var (swaps, moved, kept, back) = (0, 0, 0, 0)
    for _ in 0..<25 {
      let root = TestRoot(inMemory: true)
      let outside = bait(root)
      let before = TestRoot.inventory(of: outside)
      root.run("alice/exp1")
      Disk.symbolicLink(outside, root.path + "/link")
      let action = try root.trash("alice/exp1")
      let swapper = Swapper(root.path)
      let plan = root.plan([action])
      let outcome = Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in
        var fresh = root.fresh(plan)
        fresh.snapshot.entities = [Entity(kind: .run, path: "alice/exp1", facts: FactRow([:]))]
        return fresh
      }
      if outcome.items.first?.isDone == true { moved += 1 } else { kept += 1 }
      for _ in 0..<8 where !root.list().isEmpty { _ = root.restore(.records(root.list().map(\.record))) }
      swaps += swapper.stop()
      #expect(TestRoot.inventory(of: outside) == before)
      if root.list().isEmpty { back += 1 }
      let found = TestRoot.inventory(of: root.path).filter { $0.hasSuffix(" best of alice/exp1") }
      #expect(found.count == 1)
    }
    print(
      "a tireless swapper: \(swaps) swaps; \(moved) moved, \(kept) kept, \(back) in place at the end, nothing outside changed"
    )
    #expect(swaps > 100)
  }

  /// Puts a link in the place of `alice` and takes it away again, as fast as it can.
  private final class Swapper: Sendable {
    private let state = Mutex((isOver: false, isDone: false, swaps: 0))

    init(_ path: String) {
      let thread = Thread { [self] in
        while !state.withLock({ $0.isOver }) {
          if Disk.move(path + "/alice", path + "/aside") {
            Disk.move(path + "/link", path + "/alice")
            state.withLock { $0.swaps += 1 }
            Disk.move(path + "/alice", path + "/link")
            Disk.move(path + "/aside", path + "/alice")
          }
        }
        state.withLock { $0.isDone = true }
      }
      thread.start()
    }

    /// How often it swapped.
    func stop() -> Int {
      state.withLock { $0.isOver = true }
      while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.001) }
      return state.withLock { $0.swaps }
    }
  }
}
