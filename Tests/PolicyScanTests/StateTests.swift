import Glibc
import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Every row of the table of states, each with a tree of its own.
struct StateTests {
  let tree = TemporaryTree()

  func finishedAt(_ scan: Scan) -> Int64? {
    guard case .value(.integer(let stamp)) = scan.fact("exp", "finished_at") else { return nil }
    return stamp
  }

  func lock(pid: Int32 = getpid(), start: UInt64? = nil, boot: String? = nil, host: String = "gpu1") -> String {
    let ticks = start ?? Machine.startTime(of: pid) ?? 0
    let id = boot ?? Machine(host: "gpu1").bootID ?? ""
    return "pid: \(pid)\nstart: \(ticks)\nboot: \(id)\nhost: \(host)\n"
  }

  let old = Sample.clock - 10 * Sample.day

  @Test func aLiveLockIsRunning() {
    Sample.run(tree, "exp", last: Sample.checkpoint(epoch: -1))
    tree.file("exp/.policy-lock", lock(), modified: old)
    let scan = Scan(tree)
    #expect(scan.state("exp") == "running" && finishedAt(scan) == nil)
    #expect(scan.fact("exp", "in_use") == .value(.bool(true)))
  }

  @Test func aLockMayBeJSON() {
    Sample.run(tree, "exp")
    let boot = Machine(host: "gpu1").bootID ?? ""
    let ticks = Machine.startTime(of: getpid()) ?? 0
    func text(_ start: UInt64, _ more: String = "") -> String {
      "{\"pid\": \(getpid()), \"start\": \(start), \"boot\": \"\(boot)\", \"host\": \"gpu1\", \"more\": [1]}\n" + more
    }
    tree.file("exp/.policy-lock", text(ticks), modified: old)
    #expect(Scan(tree).state("exp") == "running")
    tree.file("exp/.policy-lock", text(ticks + 1), modified: old)
    #expect(Scan(tree).state("exp") == "interrupted")
    for broken in [text(ticks, "x"), String(text(ticks).dropLast(9)), "{}"] {
      tree.file("exp/.policy-lock", broken, modified: old)
      #expect(Scan(tree).state("exp") == "unknown")
    }
  }

  @Test func aLockSaysWhichNamespaceCountsItsProcess() throws {
    Sample.run(tree, "exp")
    let mine = try #require(TrainingLock(of: getpid(), host: "gpu1"))
    #expect(mine.namespace != nil && TrainingLock(parsing: Array(mine.text.utf8)) == mine)
    tree.file("exp/.policy-lock", mine.text, modified: old)
    #expect(Scan(tree).state("exp") == "running")
    #expect(TrainingLock(of: 4_194_303, host: "gpu1") == nil)
  }

  @Test func deadLocksDoNotCount() {
    Sample.run(tree, "exp")
    for text in [lock(start: 1), lock(pid: 4_194_303), lock(boot: "another")] {
      tree.file("exp/.policy-lock", text, modified: old)
      #expect(Scan(tree).state("exp") == "interrupted")
    }
  }

  @Test func locksThatNobodyCanTestAreUnknown() {
    Sample.run(tree, "exp")
    // 1 is always there, and never the one that took the lock.
    let container = lock(pid: 1, start: 1) + "pidns: 1\n"
    for text in [lock(host: "gpu2"), "garbage", "", container] {
      tree.file("exp/.policy-lock", text, modified: old)
      let scan = Scan(tree)
      #expect(scan.state("exp") == "unknown" && finishedAt(scan) == nil)
      #expect(scan.notes("exp").contains("foreign-lock"))
    }
    // An end that was written after the lock settles it.
    tree.file("exp/.policy-lock", lock(host: "gpu2"), modified: old - Sample.hour)
    tree.file("exp/weights/last.pt", Sample.checkpoint(epoch: -1), modified: old)
    #expect(Scan(tree).state("exp") == "finished")
  }

