import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// The folders of the trash: made right, checked, and refused where they are not ours.
@Suite struct StateTests {
  let root = TestRoot()
  private var own: String { root.path + "/.policy/\(root.uid)" }

  private func prepare() throws -> Action {
    root.run("exp1")
    root.run("exp2")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.digestSeed += 1
    return try root.trash("exp2")
  }

  @Test func aFolderThatIsALinkIsRefused() throws {
    for place in ["", "/trash", "/trash/files", "/trash/info"] {
      let root = TestRoot()
      root.run("exp1")
      let outside = root.base + "/outside"
      Disk.makeDirectory(outside, 0o700)
      let link = root.path + "/.policy/\(root.uid)" + place
      try FileManager.default.createDirectory(
        atPath: String(link[..<(link.lastIndex(of: "/") ?? link.endIndex)]), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      #expect(Disk.symbolicLink(outside, link))
      let outcome = root.apply([try root.trash("exp1")])
      #expect(outcome.status == .refused, "\(place): \(outcome.message ?? "")")
      #expect(TestRoot.inventory(of: outside).isEmpty)
      #expect(root.exists("exp1"))
    }
  }

  @Test func aLinkForPolicyItselfIsRefused() throws {
    root.run("exp1")
    Disk.makeDirectory(root.base + "/outside", 0o700)
    Disk.symbolicLink(root.base + "/outside", root.path + "/.policy")
    #expect(root.apply([try root.trash("exp1")]).status == .refused)
    #expect(TestRoot.inventory(of: root.base + "/outside").isEmpty)
  }

  @Test func aFolderOpenToOthersIsRefused() throws {
    let action = try prepare()
    Disk.setMode(own + "/trash", 0o770)
    let outcome = root.apply([action])
    #expect(outcome.status == .refused)
    #expect(outcome.message?.contains("chmod 700") == true)
  }

  @Test func aPolicyFolderThatOthersWriteMustBeSticky() throws {
    let action = try prepare()
    Disk.setMode(root.path + "/.policy", 0o777)
    #expect(root.apply([action]).message?.contains("not sticky") == true)
    Disk.setMode(root.path + "/.policy", 0o1777)
    #expect(root.apply([action]).status == .done)
  }

  @Test func aJournalThatIsALinkOrHasOtherNamesIsRefused() throws {
    let action = try prepare()
    Disk.hardLink(own + "/journal", own + "/second")
    #expect(root.apply([action]).status == .environment)
    Disk.remove(own + "/second")
    #expect(root.apply([action]).status == .done)
  }

  @Test func damageBeforeTheEndStopsEverything() throws {
    let action = try prepare()
    let file = own + "/journal"
    var bytes = Array(try #require(FileManager.default.contents(atPath: file)))
    bytes[40] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let outcome = root.apply([action])
    #expect(outcome.status == .damaged)
    #expect(root.exists("exp2"))
    #expect(TrashCan.list([root.root], options: root.options()).problems.count == 1)
  }

  /// The journal of a finished apply, cut at every byte: everything is recovered, or everything is refused; nothing is
  /// ever lost or moved twice.
  @Test func aJournalTornAnywhereLosesNothing() throws {
    let root = TestRoot(inMemory: true)
    let own = root.path + "/.policy/\(root.uid)"
    root.run("exp1")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    let file = own + "/journal"
    let whole = Array(try #require(FileManager.default.contents(atPath: file)))
    let content = TestRoot.inventory(of: root.path + "/" + root.trashFiles)
    var (recovered, refused) = (0, 0)
    for length in 0...whole.count {
      try Data(whole.prefix(length)).write(to: URL(fileURLWithPath: file))
      let outcome = root.recover()
      #expect(TestRoot.inventory(of: root.path + "/" + root.trashFiles) == content)
      switch outcome.status {
      case .done:
        recovered += 1
        #expect(root.list().map(\.path) == ["exp1"], "cut at \(length)")
      case .damaged:
        refused += 1
        #expect(outcome.message?.contains("does not know of it") == true)
      case _: Issue.record("cut at \(length): \(outcome)")
      }
    }
    print("journal cut at \(whole.count + 1) places: \(recovered) recovered, \(refused) refused, 0 lost")
    #expect(recovered > 100 && refused > 100)
  }

  @Test func whatTheJournalDoesNotKnowIsNotTouched() throws {
    let action = try prepare()
    Disk.makeDirectory(root.path + "/\(root.trashFiles)/stranger", 0o700)
    let outcome = root.apply([action])
    #expect(outcome.status == .damaged)
    #expect(outcome.message?.contains("stranger") == true)
    #expect(root.exists("\(root.trashFiles)/stranger"))
  }

  @Test func withAStateFolderOnlyTheMovedThingsAreInTheRoot() throws {
    let state = root.base + "/state"
    Disk.makeDirectory(state, 0o700)
    root.state = state
    root.run("exp1")
    let action = try root.trash("exp1")
    #expect(root.apply([action]).status == .done)
    #expect(!root.exists(".policy/\(root.uid)/journal"))
    #expect(root.list().map(\.path) == ["exp1"])
    let again = root.apply([action])
    #expect(again.status == .stale)
    #expect(root.restore(.paths([ByteString(root.path + "/exp1")])).status == .done)
    #expect(root.text("exp1/weights/best.pt") == "best of exp1")
  }

  @Test func aStateFolderDoesNotGoAroundTheLockInTheRoot() throws {
    let action = try prepare()
    let store = try root.options().opening(root.root).open()
    Disk.makeDirectory(root.base + "/state", 0o700)
    root.state = root.base + "/state"
    #expect(root.apply([action]).status == .locked)
    withExtendedLifetime(store) {}
  }

  /// Both ways round: what one journal does not know of, the other answers for.
  @Test func stateFolderAndRootDoNotTakeEachOthersItemsForStrangers() throws {
    let action = try prepare()
    for name in ["exp3", "exp4"] { root.run(name) }
    Disk.makeDirectory(root.base + "/state", 0o700)
    root.state = root.base + "/state"
    #expect(root.apply([action]).status == .done)
    #expect(root.list().map(\.path) == ["exp2"])
    root.state = nil
    #expect(root.apply([try root.trash("exp3")]).status == .done)
    #expect(root.list().map(\.path) == ["exp1", "exp3"])
    root.state = root.base + "/state"
    #expect(root.apply([try root.trash("exp4")]).status == .done)
    #expect(root.restore(.records(root.list().map(\.record))).status == .done)
    root.state = nil
    #expect(root.restore(.records(root.list().map(\.record))).status == .done)
    #expect(["exp1", "exp2", "exp3", "exp4"].allSatisfy { root.exists($0 + "/weights/best.pt") })
  }

  @Test func rootsMayShareADeclaredTrashFolder() throws {
    let other = TestRoot()
    Disk.makeDirectory(root.base + "/bin", 0o700)
    for one in [root, other] {
      one.policy.trash.directory = ByteString(root.base + "/bin")
      for name in ["exp1", "exp2"] {
        one.run(name)
        #expect(one.apply([try one.trash(name)]).status == .done)
      }
    }
    #expect(root.restore(.records(root.list().map(\.record))).status == .done)
    #expect(root.exists("exp1/args.yaml") && !other.exists("exp1"))
  }

  @Test func aDeclaredTrashFolderIsUsed() throws {
    Disk.makeDirectory(root.base + "/bin", 0o700)
    root.policy.trash.directory = ByteString(root.base + "/bin")
    root.run("exp1")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    let record = try #require(root.list().first?.record)
    let stored = try #require(try root.history().item(record)?.item.stored.displayText)
    #expect(stored.hasPrefix(root.base + "/bin/\(root.uid)/files/"))
    #expect(Disk.text(stored + "/args.yaml") == "task: detect")
    #expect(root.restore(.records([record])).status == .done)
    #expect(root.exists("exp1/args.yaml"))
  }

  @Test func manyAtOnceShareTheirSyncs() throws {
    let names = (0..<300).map { "exp\(1000 + $0)" }
    for name in names { root.write(name + "/args.yaml", name) }
    let actions = try names.map { try root.trash($0) }
    let syncs = SyncCounter()
    let outcome = root.apply(actions, FileChanges(fault: { syncs.count($0.name) }))
    #expect(outcome.status == .done)
    #expect(root.list().count == 300)
    #expect(syncs.value < 40, "\(syncs.value) syncs for 300 items")
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(names.allSatisfy { root.text($0 + "/args.yaml") == $0 })
  }
}
