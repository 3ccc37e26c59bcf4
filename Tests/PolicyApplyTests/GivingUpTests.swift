import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// What lies neither in its place nor in the trash is a person's to look for, and a person's to give up.
@Suite struct GivingUpTests {
  let root = TestRoot()

  private func trashed(_ names: [String]) throws -> [String] {
    for name in names { root.run(name) }
    #expect(root.apply(try names.map { try root.trash($0) }).status == .done)
    return names.compactMap { name in root.list().first { $0.path == ByteString(name) }?.record }
  }

  private func giveUp(_ records: [String]) -> ApplyOutcome {
    TrashCan.recover([root.root], options: root.options(), givenUp: records)
  }

  /// As after a kill before the commit: the journal ends with the intents.
  private func forgetCommits() throws {
    let file = root.path + "/.policy/\(root.uid)/journal"
    let lines = try #require(Disk.bytes(file)).split(separator: UInt8(ascii: "\n")).filter { $0.first != 0 }
    let intents = lines.prefix { !String(decoding: $0, as: UTF8.self).contains("\"commit\"") }
    #expect(intents.count < lines.count)
    Disk.write(file, intents.flatMap { Array($0) + [UInt8(ascii: "\n")] })
  }

  @Test func whatIsAtNeitherEndIsGivenUpByNameAlone() throws {
    let records = try trashed(["exp1", "exp2"])
    try forgetCommits()
    for record in records { Disk.move(root.path + "/\(root.trashFiles)/\(record)", root.path + "/\(record)-taken") }
    let journal = ".policy/\(root.uid)/journal"
    let before = TestRoot.inventory(of: root.path).filter { !$0.contains(journal) }
    for record in records {
      let refused = root.recover()
      #expect(refused.status == .damaged)
      #expect(refused.message?.hasSuffix("give `policy recover --give-up \(record)`") == true, "\(refused)")
      // Only the one that was named.
      let outcome = giveUp([record])
      #expect(outcome.status == (record == records.last ? .done : .damaged), "\(outcome)")
    }
    #expect(TestRoot.inventory(of: root.path).filter { !$0.contains(journal) } == before && root.list().isEmpty)
    root.digestSeed += 1
    root.run("exp3")
    #expect(reason(root.apply([try root.trash("exp3")])) == "done")
  }

  @Test func whatWasTakenOutOfTheTrashByHandIsGivenUp() throws {
    let record = try #require(try trashed(["exp1"]).first)
    Disk.move(root.path + "/\(root.trashFiles)/\(record)", root.path + "/taken")
    #expect(root.recover().status == .done && root.list().count == 1)
    let refused = root.restore(.records([record]))
    #expect(reason(refused).hasSuffix("`policy recover --give-up \(record)`"))
    let outcome = giveUp([record])
    #expect(outcome.status == .done && outcome.notes == ["exp1: is given up"])
    #expect(root.list().isEmpty && root.exists("taken") && root.recover().notes.isEmpty)
    #expect(giveUp([record]).notes.first?.contains("there is nothing to give up") == true)
  }

  @Test func whatLiesThereIsNotGivenUp() throws {
    let record = try #require(try trashed(["exp1"]).first)
    let outcome = giveUp([record])
    #expect(outcome.notes == ["exp1: lies in the trash, and is not given up; restore it, or purge it"])
    #expect(root.list().count == 1 && root.restore(.records([record])).status == .done)
  }

  @Test func whatNoJournalKnowsIsNamed() throws {
    _ = try trashed(["exp1"])
    let outcome = giveUp(["av-1", "av-2"])
    #expect(outcome.status == .nothingChecked && outcome.message?.contains("knows `av-1`, `av-2`") == true)
    #expect(root.list().count == 1)
  }
}
