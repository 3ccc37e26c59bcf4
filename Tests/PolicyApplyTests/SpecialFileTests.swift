import CLinux
import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// What is neither a plain file nor a directory, and files that have names elsewhere.
@Suite struct SpecialFileTests {
  let root = TestRoot()

  /// A pipe that somebody opens waits for a writer: an open would hang this test.
  @Test func pipesSocketsAndDevicesAreMovedAndRemovedWithoutBeingOpened() throws {
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    #expect(unsafe mkfifo(root.path + "/exp1/pipe", 0o644) == 0)
    let kinds = [("socket", S_IFSOCK), ("null", S_IFCHR)]
    for (name, kind) in kinds where kind != S_IFCHR || geteuid() == 0 {
      #expect(unsafe mknod(root.path + "/exp1/" + name, kind | 0o600, kind == S_IFCHR ? 259 : 0) == 0)
    }
    let before = root.inventory()
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(root.inventory() == before)
    root.digestSeed += 1
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.clock.advance(48 * TestRoot.hour)
    #expect(TrashCan.purge(.elapsed, roots: [root.root], options: root.options()).status == .done)
    #expect(TestRoot.inventory(of: root.path + "/" + root.trashFiles).isEmpty)
  }

  @Test func aPlannedPipeIsNoItem() throws {
    root.run("exp1")
    #expect(unsafe mkfifo(root.path + "/exp1/weights/epoch1.pt", 0o644) == 0)
    let outcome = root.apply([try root.trash("exp1/weights/epoch1.pt", kind: .checkpoint)])
    #expect(reason(outcome) == "it is neither a directory nor a plain file")
    #expect(root.exists("exp1/weights/epoch1.pt"))
  }

  @Test func aNameOutsideKeepsItsFileAsItWas() throws {
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    let outside = root.base + "/dataset"
    Disk.write(outside, Array("data".utf8))
    Disk.setMode(outside, 0o640)
    let before = try #require(Disk.status(outside))
    Disk.hardLink(outside, root.path + "/exp1/dataset")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    #expect(Disk.status(outside)?.st_nlink == 2)
    root.clock.advance(48 * TestRoot.hour)
    #expect(TrashCan.purge(.elapsed, roots: [root.root], options: root.options()).status == .done)
    let after = try #require(Disk.status(outside))
    #expect(after.st_nlink == 1 && after.st_ino == before.st_ino && after.st_size == before.st_size)
    #expect(after.st_mode == before.st_mode && after.st_uid == before.st_uid && after.st_gid == before.st_gid)
    #expect(after.st_mtim.tv_sec == before.st_mtim.tv_sec && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
    #expect(Disk.text(outside) == "data")
  }
}