  @Test(arguments: [LOCK_EX, LOCK_SH]) func aFlockIsRunning(kind: Int32) {
    Sample.run(tree, "exp", last: Sample.checkpoint(epoch: -1))
    let state = tree.opened("exp") { file in
      flock(file, kind)
      return Scan(tree).state("exp")
    }
    #expect(state == "running")
    #expect(Scan(tree).state("exp") == "finished")
  }

  @Test func anOpenFileIsRunning() {
    Sample.run(tree, "exp", last: Sample.checkpoint(epoch: -1))
    let scan = tree.opened("exp/weights/last.pt") { _ in Scan(tree) }
    #expect(scan.state("exp") == "running")
    #expect(scan.checkpoint("exp/weights/last.pt", "in_use") == .value(.bool(true)))
    #expect(scan.checkpoint("exp/weights/best.pt", "in_use") == .missing)
  }

  @Test func aStrippedCheckpointIsFinished() {
    Sample.run(tree, "exp", last: Sample.checkpoint(epoch: -1))
    tree.modified("exp/weights/last.pt", old + 5)
    let scan = Scan(tree)
    #expect(scan.state("exp") == "finished" && finishedAt(scan) == old + 5)
    #expect(scan.fact("exp", "resumable") == .missing)
    #expect(scan.checkpoint("exp/weights/last.pt", "resumable") == .missing)
  }

  @Test func anUnstrippedCheckpointIsNoEnd() {
    Sample.run(tree, "exp", last: Sample.checkpoint(epoch: 4))
    let scan = Scan(tree)
    #expect(scan.state("exp") == "interrupted" && finishedAt(scan) == old)
    #expect(scan.fact("exp", "resumable") == .value(.bool(true)))
    #expect(scan.checkpoint("exp/weights/last.pt", "resumable") == .value(.bool(true)))
    #expect(scan.checkpoint("exp/weights/best.pt", "resumable") == .missing)
  }

  @Test func plotsAfterTheLastRowAreAnEnd() {
    Sample.run(tree, "exp", plots: true)
    tree.modified("exp/results.png", old + 7)
    #expect(Scan(tree).state("exp") == "finished" && finishedAt(Scan(tree)) == old + 7)
    tree.modified("exp/results.png", old - 1)
    #expect(Scan(tree).state("exp") == "interrupted")
    tree.file("exp/confusion_matrix_normalized.png", "png", modified: old + 9)
    #expect(finishedAt(Scan(tree)) == old + 9)
  }

  @Test func allPlannedEpochsAreAnEnd() {
    Sample.run(tree, "exp", rows: 5, epochs: 5)
    #expect(Scan(tree).state("exp") == "finished" && finishedAt(Scan(tree)) == old)
    tree.file("exp/args.yaml", Sample.arguments(epochs: 6), modified: old)
    #expect(Scan(tree).state("exp") == "interrupted")
  }

  @Test func zeroBasedFilesEndOneEarlier() {
    Sample.run(tree, "exp", rows: 0, epochs: 5)
    tree.file("exp/results.csv", Sample.csv(5, first: 0), modified: old)
    #expect(Scan(tree).state("exp") == "finished")
  }

  @Test func changedWithinTheGraceIsRunning() {
    Sample.run(tree, "exp")
    let grace = ScanSettings.minimumGrace.nanoseconds
    tree.modified("exp/results.csv", Sample.clock - grace + 1)
    #expect(Scan(tree).state("exp") == "running" && finishedAt(Scan(tree)) == nil)
    tree.modified("exp/results.csv", Sample.clock - grace)
    #expect(Scan(tree).state("exp") == "interrupted" && finishedAt(Scan(tree)) == Sample.clock - grace)
    #expect(Scan(tree, settings: ScanSettings(grace: .hours(1))).state("exp") == "running")
    #expect(Scan(tree, settings: ScanSettings(grace: .minutes(1))).state("exp") == "interrupted")
  }

  @Test func longEpochsStretchTheGrace() {
    Sample.run(tree, "exp")
    tree.file("exp/results.csv", Sample.csv(5, secondsAnEpoch: 3600), modified: Sample.clock - 3 * Sample.hour + 1)
    #expect(Scan(tree).state("exp") == "running")
    tree.modified("exp/results.csv", Sample.clock - 3 * Sample.hour)
    #expect(Scan(tree).state("exp") == "interrupted")
  }

