import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// Paths that lead out of the root, in a plan and in a journal: nothing outside is touched on their word.
@Suite struct HostilePathTests {
  let root = TestRoot()

  static let paths = [
    "../outside", "exp1/../../outside", "/etc", "", ".", "./exp1", "exp1/", "exp1//weights", "exp1/.",
  ]

  @Test(arguments: paths) func aPlanThatLeadsOutOfItsRootDoesNothingThere(_ path: String) throws {
    root.run("exp1")
    root.run("exp2")
    let outside = root.base + "/outside"
    Disk.makeDirectory(outside)
    Disk.write(outside + "/precious", [1])
    // The identity is that of a run that may go, so that nothing but the path can stop it.
    var action = try root.trash("exp1")
    action.path = ByteString(path)
    let outcome = root.apply([action, try root.trash("exp2")])
    #expect(outcome.status == .partial, "\(path): \(outcome)")
    #expect(Disk.bytes(outside + "/precious") == [1])
    #expect(root.exists("exp1/weights/best.pt"))
    #expect(!root.exists("exp2"))
  }

  @Test(arguments: ["a\u{0}b", "exp1\u{0}"]) func aNULEndsNoPath(_ path: String) throws {
    root.run("exp1")
    root.run("a")
    var action = try root.trash("exp1")
    action.path = ByteString(path)
    #expect(root.apply([action]).status == .partial)
    #expect(root.exists("exp1") && root.exists("a"))
  }

  /// A journal written by somebody else, whole and with right checksums, that says that a folder outside the trash is
  /// an item of it.
  @Test(arguments: ["../outside", ".policy/../../outside", "exp9"])
  func aJournalThatNamesAnotherPlaceRemovesNothingThere(_ place: String) throws {
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    root.run("exp9")
    let outside = root.base + "/outside"
    Disk.makeDirectory(outside)
    Disk.write(outside + "/precious", [1])
    root.apply([try root.trash("exp1")])
    let file = root.path + "/.policy/\(root.uid)/journal"
    let stored = root.trashFiles + "/" + (try #require(root.list().first?.record))
    let reading = try JournalCodec.read(try #require(Disk.bytes(file)))
    let forged = reading.records.map { record in
      var record = record
      if case .trash(var item) = record.body {
        #expect(item.stored == ByteString(stored))
        item.stored = ByteString(place)
        record.body = .trash(item)
      }
      return record
    }
    #expect(forged != reading.records)
    Disk.write(file, forged.flatMap { JournalCodec.encode($0) })
    root.clock.advance(48 * TestRoot.hour)
    let purged = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(purged.status != .done, "\(place): \(purged)")
    _ = root.restore(.records(root.list().map(\.record)))
    #expect(Disk.bytes(outside + "/precious") == [1])
    #expect(root.exists("exp9/weights/best.pt"))
    #expect(Disk.status(root.path + "/" + stored) != nil)
  }
}
