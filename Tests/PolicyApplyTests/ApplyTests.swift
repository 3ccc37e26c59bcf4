import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

@Suite struct ApplyTests {
  let root = TestRoot()

  private func reason(_ outcome: ApplyOutcome, _ index: Int = 0) -> String {
    switch outcome.items[index].result {
    case .done: "done"
    case .skipped(let reason), .failed(let reason): reason
    }
  }

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

  // MARK: what changed since it was planned stays

  /// Each change, made between plan and apply, and what is said of it.
  static let changes: [(String, @Sendable (TestRoot) -> Void, String)] = [
    ("a file grew", { $0.write("exp1/results.csv", "epoch") }, "changed"),
    (
      "rewritten in place, size and mtime restored",
      { root in
        Disk.rewriteInSecret(root.path + "/exp1/weights/best.pt")
      }, "something in it changed"
    ),
    (
      "another directory under the name",
      { root in
        Disk.move(root.path + "/exp1", root.path + "/moved")
        root.run("exp1")
      }, "another directory"
    ),
    (
      "a link under the name",
      { root in
        Disk.move(root.path + "/exp1", root.path + "/moved")
        Disk.symbolicLink("moved", root.path + "/exp1")
      }, "another directory"
    ),
    ("a file was removed", { Disk.remove($0.path + "/exp1/weights/last.pt") }, "changed"),
    ("the mode changed", { Disk.setMode($0.path + "/exp1", 0o700) }, "it changed"),
  ]

  @Test(arguments: changes.indices)
  func whatChangedSinceItWasPlannedStays(_ index: Int) throws {
    let (_, change, said) = Self.changes[index]
    root.run("exp1")
    root.run("exp2")
    let actions = [try root.trash("exp1"), try root.trash("exp2")]
    change(root)
    let before = root.inventory().filter { !$0.hasPrefix("exp2") }
    let outcome = root.apply(actions)
    #expect(outcome.status == .partial)
    #expect(reason(outcome, 0).contains(said), "\(reason(outcome, 0))")
    #expect(reason(outcome, 1) == "done")
    #expect(root.inventory() == before)
    #expect(root.list().map(\.path) == ["exp2"])
  }

  @Test func aParentSwappedForALinkIsNotFollowed() throws {
    root.run("alice/exp1")
    let action = try root.trash("alice/exp1")
    Disk.move(root.path + "/alice", root.base + "/outside")
    Disk.symbolicLink(root.base + "/outside", root.path + "/alice")
    let before = TestRoot.inventory(of: root.base + "/outside")
    let outcome = root.apply([action])
    #expect(outcome.status == .partial)
    #expect(TestRoot.inventory(of: root.base + "/outside") == before)
  }

  @Test func aRunSwappedBetweenTheLookAndTheMoveIsPutBack() throws {
    root.run("exp1")
    root.run("other")
    let action = try root.trash("exp1")
    let path = root.path
    let changes = FileChanges(fault: { call in
      if call.name == "renameat2", Disk.move(path + "/exp1", path + "/aside") {
        Disk.move(path + "/other", path + "/exp1")
      }
      return nil
    })
    let outcome = root.apply([action], changes)
    #expect(outcome.status == .partial)
    #expect(reason(outcome).contains("another directory"))
    #expect(root.text("exp1/weights/best.pt") == "best of other")
    #expect(root.text("aside/weights/best.pt") == "best of exp1")
    #expect(root.list().isEmpty)
    #expect(root.recover().status == .done)
  }

