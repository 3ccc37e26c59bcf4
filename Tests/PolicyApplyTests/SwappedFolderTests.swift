import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// Folders that are opened once are the ones that are worked in, whatever their names come to mean meanwhile.
@Suite struct SwappedFolderTests {
  /// Moves a folder away before the first call of that name, and puts another in its place.
  private func swapping(_ path: String, before call: String, with other: String) -> FileChanges {
    let isDone = Mutex(false)
    return FileChanges(fault: { now in
      guard now.name == call,
        isDone.withLock({ done in
          defer { done = true }; return !done
        })
      else { return nil }
      Disk.move(path, path + "-aside")
      Disk.move(other, path)
      return nil
    })
  }

  @Test func aRootSwappedDuringTheRunIsStillTheOneThatWasOpened() throws {
    let root = TestRoot()
    root.run("exp1")
    let action = try root.trash("exp1")
    let decoy = TestRoot()
    decoy.run("exp1")
    let before = TestRoot.inventory(of: decoy.path)
    let outcome = root.apply([action], swapping(root.path, before: "renameat2", with: decoy.path))
    #expect(outcome.status == .done)
    // The decoy lies under the name now, and nothing in it was touched.
    #expect(TestRoot.inventory(of: root.path) == before)
    let aside = root.path + "-aside"
    #expect(Disk.status(aside + "/exp1") == nil)
    #expect(TestRoot.inventory(of: aside).contains { $0.hasSuffix(" best of exp1") })
    // What the journal is asked about next time is another directory: nothing is done in it for the old one.
    let restored = TrashCan.restore(.plan(root.digest), roots: [root.root], options: root.options())
    #expect(restored.status == .nothingChecked)
    Disk.move(root.path, decoy.path)
    Disk.move(aside, root.path)
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(root.text("exp1/weights/best.pt") == "best of exp1")
  }

  @Test func aTrashSwappedDuringTheRunLosesNothing() throws {
    let root = TestRoot()
    root.run("exp1")
    root.run("exp2")
    root.apply([try root.trash("exp1")])
    root.digestSeed += 1
    let files = root.path + "/" + root.trashFiles
    let decoy = root.base + "/decoy"
    Disk.makeDirectory(decoy, 0o700)
    let outcome = root.apply([try root.trash("exp2")], swapping(files, before: "renameat2", with: decoy))
    #expect(outcome.status == .done)
    #expect(TestRoot.inventory(of: files).isEmpty)
    #expect(TestRoot.inventory(of: files + "-aside").filter { $0.contains(" best of ") }.count == 2)
    // Nothing lies where the journal says: the purge of it does nothing, and once it is back it comes back whole.
    root.clock.advance(100 * TestRoot.hour)
    #expect(
      TrashCan.purge(.plan(root.digest, nowFree: true), roots: [root.root], options: root.options()).status != .done)
    Disk.removeDirectory(files)
    Disk.move(files + "-aside", files)
    #expect(root.restore(.records(root.list().map(\.record))).status == .done)
    #expect(root.exists("exp1/weights/best.pt") && root.exists("exp2/weights/best.pt"))
  }

  /// Somebody who holds a descriptor moves a folder out of the tree while it is being removed.
  @Test func aFolderMovedOutOfAPurgeTakesNobodyElseAlong() throws {
    var points = 0
    for number in 1... {
      let root = TestRoot(inMemory: true)
      root.policy.trash.purgeAfter = .hours(1)
      root.run("exp1", files: ["weights/deep/a": "a", "weights/deep/b": "b"])
      root.run("exp2")
      root.apply([try root.trash("exp1")])
      let record = try #require(root.list().first?.record)
      root.clock.advance(48 * TestRoot.hour)
      let (from, to) = ("\(root.path)/\(root.trashFiles)/\(record)/weights/deep", root.base + "/taken")
      let before = root.inventory()
      let changes = FileChanges(fault: { call in
        if call.number == number { Disk.move(from, to) }
        return nil
      })
      let outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options(changes))
      #expect(root.inventory() == before, "moved out before change \(number)")
      // The truth: `done` only where nothing of it is left in the trash.
      #expect((outcome.status == .done) == (Disk.status("\(root.path)/\(root.trashFiles)/\(record)") == nil))
      #expect(root.recover().status == .done)
      if changes.calls < number { break }
      points += 1
    }
    print("a folder moved out before each of \(points) changes of a purge: nothing else was touched")
    #expect(points > 10)
  }
}
