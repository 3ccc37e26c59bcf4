import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

/// What is asked of the whole plan before anything moves, and what is written down about it.
@Suite struct PlanAsAWholeTests {
  let root = TestRoot()

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
    #expect(reason(outcome, 0) == "`archive.to` must be an absolute folder, and there is none")
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
