import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

@Suite struct ApplyTests {
  let root = TestRoot()

  @Test func aPlannedRunGoesToTheTrashAndComesBackUnchanged() throws {
    root.run("alice/exp1")
    root.run("alice/exp2")
    let before = root.inventory()
    let outcome = root.apply([try root.trash("alice/exp1")])
    #expect(outcome.status == .done)
    #expect(outcome.freedNow == 0)
    #expect(outcome.freedLater > 0)
    #expect(!root.exists("alice/exp1"))
    #expect(root.exists("alice/exp2/weights/best.pt"))
    let listed = root.list()
    #expect(listed.map(\.path) == ["alice/exp1"])
    let record = try #require(listed.first?.record)
    #expect(root.text("\(root.trashFiles)/\(record)/weights/best.pt") == "best of alice/exp1")
    let info = try #require(
      FileManager.default.contents(atPath: root.path + "/.policy/\(root.uid)/trash/info/\(record).trashinfo"))
    let decoded = try #require(TrashInfoText.decode(Array(info)))
    #expect(decoded.path == ByteString(root.path + "/alice/exp1"))
    #expect(decoded.rules == ["stale"])
    for folder in ["trash", "trash/files", "trash/info"] {
      let status = Disk.status(root.path + "/.policy/\(root.uid)/" + folder)
      #expect(status.map { $0.st_mode & 0o7777 } == 0o700)
    }

    let restored = root.restore(.paths([ByteString(root.path + "/alice/exp1")]))
    #expect(restored.status == .done)
    #expect(restored.items.first?.restoredAs == nil)
    #expect(root.inventory() == before)
    #expect(root.list().isEmpty)
    #expect(try root.history().restorations.map(\.path) == ["alice/exp1"])
  }

  @Test func aCheckpointIsAFileAndSoIsItsTrash() throws {
    root.run("exp1")
    let before = root.inventory()
    let outcome = root.apply([try root.trash("exp1/weights/last.pt", kind: .checkpoint)])
    #expect(outcome.status == .done)
    #expect(!root.exists("exp1/weights/last.pt"))
    #expect(root.exists("exp1/weights/best.pt"))
    #expect(root.restore(.records(root.list().map(\.record))).status == .done)
    #expect(root.inventory() == before)
  }

  @Test func namesOfAnyBytesTravel() throws {
    let name: [UInt8] = Array("a\u{1B}[2J \nb".utf8) + [0xFF, 0xFE]
    root.run("plain")
    #expect(Disk.move("plain", in: root.path, to: name))
    let folder = try DirectoryDescriptor.openRoot(Array(root.path.utf8))
    let identity = Identity(try TreeSummary.of(folder, try #require(Name(name))))
    let action = Action(
      verb: .trash, kind: .run, host: "here", root: ByteString(root.path), path: ByteString(name), owner: nil, bytes: 1,
      because: [], expect: identity)
    let plan = root.plan([action])
    let outcome = Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in
      var fresh = root.fresh(plan)
      fresh.snapshot.entities = [Entity(kind: .run, path: ByteString(name), facts: FactRow([:]))]
      return fresh
    }
    #expect(outcome.status == .done)
    #expect(root.list().map(\.path) == [ByteString(name)])
    #expect(root.restore(.paths([ByteString(Array((root.path + "/").utf8) + name)])).status == .done)
    #expect(try folder.list().index(of: name) != nil)
  }

  @Test func aReusedNameIsNotTouchedAndTheRunComesBackBesideIt() throws {
    root.run("exp3")
    root.apply([try root.trash("exp3")])
    root.run("exp3", files: ["new.txt": "new"])
    let restored = root.restore(.paths([ByteString(root.path + "/exp3")]))
    #expect(restored.status == .done)
    #expect(restored.items.first?.restoredAs == "exp3.restored")
    #expect(root.text("exp3/new.txt") == "new")
    #expect(root.text("exp3.restored/weights/best.pt") == "best of exp3")
    #expect(try root.history().restorations.map(\.path) == ["exp3.restored"])
  }

  @Test func aDanglingLinkIsATakenNameToo() throws {
    root.run("exp3")
    root.apply([try root.trash("exp3")])
    Disk.symbolicLink("nowhere", root.path + "/exp3")
    #expect(root.restore(.paths([ByteString(root.path + "/exp3")])).items.first?.restoredAs == "exp3.restored")
  }

  @Test func withoutItsFolderNothingIsRestoredAndNothingLost() throws {
    root.run("alice/exp1")
    root.apply([try root.trash("alice/exp1")])
    Disk.removeDirectory(root.path + "/alice")
    let outcome = root.restore(.paths([ByteString(root.path + "/alice/exp1")]))
    #expect(outcome.status == .partial)
    #expect(reason(outcome).contains("make it again"))
    #expect(root.list().count == 1)
    Disk.makeDirectory(root.path + "/alice", 0o755)
    #expect(root.restore(.paths([ByteString(root.path + "/alice/exp1")])).status == .done)
  }

  @Test func aParentThatBecameALinkIsNotFollowed() throws {
    root.run("alice/exp1")
    root.apply([try root.trash("alice/exp1")])
    Disk.removeDirectory(root.path + "/alice")
    Disk.makeDirectory(root.base + "/outside", 0o755)
    Disk.symbolicLink(root.base + "/outside", root.path + "/alice")
    let outcome = root.restore(.paths([ByteString(root.path + "/alice/exp1")]))
    #expect(outcome.status == .partial)
    #expect(TestRoot.inventory(of: root.base + "/outside").isEmpty)
  }
}
