import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// An apply that is stopped just after a move cannot look again at what it moved; the recovery does.
@Suite struct InterruptedMoveTests {
  let root = TestRoot()

  /// Stops everything after the first move, as a kill would.
  private func interrupt() throws -> String {
    root.run("exp1")
    let action = try root.trash("exp1")
    let hasMoved = Mutex(false)
    let changes = FileChanges(fault: { call in
      hasMoved.withLock { hasMoved in
        if hasMoved { return ECANCELED }
        hasMoved = call.name == "renameat2"
        return nil
      }
    })
    #expect(root.apply([action], changes).status != .done)
    let record = try #require(try root.history().open.first?.item.record)
    #expect(!root.exists("exp1") && root.exists("\(root.trashFiles)/\(record)"))
    return record
  }

  @Test func whatWentOnMeanwhileComesBack() throws {
    let record = try interrupt()
    Disk.append(root.path + "/\(root.trashFiles)/\(record)/weights/best.pt", "more")
    let outcome = root.recover()
    #expect(outcome.status == .done)
    #expect(outcome.notes.contains("exp1: changed while it was being moved, and is back in its place"), "\(outcome)")
    #expect(root.exists("exp1/weights/best.pt") && root.list().isEmpty && root.recover().notes.isEmpty)
    #expect(!root.exists(".policy/\(root.uid)/trash/info/\(record).trashinfo"))
  }

  @Test func whatDidNotIsInTheTrash() throws {
    _ = try interrupt()
    #expect(root.recover().status == .done && root.list().map(\.path) == ["exp1"] && !root.exists("exp1"))
  }

  /// Its name was used again: it stays in the trash, and can be taken back beside it.
  @Test func whatHasNoPlaceAnyMoreIsInTheTrash() throws {
    let record = try interrupt()
    Disk.append(root.path + "/\(root.trashFiles)/\(record)/weights/best.pt", "more")
    root.run("exp1")
    #expect(root.recover().status == .done && root.list().map(\.path) == ["exp1"])
    #expect(root.restore(.records([record])).status == .done && root.exists("exp1.restored/weights/best.pt"))
  }
}
