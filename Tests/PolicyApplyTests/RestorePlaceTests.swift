import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// What lay in a run comes back into that run, and never into another one that has got its name.
@Suite struct RestorePlaceTests {
  let root = TestRoot()

  init() {
    root.runsAround = ["exp2"]
    root.run("exp2", files: ["weights/epoch6.pt": "six", "weights/epoch7.pt": "seven"])
  }

  func thin(_ files: String...) throws {
    let outcome = root.apply(try files.map { try root.trash("exp2/weights/" + $0, kind: .checkpoint) })
    #expect(outcome.status == .done, "\(outcome)")
  }

  func restore(_ path: String) -> ApplyOutcome { root.restore(.paths([ByteString(root.path + "/" + path)])) }

  /// Another run under the old one's name.
  func successor() {
    root.run("exp2", files: ["weights/epoch7.pt": "its own seven"])
  }

  @Test func anotherRunUnderTheNameIsLeftAlone() throws {
    try thin("epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    successor()
    let before = root.inventory()
    let outcome = restore("exp2/weights/epoch7.pt")
    #expect(outcome.status == .done)
    #expect(outcome.items.first?.restoredAs == "exp2.restored/weights/epoch7.pt")
    #expect(root.text("exp2.restored/weights/epoch7.pt") == "seven")
    #expect(root.inventory().filter { !$0.hasPrefix("exp2.restored") } == before)
    #expect(try root.history().restorations.map(\.path) == ["exp2.restored/weights/epoch7.pt"])
  }

  @Test func allOfOneRunComeBackToOneFolder() throws {
    try thin("epoch6.pt", "epoch7.pt", "last.pt")
    let plan = root.digest
    Disk.move(root.path + "/exp2", root.path + "/mine")
    successor()
    #expect(restore("exp2/weights/last.pt").items.first?.restoredAs == "exp2.restored/weights/last.pt")
    let rest = root.restore(.plan(plan))
    #expect(
      Set(rest.items.compactMap(\.restoredAs))
        == ["exp2.restored/weights/epoch6.pt", "exp2.restored/weights/epoch7.pt"])
    #expect(!root.exists("exp2.restored-2"))
  }

