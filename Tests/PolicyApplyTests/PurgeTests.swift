import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

@Suite struct PurgeTests {
  let root = TestRoot()
  static let day = 24 * TestRoot.hour

  init() { root.policy.trash.purgeAfter = .hours(24) }

  private func trash(_ name: String) throws -> String {
    root.run(name)
    root.digestSeed += 1
    #expect(root.apply([try root.trash(name)]).status == .done)
    return try #require(root.list().first { $0.path == ByteString(name) }?.record)
  }

  private func purge(_ what: TrashCan.Purging = .elapsed, purgeAfter: TimeSpan? = nil) -> ApplyOutcome {
    TrashCan.purge(what, roots: [root.root], options: root.options(), purgeAfter: purgeAfter)
  }

  @Test func whatLayItsTimeIsRemovedWholly() throws {
    let record = try trash("exp1")
    root.run("exp2")
    #expect(purge().items.isEmpty)
    root.clock.advance(Self.day - 1)
    #expect(purge().items.isEmpty)
    root.clock.advance(1)
    let outcome = purge()
    #expect(outcome.status == .done)
    #expect(outcome.items.map(\.path) == ["exp1"])
    #expect(outcome.freedNow > 0)
    #expect(!root.exists("\(root.trashFiles)/\(record)"))
    #expect(!root.exists(".policy/\(root.uid)/trash/info/\(record).trashinfo"))
    #expect(root.exists("exp2/weights/best.pt"))
    let refused = root.restore(.records([record]))
    #expect(refused.status == .partial)
    #expect(reason(refused).contains("was purged at"))
  }

  @Test func theLongerTimeCounts() throws {
    _ = try trash("exp1")
    root.clock.advance(Self.day)
    #expect(purge(purgeAfter: .hours(48)).items.isEmpty)
    root.clock.advance(Self.day)
    #expect(purge(purgeAfter: .hours(48)).status == .done)
  }

  @Test func aPurgeOfAPlanWantsItsTimeAndItsRecord() throws {
    let record = try trash("exp1")
    root.digestSeed += 1
    let early = root.apply([root.purge(record, "exp1"), root.purge("unknown-1", "exp7")])
    #expect(early.status == .partial)
    #expect(reason(early, 0).contains("its time in the trash is not over"))
    #expect(reason(early, 1).contains("no journal here knows of it"))
    root.clock.advance(Self.day)
    root.digestSeed += 1
    let outcome = root.apply([root.purge(record, "exp1")])
    #expect(outcome.status == .done)
    #expect(root.list().isEmpty)
  }

  @Test func onlyAPressureStepOfThePolicyShortensTheTime() throws {
    let record = try trash("exp1")
    root.policy.pressures = [
      Pressure(
        id: "data", volume: "/", high: ExactDecimal(1), low: ExactDecimal(1),
        relieve: [.purge(minimumAge: .hours(12), oldestFirst: true)])
    ]
    root.clock.advance(12 * TestRoot.hour - 1)
    root.digestSeed += 1
    #expect(root.apply([root.purge(record, "exp1", rule: "data")]).status == .partial)
    root.clock.advance(1)
    root.digestSeed += 1
    #expect(root.apply([root.purge(record, "exp1", rule: "other")]).status == .partial)
    root.digestSeed += 1
    #expect(root.apply([root.purge(record, "exp1", rule: "data")]).status == .done)
  }

  @Test func nowFreeIsForOnePlanAndJournaled() throws {
    root.policy.trash.purgeAfter = nil
    _ = try trash("exp1")
    let first = root.digest
    _ = try trash("exp2")
    #expect(purge(.plan(first, nowFree: false)).status == .partial)
    #expect(purge(.plan("sha256:9999999999", nowFree: true)).status == .nothingChecked)
    let outcome = purge(.plan(first, nowFree: true))
    #expect(outcome.status == .done)
    #expect(root.list().map(\.path) == ["exp2"])
    let log = TrashCan.log([root.root], options: root.options()).entries.map(\.entry)
    #expect(log.contains { $0.event == .purged && $0.run?.notes.contains("now-free") == true })
  }

  @Test func aClockThatStandsBeforeTheJournalProvesNothing() throws {
    _ = try trash("exp1")
    root.clock.advance(3 * Self.day)
    _ = try trash("exp2")
    root.clock.advance(-Self.day, boot: false)
    let outcome = purge()
    #expect(outcome.status == .partial)
    #expect(reason(outcome).contains("stands before the journal's last record"))
    #expect(root.list().count == 2)
  }

  @Test func aClockMovedForwardProvesNothingWithinOneBoot() throws {
    _ = try trash("exp1")
    root.clock.advance(3 * Self.day, boot: false)
    let outcome = purge()
    #expect(reason(outcome).contains("the clock was moved forward"))
    #expect(root.list().count == 1)
  }

  @Test func whatWasWrittenIntoInTheTrashStays() throws {
    let record = try trash("exp1")
    root.write("\(root.trashFiles)/\(record)/weights/late.pt", "a writer that went on")
    root.clock.advance(Self.day)
    let outcome = purge()
    #expect(outcome.status == .partial)
    #expect(reason(outcome).contains("changed since it was trashed"))
    #expect(purge(.plan(root.digest, nowFree: true)).status == .partial)
    #expect(root.exists("\(root.trashFiles)/\(record)/weights/late.pt"))
    #expect(root.restore(.records([record])).status == .done)
    #expect(root.text("exp1/weights/late.pt") == "a writer that went on")
  }

  @Test func aLinkInTheTrashIsRemovedAndNotFollowed() throws {
    Disk.makeDirectory(root.base + "/outside", 0o755)
    Disk.write(root.base + "/outside/precious", Array("p".utf8))
    root.run("exp1")
    Disk.symbolicLink(root.base + "/outside", root.path + "/exp1/link")
    Disk.hardLink(root.base + "/outside/precious", root.path + "/exp1/hard")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.clock.advance(Self.day)
    #expect(purge().status == .done)
    #expect(FileManager.default.contents(atPath: root.base + "/outside/precious") == Data("p".utf8))
  }

  @Test func aTreeOfAnyDepthIsRemoved() throws {
    root.run("exp1")
    let deep = (0..<150).map { "d\($0)" }.joined(separator: "/")
    root.write("exp1/\(deep)/file", "x")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.clock.advance(Self.day)
    #expect(purge().status == .done)
    #expect(root.list().isEmpty)
    #expect(TestRoot.inventory(of: root.path + "/" + root.trashFiles).isEmpty)
  }

  @Test func aPinInTheTrashHolds() throws {
    let record = try trash("exp1")
    let place = ByteString(root.path + "/\(root.trashFiles)/\(record)")
    _ = Pins.pin(place, because: "wait", roots: [root.root], options: root.options())
    root.clock.advance(Self.day)
    #expect(reason(purge()).contains("pinned"))
  }

  @Test func withoutATrashThereIsNothingToPurge() {
    #expect(purge().status == .done)
    #expect(purge().notes.count == 1)
    #expect(purge(.plan("sha256:9999999999", nowFree: true)).status == .nothingChecked)
    #expect(root.recover().status == .done)
    #expect(root.restore(.records(["x"])).status == .nothingChecked)
    #expect(!root.exists(".policy"))
  }
}