  @Test func aFileWrittenBetweenTheLookAndTheMoveBringsItBack() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    let path = root.path
    let changes = FileChanges(fault: { call in
      if call.name == "renameat2" { Disk.write(path + "/exp1/weights/new.pt", []) }
      return nil
    })
    let outcome = root.apply([action], changes)
    #expect(reason(outcome).contains("while it was being moved"))
    #expect(root.exists("exp1/weights/new.pt"))
  }

  @Test func aFreshFileKeepsItsRun() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    root.clock.advance(-2 * TestRoot.hour + 60_000_000_000)
    let plan = root.plan([action])
    #expect(
      reason(Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in root.fresh(plan) }).contains(
        "being written"))
    #expect(root.exists("exp1"))
  }

  @Test func aLockedRunStays() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    do {
      let lock = Disk.Lock(root.path + "/exp1")
      #expect(lock.isHeld)
      #expect(reason(root.apply([action])).contains("locked"))
      withExtendedLifetime(lock) {}
    }
    root.digestSeed += 1
    #expect(reason(root.apply([action])) == "done")
  }

  // MARK: pins

  @Test func aPinMadeAfterThePlanHolds() throws {
    for name in ["exp1", "exp2", "exp3"] { root.run(name) }
    let actions = [try root.trash("exp1"), try root.trash("exp2"), try root.trash("exp3")]
    let place = ByteString(root.path + "/exp1")
    #expect(Pins.pin(place, because: "the paper", roots: [root.root], options: root.options()).status == .done)
    let inside = ByteString(root.path + "/exp2/weights/best.pt")
    #expect(Pins.pin(inside, because: "this one", roots: [root.root], options: root.options()).status == .done)
    let outcome = root.apply(actions)
    #expect(reason(outcome, 0) == "it is pinned: the paper")
    #expect(reason(outcome, 1) == "something in it is pinned: this one")
    #expect(reason(outcome, 2) == "done")
    #expect(Pins.unpin(place, roots: [root.root], options: root.options()).status == .done)
    #expect(Pins.unpin(place, roots: [root.root], options: root.options()).status == .nothingChecked)
    root.digestSeed += 1
    #expect(reason(root.apply([try root.trash("exp1")])) == "done")
  }

  @Test func pinsFollowTheInodeAndNotTheName() throws {
    root.run("exp1")
    _ = Pins.pin(ByteString(root.path + "/exp1"), because: "x", roots: [root.root], options: root.options())
    Disk.move(root.path + "/exp1", root.path + "/exp9")
    root.run("exp1")
    let outcome = root.apply([try root.trash("exp1"), try root.trash("exp9")])
    #expect(reason(outcome, 0) == "done")
    #expect(reason(outcome, 1) == "it is pinned: x")
  }

  @Test func pinsThatCannotBeReadHoldEverything() throws {
    root.run("exp1")
    _ = Pins.pin(ByteString(root.path + "/exp1"), because: "x", roots: [root.root], options: root.options())
    let file = root.path + "/.policy/\(root.uid)/pins"
    Disk.append(file, "{broken")
    root.run("exp2")
    #expect(reason(root.apply([try root.trash("exp2")])) == "the pins cannot be read")
  }

  // MARK: the plan as a whole

  @Test func aPlanIsUsedOnce() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    #expect(root.apply([action]).status == .done)
    let again = root.apply([action])
    #expect(again.status == .stale)
    #expect(again.message?.contains("already applied") == true)
    #expect(root.list().count == 1)
  }

  @Test func aDestructionThatIsNoneAnyMoreStopsThePlan() throws {
    root.run("exp1")
    root.run("exp2")
    let plan = root.plan([try root.trash("exp1"), try root.trash("exp2")])
    let outcome = Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in
      var fresh = root.fresh(plan)
      fresh.plan.actions.removeLast()
      return fresh
    }
    #expect(outcome.status == .stale)
    #expect(outcome.items.isEmpty)
    #expect(root.exists("exp1") && root.exists("exp2"))
    #expect(try root.history().usedPlans.isEmpty)
  }

  @Test func aRunThatIsGoneIsOnlySkipped() throws {
    root.run("exp1")
    root.run("exp2")
    let plan = root.plan([try root.trash("exp1"), try root.trash("exp2")])
    shell("rm", ["-r", root.path + "/exp1"])
    let outcome = Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in
      var fresh = root.fresh(plan)
      fresh.plan.actions.removeFirst()
      return fresh
    }
    #expect(outcome.status == .partial)
    #expect(reason(outcome, 0).contains("gone"))
    #expect(reason(outcome, 1) == "done")
  }

  @Test func withoutAFreshScanNothingIsDone() throws {
    root.run("exp1")
    let plan = root.plan([try root.trash("exp1")])
    #expect(Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in nil }.status == .stale)
    #expect(root.exists("exp1"))
  }

  @Test func limitsAreReleasedByTheDigestAndNeverIsNot() throws {
    root.run("exp1")
    let action = try root.trash("exp1")
    let limit = Check(subject: .limit, name: "max_trash", holds: false, value: 1, maximum: 0)
    let never = Check(subject: .never, name: "no", holds: false, violators: ["exp1"])
    func apply(_ checks: [Check], acknowledge: String?) -> ApplyOutcome {
      let plan = root.plan([action], checks: checks, refusals: checks.map { "\($0.name) is broken" })
      var options = root.options()
      options.acknowledged = acknowledge
      return Applier.apply(root.seal(plan), options: options) { _, _, _ in root.fresh(plan) }
    }
    #expect(apply([never], acknowledge: nil).status == .refused)
    let (onNever, onBoth) = (
      root.digest,
      {
        _ = apply([limit, never], acknowledge: nil); return root.digest
      }()
    )
    #expect(apply([never], acknowledge: onNever).status == .refused)
    #expect(apply([limit, never], acknowledge: onBoth).status == .refused)
    #expect(apply([limit], acknowledge: nil).status == .refused)
    #expect(apply([limit], acknowledge: nil).message?.contains("--acknowledge") == true)
    #expect(apply([limit], acknowledge: "sha256:other").status == .refused)
    #expect(root.exists("exp1"))
    #expect(apply([limit], acknowledge: root.digest).status == .done)
  }

  @Test func unattendedAndWithoutLimitsHalfOfARootIsTheMost() throws {
    root.run("exp1")
    root.run("exp2")
    root.run("exp3")
    var options = root.options()
    options.isUnattended = true
    func apply(_ names: [String]) throws -> ApplyOutcome {
      let plan = root.plan(try names.map { try root.trash($0) })
      root.digestSeed += 1
      return Applier.apply(root.seal(plan), options: options) { _, _, _ in
        var fresh = root.fresh(plan)
        fresh.snapshot.entities = ["exp1", "exp2", "exp3"].filter { root.exists($0) }.map {
          let bytes = (try? root.identity($0).bytes) ?? 0
          return Entity(kind: .run, path: ByteString($0), facts: FactRow(["bytes": .integer(bytes)]))
        }
        return fresh
      }
    }
    let refused = try apply(["exp1", "exp2"])
    #expect(refused.status == .refused)
    #expect(refused.message?.contains("limits: { max_trash_bytes:") == true)
    #expect(root.exists("exp1") && root.exists("exp2"))
    #expect(try apply(["exp1"]).status == .done)
    root.policy.limits.maxTrash = .limited(9)
    #expect(try apply(["exp2", "exp3"]).status == .done)
  }

  @Test func aPlanFromTheFutureIsForLookingAt() throws {
    root.run("exp1")
    var plan = root.plan([try root.trash("exp1")])
    plan.now = Timestamp(nanoseconds: root.clock.now + 1)
    #expect(Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in nil }.status == .refused)
  }

  @Test func anotherRootUnderTheSamePathIsStale() throws {
    root.run("exp1")
    let plan = root.plan([try root.trash("exp1")])
    Disk.move(root.path, root.base + "/aside")
    Disk.makeDirectory(root.path, 0o755)
    #expect(Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in nil }.status == .stale)
  }

  @Test func aPlanOfOtherHostsIsNotOurs() throws {
    root.run("exp1")
    let plan = root.plan([try root.trash("exp1")])
    var options = root.options()
    options.host = "elsewhere"
    #expect(Applier.apply(root.seal(plan), options: options) { _, _, _ in nil }.status == .refused)
    #expect(root.exists("exp1"))
  }

  @Test func onlyItsOwnPartOfAPlanIsCarriedOut() throws {
    root.run("exp1")
    root.run("exp2")
    var other = try root.trash("exp2")
    other.host = "elsewhere"
    let outcome = root.apply([try root.trash("exp1"), other])
    #expect(outcome.status == .done)
    #expect(outcome.items.map(\.path) == ["exp1"])
    #expect(outcome.notes.contains("1 actions of the plan belong to other hosts"))
    #expect(root.exists("exp2"))
  }

  @Test func othersThingsAndArchivesAreLeftAndSaid() throws {
    for name in ["exp1", "exp2", "exp3"] { root.run(name) }
    var foreign = try root.trash("exp1")
    foreign.owner = "alice"
    foreign.expect?.uid = 4242
    var archive = try root.trash("exp2")
    archive.verb = .archive
    let outcome = root.apply([archive, foreign, try root.trash("exp3")])
    #expect(outcome.status == .partial)
    #expect(reason(outcome, 0) == "this version does not carry out archives: it stays where it is")
    #expect(reason(outcome, 1) == "owned by alice: run as alice")
    #expect(reason(outcome, 2) == "done")
    #expect(root.exists("exp1") && root.exists("exp2") && !root.exists("exp3"))
  }

  @Test func oneWriterAtATime() throws {
    root.run("exp1")
    let store = try root.options().opening(root.root).open()
    let outcome = root.apply([try root.trash("exp1")])
    #expect(outcome.status == .locked)
    #expect(root.exists("exp1"))
    withExtendedLifetime(store) {}
  }

  @Test func theAuditLogSaysWhatWhyAndByWhom() throws {
    root.run("exp1")
    root.run("exp2")
    let pinned = ByteString(root.path + "/exp2")
    let actions = [try root.trash("exp1"), try root.trash("exp2")]
    _ = Pins.pin(pinned, because: "x", roots: [root.root], options: root.options())
    root.apply(actions)
    let log = TrashCan.log([root.root], options: root.options()).entries.map(\.entry)
    let trashed = try #require(log.first { $0.event == .trashed })
    #expect(trashed.path == "exp1")
    #expect(trashed.because.first?.readings == [FactReading(fact: "age", value: "30d")])
    #expect(trashed.plan == root.digest)
    #expect(trashed.run?.uid == root.uid)
    #expect(log.contains { $0.event == .skipped && $0.path == "exp2" && $0.reason == "it is pinned: x" })
    #expect(log.last?.event == .ended)
    #expect(log.last?.status == 6)
  }

  @Test func whatLayInARunIsInTheJournal() throws {
    root.run("exp1")
    let plan = root.plan([try root.trash("exp1")])
    _ = Applier.apply(root.seal(plan), options: root.options()) { _, _, _ in
      var fresh = root.fresh(plan)
      for path in ["exp1-b", "exp1/weights/best.pt", "exp1/weights/last.pt"] {
        fresh.snapshot.entities.append(Entity(kind: .checkpoint, path: ByteString(path), facts: FactRow([:])))
      }
      return fresh
    }
    let contents = try #require(try root.history().items.first?.item.contents)
    #expect(contents.map { $0["path"]?.stringValue } == ["exp1", "exp1/weights/best.pt", "exp1/weights/last.pt"])
  }
}