  @Test func aFolderThatSomebodyElseMadeIsNotUsed() throws {
    try thin("epoch6.pt", "epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    root.run("exp2.restored")
    #expect(restore("exp2/weights/epoch7.pt").items.first?.restoredAs == "exp2.restored-2/weights/epoch7.pt")
    // What proved that it was ours is gone.
    Disk.move(root.path + "/exp2.restored-2", root.path + "/taken")
    root.run("exp2.restored-2", files: ["weights/epoch7.pt": "another's"])
    #expect(restore("exp2/weights/epoch6.pt").items.first?.restoredAs == "exp2.restored-3/weights/epoch6.pt")
  }

  @Test func aRunThatIsGoneIsNotMadeAgain() throws {
    try thin("epoch7.pt")
    shell("rm", ["-rf", root.path + "/exp2"])
    #expect(restore("exp2/weights/epoch7.pt").items.first?.restoredAs == "exp2.restored/weights/epoch7.pt")
    #expect(!root.exists("exp2"))
  }

  @Test func ofARunInTheTrashItIsSaidToTakeThatBackFirst() throws {
    try thin("epoch7.pt")
    #expect(root.apply([try root.trash("exp2")]).status == .done)
    successor()
    let refused = restore("exp2/weights/epoch7.pt")
    #expect(refused.status == .partial)
    let record = try #require(root.list().first { $0.kind == .run }?.record)
    #expect(reason(refused).contains("policy trash restore \(record)"), "\(reason(refused))")
    #expect(!root.exists("exp2.restored") && root.text("exp2/weights/epoch7.pt") == "its own seven")
    // The run comes back beside its successor, and what lay in it follows it.
    #expect(restore("exp2").items.first?.restoredAs == "exp2.restored")
    #expect(restore("exp2/weights/epoch7.pt").items.first?.restoredAs == "exp2.restored/weights/epoch7.pt")
    #expect(root.text("exp2.restored/args.yaml") == "task: detect")
    #expect(root.text("exp2.restored/weights/epoch7.pt") == "seven")
    #expect(root.list().isEmpty)
  }

  @Test func aRunThatWentAndCameBackIsStillItsOwn() throws {
    let before = root.inventory()
    try thin("epoch7.pt")
    #expect(root.apply([try root.trash("exp2")]).status == .done)
    #expect(restore("exp2").status == .done)
    #expect(restore("exp2/weights/epoch7.pt").items.first?.restoredAs == nil)
    #expect(root.inventory() == before)
  }

  @Test func ofRunsInRunsTheOuterOneIsAskedToo() throws {
    root.runsAround = ["sweep", "sweep/a"]
    root.run("sweep")
    root.run("sweep/a", files: ["weights/epoch7.pt": "seven"])
    #expect(root.apply([try root.trash("sweep/a/weights/epoch7.pt", kind: .checkpoint)]).status == .done)
    Disk.move(root.path + "/sweep", root.path + "/mine")
    root.run("sweep")
    root.run("sweep/a")
    let outcome = restore("sweep/a/weights/epoch7.pt")
    #expect(outcome.items.first?.restoredAs == "sweep.restored/a/weights/epoch7.pt")
  }

  @Test func aMoveThatFailsLeavesNoFolders() throws {
    try thin("epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    let changes = FileChanges { $0.name == "renameat2" ? EACCES : nil }
    let outcome = root.restore(.paths([ByteString(root.path + "/exp2/weights/epoch7.pt")]), changes)
    #expect(outcome.status == .partial)
    #expect(!root.exists("exp2.restored") && root.list().count == 1)
  }

  /// The outer run came back under another name, and the inner one with it.
  @Test func aRunInARestoredRunIsFound() throws {
    root.runsAround = ["sweep", "sweep/a"]
    root.run("sweep")
    root.run("sweep/a", files: ["weights/epoch7.pt": "seven"])
    #expect(root.apply([try root.trash("sweep/a/weights/epoch7.pt", kind: .checkpoint)]).status == .done)
    #expect(root.apply([try root.trash("sweep")]).status == .done)
    root.run("sweep")
    #expect(reason(restore("sweep/a/weights/epoch7.pt")).contains("lies in the trash too"))
    #expect(restore("sweep").items.first?.restoredAs == "sweep.restored")
    #expect(
      restore("sweep/a/weights/epoch7.pt").items.first?.restoredAs == "sweep.restored/a/weights/epoch7.pt")
    #expect(!root.exists("sweep.restored-2"))
  }

  /// Trashed once more, from where it came back to.
  @Test func aRunThatIsTrashedUnderItsNewNameIsStillKnown() throws {
    try thin("epoch7.pt")
    #expect(root.apply([try root.trash("exp2")]).status == .done)
    successor()
    #expect(restore("exp2").items.first?.restoredAs == "exp2.restored")
    #expect(root.apply([try root.trash("exp2.restored")]).status == .done)
    #expect(reason(restore("exp2/weights/epoch7.pt")).contains("`exp2.restored` lies in the trash too"))
    #expect(!root.exists("exp2.restored"))
  }

  @Test func theNewFolderIsItsOwnersAlone() throws {
    try thin("epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    #expect(restore("exp2/weights/epoch7.pt").status == .done)
    for folder in ["exp2.restored", "exp2.restored/weights"] {
      #expect(Disk.status(root.path + "/" + folder).map { $0.st_mode & 0o7777 } == 0o700)
    }
  }

  /// Whoever may write around it puts another folder in its place as soon as it is made: one that others may write in.
  @Test func aFolderThatWasSwappedIsNotUsed() throws {
    try thin("epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    let path = root.path
    let changes = FileChanges { call in
      if call.name == "fsync", Disk.status(path + "/exp2.restored") != nil {
        Disk.removeDirectory(path + "/exp2.restored")
        Disk.makeDirectory(path + "/exp2.restored")
        Disk.setMode(path + "/exp2.restored", 0o777)
      }
      return nil
    }
    let outcome = root.restore(.paths([ByteString(path + "/exp2/weights/epoch7.pt")]), changes)
    #expect(outcome.status == .partial && root.list().count == 1, "\(outcome)")
    #expect(!root.exists("exp2.restored/weights"))
  }

  /// Of what was made for a thing that then could not come back, nothing stays.
  @Test(arguments: [EACCES, EDQUOT]) func foldersThatCannotAllBeMadeAreTakenAwayAgain(_ error: Int32) throws {
    try thin("epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    let made = Mutex(0)
    let changes = FileChanges { call in
      guard call.name == "mkdirat" else { return nil }
      return made.withLock { made in
        made += 1
        return made == 2 ? error : nil
      }
    }
    let outcome = root.restore(.paths([ByteString(root.path + "/exp2/weights/epoch7.pt")]), changes)
    #expect(outcome.status == (error == EACCES ? .partial : .environment), "\(outcome)")
    #expect("\(outcome)".contains("no folder for it can be made in `.`"), "\(outcome)")
    #expect(!root.exists("exp2.restored") && root.list().count == 1)
  }

  @Test func whatWasLeftIsInTheLog() throws {
    try thin("epoch7.pt")
    #expect(root.apply([try root.trash("exp2")]).status == .done)
    _ = restore("exp2/weights/epoch7.pt")
    let log = try root.history().log
    let left = log.last { $0.event == .skipped }
    #expect(left?.path == "exp2/weights/epoch7.pt" && left?.reason?.contains("lies in the trash too") == true)
  }

  /// No record may say that something is back in a folder which a power cut would take away.
  @Test func newFoldersAreSyncedBeforeTheRecord() throws {
    try thin("epoch7.pt")
    Disk.move(root.path + "/exp2", root.path + "/mine")
    let calls = Mutex<[String]>([])
    let changes = FileChanges { call in
      calls.withLock { $0.append(call.name) }
      return nil
    }
    #expect(root.restore(.paths([ByteString(root.path + "/exp2/weights/epoch7.pt")]), changes).status == .done)
    let names = calls.withLock { $0 }
    let made = try #require(names.firstIndex(of: "mkdirat"))
    #expect(Array(names[made..<(made + 4)]) == ["mkdirat", "fsync", "mkdirat", "fsync"], "\(names)")
    let moved = try #require(names.firstIndex(of: "renameat2"))
    #expect(made + 4 < moved && Array(names[(moved + 1)...].prefix(2)) == ["fsync", "fsync"], "\(names)")
  }
}
