import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// What `requires: [backup]` trashed is purged only while exactly its backup is there.
@Suite struct BackupPurgeTests {
  let root = TestRoot(inMemory: true)

  init() {
    root.policy.trash.purgeAfter = .hours(24)
    root.run("exp1")
  }

  private func trashExp1() throws {
    var action = try root.trash("exp1")
    action.needs = ["backup"]
    #expect(root.apply([action]).status == .done)
  }

  private func purgeLater() -> ApplyOutcome {
    root.clock.advance(48 * TestRoot.hour)
    return TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
  }

  /// Whole by its manifest and the sizes of its files.
  @Test(arguments: ["rm -r \"$1\"", "truncate -s 3 \"$1\"/*/exp1/weights/best.pt", "rm \"$1\"/*/SHA256SUMS", "true"])
  func aBackupThatIsLostHoldsBackThePurge(_ damage: String) throws {
    #expect(root.apply([try root.backup("exp1")]).status == .done)
    try trashExp1()
    #expect(shell("sh", ["-c", damage, "sh", root.nas + "/\(root.uid)"]))
    let outcome = purgeLater()
    if damage == "true" {
      #expect(outcome.status == .done && root.list().isEmpty, "\(outcome)")
      return
    }
    #expect(outcome.status == .partial && root.list().count == 1, "\(outcome)")
    #expect(reason(outcome).contains("requires: [backup]"), "\(reason(outcome))")
    // A person's word for one plan goes before it, as before the time.
    let now = TrashCan.purge(.plan(root.digest, nowFree: true), roots: [root.root], options: root.options())
    #expect(now.status == .done && root.list().isEmpty, "\(now)")
  }

  /// A backup of the run that got the name says nothing of the one that lies in the trash.
  @Test func theBackupOfASuccessorIsNoneOfWhatWasTrashed() throws {
    #expect(root.apply([try root.backup("exp1")]).status == .done)
    try trashExp1()
    root.run("exp1", files: ["second": "life"])
    root.digestSeed += 1
    #expect(root.apply([try root.backup("exp1")]).status == .done)
    let first = try #require(try root.history().backups.first?.place.path.displayText)
    #expect(shell("rm", ["-r", first]))
    let outcome = purgeLater()
    #expect(outcome.status == .partial && root.list().count == 1, "\(outcome)")
  }

  /// Backed up before the disk was full, trashed with the journal elsewhere.
  @Test(arguments: [false, true]) func aPurgeWithAStateFolderKnowsTheBackup(_ isLost: Bool) throws {
    #expect(root.apply([try root.backup("exp1")]).status == .done)
    Disk.makeDirectory(root.base + "/state")
    Disk.setMode(root.base + "/state", 0o700)
    root.state = root.base + "/state"
    try trashExp1()
    if isLost { #expect(shell("rm", ["-r", root.nas + "/\(root.uid)"])) }
    let outcome = purgeLater()
    #expect(outcome.status == (isLost ? .partial : .done), "\(outcome)")
    #expect(root.list().isEmpty != isLost)
  }

  @Test func whatNoJournalTellsOfHoldsToo() throws {
    try trashExp1()
    let outcome = purgeLater()
    #expect(outcome.status == .partial && reason(outcome).contains("no journal here tells of one"), "\(outcome)")
  }
}