  @Test func withoutTimesTheAverageCountsUpToSixHours() {
    tree.file("exp/opt.yaml", "epochs: 50\n", modified: Sample.clock - 12 * Sample.hour)
    tree.file("exp/hyp.yaml", "lr0: 0.1\n", modified: Sample.clock - 12 * Sample.hour)
    let csv = "epoch,metrics/mAP_0.5\n0,0.1\n1,0.2\n2,0.3\n3,0.3\n4,0.3\n"
    tree.file("exp/results.csv", csv, modified: Sample.clock - 2 * Sample.hour)
    #expect(Scan(tree).state("exp") == "running")
    tree.modified("exp/opt.yaml", Sample.clock - 90 * Sample.day)
    tree.modified("exp/results.csv", Sample.clock - 6 * Sample.hour)
    #expect(Scan(tree).state("exp") == "interrupted")
  }

  @Test func beforeTheFirstRowSixHoursAreAllowed() {
    tree.file("exp/args.yaml", Sample.arguments(), modified: Sample.clock - 6 * Sample.hour + 1)
    #expect(Scan(tree).state("exp") == "running")
    tree.modified("exp/args.yaml", Sample.clock - 6 * Sample.hour)
    let scan = Scan(tree)
    #expect(scan.state("exp") == "failed" && finishedAt(scan) == Sample.clock - 6 * Sample.hour)
    tree.file("exp/results.csv", Sample.plainHeader + "\n", modified: Sample.clock - 7 * Sample.hour)
    #expect(Scan(tree).state("exp") == "failed")
  }

  @Test func aTrainingStartedAgainInItsPlaceIsNotFinished() {
    Sample.run(tree, "exp", rows: 5, epochs: 5, last: Sample.checkpoint(epoch: -1), plots: true)
    #expect(Scan(tree).state("exp") == "finished")
    tree.modified("exp/args.yaml", Sample.clock - 5 * Sample.hour)
    #expect(Scan(tree).state("exp") == "running")
    tree.modified("exp/args.yaml", Sample.clock - 7 * Sample.hour)
    #expect(Scan(tree).state("exp") == "finished")
  }

  @Test func theFutureIsUnknown() {
    Sample.run(tree, "exp")
    tree.file("exp/note.txt", "x", modified: Sample.clock + 2 * Sample.hour)
    let scan = Scan(tree)
    #expect(scan.state("exp") == "unknown" && scan.notes("exp").contains("clock-skew") && finishedAt(scan) == nil)
    tree.modified("exp/note.txt", Sample.clock + 30 * Sample.second)
    #expect(Scan(tree).state("exp") == "running")
  }

  @Test func weightsWithoutMetricsAreUnknown() {
    Sample.run(tree, "exp", rows: -1)
    #expect(Scan(tree).state("exp") == "unknown")
    tree.file("exp/weights/last.pt", Sample.checkpoint(epoch: -1), modified: old)
    #expect(Scan(tree).state("exp") == "finished")
  }

  @Test func metricsThatCannotBeReadAreNoFailure() {
    Sample.run(tree, "exp")
    tree.file("exp/results.csv", "<<<<<<< HEAD\n" + Sample.csv(3), modified: old)
    let scan = Scan(tree)
    #expect(scan.state("exp") == "unknown" && scan.fact("exp", "mAP50") == .unreadable)
    #expect(scan.notes("exp").contains("conflict-markers"))
    #expect(scan.checkpoint("exp/weights/best.pt", "mAP50") == .unreadable)
  }

  @Test func linkedWeightsAreNotJudged() {
    tree.file("exp/args.yaml", Sample.arguments(), modified: old)
    tree.symlink("exp/weights", to: "/tmp")
    tree.modified("exp/weights", old)
    #expect(Scan(tree).state("exp") == "unknown")
  }
}
