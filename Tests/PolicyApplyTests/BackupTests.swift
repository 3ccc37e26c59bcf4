import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// A run is copied to a folder and stays; whatever goes wrong with the copy, the journal does not say that there is one.
@Suite struct BackupTests {
  private func staged() -> TestRoot {
    let root = TestRoot(inMemory: true)
    root.policy.trash.purgeAfter = .hours(24)
    root.run("alice/exp1", files: ["results.csv": "epoch,loss\n1,2\n"])
    root.run("exp2")
    return root
  }

  private func backups(_ root: TestRoot) -> [BackupListing] {
    Backups.list([root.root], options: root.options()).items
  }

  private func names(_ root: TestRoot) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.nas + "/\(root.uid)")) ?? []).sorted()
  }

  private func plain(_ path: String) -> [String] {
    TestRoot.inventory(of: path).map {
      $0.split(separator: " ").enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " ")
    }
  }

  private func takeBack(_ root: TestRoot, _ backup: BackupListing, as name: ByteString? = nil) -> ApplyOutcome {
    Disk.makeDirectory(root.base + "/back")
    return Archives.extract(
      backup.folder, manifestDigest: backup.manifestDigest, into: ByteString(root.base + "/back"), as: name,
      options: root.options())
  }

  @Test func aRunIsCopiedAndStaysAndCanBeTakenBack() throws {
    let root = staged()
    let run = root.path + "/alice/exp1"
    Disk.symbolicLink("best.pt", run + "/weights/link")
    Disk.hardLink(run + "/weights/best.pt", run + "/weights/same")
    Disk.makeDirectory(run + "/empty", 0o750)
    Disk.setMode(run + "/args.yaml", 0o640)
    shell("truncate", ["-s", "1000000", run + "/holes"])
    Disk.append(run + "/holes", "end")
    let before = TestRoot.inventory(of: run)
    let outcome = root.apply([try root.backup("alice/exp1")])
    #expect(outcome.status == .done, "\(outcome)")
    #expect(TestRoot.inventory(of: run) == before && outcome.freedLater == 0)
    let backup = try #require(backups(root).first)
    #expect(backup.path == "alice/exp1" && backup.rules == ["keepers"] && backup.target == root.nas)
    #expect(outcome.items.first?.archivedAt == backup.folder)
    #expect(names(root).count == 1 && !names(root)[0].hasSuffix(".partial"))
    #expect(
      Archives.verify(backup.folder, manifestDigest: backup.manifestDigest) == .whole(entries: before.count + 1))
    // For people: the files lie there as they were, and only their owner may read them.
    let copy = backup.folder.displayText + "/exp1/results.csv"
    #expect(Disk.text(copy) == "epoch,loss\n1,2\n")
    #expect(Disk.status(copy).map { $0.st_mode & 0o777 } == 0o600)
    #expect(takeBack(root, backup).status == .done)
    #expect(plain(root.base + "/back/exp1") == plain(run))
    #expect(Disk.status(root.base + "/back/exp1/args.yaml").map { $0.st_mode & 0o777 } == 0o640)
    #expect(Disk.status(root.base + "/back/exp1/empty").map { $0.st_mode & 0o777 } == 0o750)
    #expect(Disk.status(root.base + "/back/exp1/weights/same")?.st_nlink == 2)
    #expect(Disk.status(root.base + "/back/exp1/holes").map { $0.st_blocks < 1000 } == true)
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: root.base + "/back/exp1/weights/link") == "best.pt")
    // A second time nothing is overwritten.
    let again = takeBack(root, backup)
    #expect(again.status == .refused && again.message?.contains("nothing is ever overwritten") == true)
    #expect(takeBack(root, backup, as: "other").status == .done)
  }

  @Test func aCheckpointIsBackedUpAlone() throws {
    let root = staged()
    let outcome = root.apply([try root.backup("exp2/weights/best.pt", kind: .checkpoint)])
    #expect(outcome.status == .done, "\(outcome)")
    let backup = try #require(backups(root).first)
    #expect(backup.kind == .checkpoint)
    #expect(Archives.verify(backup.folder, manifestDigest: backup.manifestDigest) == .whole(entries: 1))
    #expect(takeBack(root, backup).status == .done)
    #expect(Disk.text(root.base + "/back/best.pt") == "best of exp2")
    #expect(takeBack(root, backup).status == .refused)
  }

  @Test func theJournalAndTheLogTellOfIt() throws {
    let root = staged()
    #expect(root.apply([try root.backup("exp2")]).status == .done)
    let history = try root.history()
    #expect(history.openBackups.isEmpty && history.items.isEmpty)
    let backup = try #require(history.newestBackups.first)
    let present = try root.identity("exp2").treeDigest
    #expect(backup.state == .whole && backup.item.identity.treeDigest == present)
    let entries = history.log.filter { $0.path == "exp2" }
    #expect(entries.map(\.event) == [.saved] && entries.first?.destination == backup.place.path)
  }

  @Test func whatDidNotChangeIsNotWrittenAgain() throws {
    let root = staged()
    #expect(root.apply([try root.backup("alice/exp1")]).status == .done)
    let first = try #require(backups(root).first)
    Disk.append(root.path + "/alice/exp1/results.csv", "2,1\n")
    root.write("alice/exp1/new", "new")
    root.clock.advance(48 * TestRoot.hour)
    root.digestSeed += 1
    let outcome = root.apply([try root.backup("alice/exp1")])
    #expect(outcome.status == .done, "\(outcome)")
    let all = backups(root)
    let second = try #require(all.last)
    #expect(all.count == 2 && second.record != first.record)
    func inode(_ backup: BackupListing, _ file: String) -> ino_t? {
      Disk.status(backup.folder.displayText + "/exp1/" + file)?.st_ino
    }
    #expect(inode(first, "weights/best.pt") == inode(second, "weights/best.pt"))
    #expect(inode(first, "results.csv") != inode(second, "results.csv"))
    for backup in all {
      guard case .whole = Archives.verify(backup.folder, manifestDigest: backup.manifestDigest) else {
        Issue.record("\(backup)")
        continue
      }
    }
    // One byte of a shared file rots: the next backup reads it, does not believe it, and leaves the old one alone.
    let shared = second.folder.displayText + "/exp1/weights/best.pt"
    Disk.write(shared, Array("best of alice/exp?".utf8))
    root.clock.advance(TestRoot.hour)
    root.digestSeed += 1
    #expect(root.apply([try root.backup("alice/exp1")]).status == .done)
    let third = try #require(backups(root).last)
    #expect(Archives.verify(third.folder, manifestDigest: third.manifestDigest) == .whole(entries: 7))
    #expect(Disk.text(shared) == "best of alice/exp?")
    guard case .damaged = Archives.verify(second.folder, manifestDigest: second.manifestDigest) else {
      Issue.record("a changed backup is taken for whole")
      return
    }
  }

  @Test func anInterruptedBackupIsGoneOnWith() throws {
    let root = staged()
    for index in 0..<5 { root.write("exp2/part\(index)", "part \(index)") }
    let folder = root.nas + "/\(root.uid)"
    let stopped = FileChanges(fault: { call in
      let name = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.first ?? ""
      return Disk.status(folder + "/\(name)/exp2/part3") == nil ? nil : ECANCELED
    })
    #expect(root.apply([try root.backup("exp2")], stopped).status != .done)
    #expect(backups(root).isEmpty && names(root).count == 1)
    let name = try #require(names(root).first)
    #expect(name.hasSuffix(".partial"))
    let partial = folder + "/" + name
    let before = TestRoot.inventory(of: partial)
    #expect(before.count > 3)
    // What somebody, or a power cut, left in it is not believed.
    Disk.write(partial + "/exp2/part0", Array("part X, and more".utf8))
    Disk.write(partial + "/exp2/stranger", [1])
    #expect(root.recover().notes.contains { $0.contains("its backup was interrupted; the next one goes on with it") })
    #expect(Backups.list([root.root], options: root.options()).unfinished.count == 1)
    root.digestSeed += 1
    let outcome = root.apply([try root.backup("exp2")])
    #expect(outcome.status == .done, "\(outcome)")
    let backup = try #require(backups(root).first)
    #expect(names(root) == [backup.folder.lastComponent.displayText])
    #expect(Archives.verify(backup.folder, manifestDigest: backup.manifestDigest) == .whole(entries: 10))
    #expect(Disk.text(backup.folder.displayText + "/exp2/part0") == "part 0")
    let after = Set(TestRoot.inventory(of: backup.folder.displayText))
    let kept = before.filter { $0.contains("args.yaml") || $0.contains("part1") }
    #expect(!kept.isEmpty && kept.allSatisfy { after.contains($0) })
  }

  @Test func whateverIsWrongWithTheTargetNothingIsSaid() throws {
    let root = staged()
    var tried = 0
    func fails(_ target: String, _ sentence: String, _ prepare: () -> Void = {}) throws {
      prepare()
      root.digestSeed += 1
      let outcome = root.apply([try root.backup("exp2", to: target)])
      #expect(reason(outcome).contains(sentence), "\(reason(outcome))")
      #expect(try root.history().backups.isEmpty)
      tried += 1
    }
    try fails(root.base + "/nowhere", "is not there: make it, or mount its volume")
    try fails("relative", "write an absolute folder")
    try fails(root.path, "lies in the root")
    try fails(root.path + "/alice", "lies in the root")
    try fails(root.base + "/file", "is not there") { Disk.write(root.base + "/file", []) }
    try fails(root.base + "/open", "is open to others") {
      Disk.makeDirectory(root.base + "/open")
      Disk.makeDirectory(root.base + "/open/\(root.uid)", 0o777)
      Disk.setMode(root.base + "/open/\(root.uid)", 0o777)
    }
    #expect(tried == 6)
  }

  @Test func anUnmountedShareIsNotFilled() throws {
    let root = staged()
    #expect(root.apply([try root.backup("alice/exp1")]).status == .done)
    Disk.move(root.nas, root.base + "/unmounted")
    Disk.makeDirectory(root.nas)
    root.digestSeed += 1
    #expect(reason(root.apply([try root.backup("exp2")])).contains("is its volume mounted?"))
    #expect(names(root).isEmpty)
    // A folder of the right name and owner is not enough.
    Disk.makeDirectory(root.nas + "/\(root.uid)", 0o700)
    root.digestSeed += 1
    let outcome = root.apply([try root.backup("exp2")])
    #expect(outcome.status == .environment)
    #expect(reason(outcome).contains("none of the earlier backups is in"))
    #expect(names(root).isEmpty)
  }

  @Test func aShareThatVanishesInTheMiddleHoldsBackWhatItWasFor() throws {
    var tried = 0
    for call in ["mkdirat", "openat", "pwrite", "fdatasync", "renameat2", "fsync"] {
      let root = staged()
      root.run("exp3")
      root.run("exp4")
      Disk.makeDirectory(root.base + "/second")
      let actions = [
        try root.backup("alice/exp1"), try root.backup("exp2"), try root.backup("exp3", to: root.base + "/second"),
        try root.trash("exp2"), try root.trash("exp4"),
      ]
      let isAway = Mutex(false)
      let (nas, away, folder) = (root.nas, root.base + "/away", root.nas + "/\(root.uid)")
      let changes = FileChanges(fault: { made in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard made.name == call, names.contains(where: { $0.hasSuffix(".partial") }) else { return nil }
        isAway.withLock { isAway in
          guard !isAway else { return }
          isAway = true
          Disk.move(nas, away)
          Disk.makeDirectory(nas)
        }
        return nil
      })
      let outcome = root.apply(actions, changes)
      #expect(isAway.withLock { $0 }, "\(call)")
      #expect(outcome.status == .environment, "\(call): \(outcome)")
      #expect(reason(outcome, 0).hasPrefix("the folder for backups is gone"), "\(call): \(reason(outcome, 0))")
      #expect(reason(outcome, 1).hasPrefix("not tried: alice/exp1: the folder for backups is gone"))
      #expect(outcome.items[2].isDone, "another target is not its fault")
      // Copy first: it was to be backed up before it goes.
      #expect(root.exists("exp2") && reason(outcome, 3).hasPrefix("it stays until its backup is made"))
      #expect(!root.exists("exp4"))
      #expect(TestRoot.inventory(of: nas).isEmpty, "\(call): the empty mount point was filled")
      #expect(backups(root).map(\.path) == ["exp3"])
      // It is mounted again.
      Disk.removeDirectory(nas)
      Disk.move(away, nas)
      root.digestSeed += 1
      #expect(root.apply([try root.backup("alice/exp1"), try root.backup("exp2")]).status == .done)
      #expect(backups(root).count == 3 && !names(root).contains { $0.hasSuffix(".partial") })
      tried += 1
    }
    #expect(tried == 6)
  }

  @Test func aFullTargetKeepsTheRestFromIt() throws {
    let root = staged()
    root.run("exp3")
    let folder = root.nas + "/\(root.uid)"
    let full = Mutex(false)
    let changes = FileChanges(fault: { call in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      guard call.name == "pwrite", names.contains(where: { $0.hasSuffix(".partial") }) else { return nil }
      return full.withLock { isFull -> Int32? in
        defer { isFull = true }
        return isFull ? nil : ENOSPC
      }
    })
    let actions = [try root.backup("alice/exp1"), try root.backup("exp2"), try root.trash("exp3")]
    let outcome = root.apply(actions, changes)
    #expect(outcome.status == .environment)
    #expect(reason(outcome, 0) == "the backup does not fit: no space left on device where backups go")
    #expect(reason(outcome, 1).hasPrefix("not tried: alice/exp1: the backup does not fit"))
    #expect(!root.exists("exp3") && backups(root).isEmpty)
  }

  @Test func aRunThatChangesMeanwhileIsNotSaidToBeSafe() throws {
    for place in ["weights/best.pt", "new"] {
      let root = staged()
      let file = root.path + "/exp2/" + place
      let folder = root.nas + "/\(root.uid)"
      let changes = FileChanges(fault: { call in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        if call.name == "fdatasync", names.contains(where: { $0.hasSuffix(".partial") }) {
          Disk.write(file, Array("more".utf8))
        }
        return nil
      })
      let outcome = root.apply([try root.backup("exp2"), try root.trash("exp2")], changes)
      #expect(outcome.status == .partial, "\(outcome)")
      #expect(reason(outcome).hasSuffix("changed while it was copied"), "\(reason(outcome))")
      #expect(root.exists("exp2") && backups(root).isEmpty)
    }
  }

  @Test func whatTheTargetDoesNotKeepIsFoundByReadingBack() throws {
    let root = staged()
    let folder = root.nas + "/\(root.uid)"
    let changes = FileChanges(fault: { call in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      if call.name == "fsync", let name = names.first(where: { $0.hasSuffix(".partial") }) {
        Disk.write(folder + "/" + name + "/exp2/weights/best.pt", Array("rest of exp2".utf8))
      }
      return nil
    })
    let outcome = root.apply([try root.backup("exp2")], changes)
    #expect(outcome.status == .environment, "\(outcome)")
    #expect(reason(outcome).hasPrefix("the copy does not verify: the content of exp2/weights/best.pt is not as it was"))
    #expect(backups(root).isEmpty)
  }

  @Test func aPinIsNoReasonAgainstACopyAndALockIs() throws {
    let root = staged()
    #expect(
      Pins.pin(
        ByteString(root.path + "/exp2"), because: "paper", roots: [root.root], options: root.options()
      ).status == .done)
    #expect(root.apply([try root.backup("exp2")]).status == .done)
    let lock = Disk.Lock(root.path + "/alice/exp1")
    #expect(lock.isHeld)
    root.digestSeed += 1
    #expect(reason(root.apply([try root.backup("alice/exp1")])) == "it is locked by a running process")
  }

  @Test func linksInTheRunOrTheTargetAreNeverFollowed() throws {
    let root = staged()
    Disk.write(root.base + "/secret", Array("secret".utf8))
    Disk.symbolicLink(root.base + "/secret", root.path + "/exp2/innocent")
    Disk.symbolicLink(root.base, root.path + "/exp2/up")
    #expect(root.apply([try root.backup("exp2")]).status == .done)
    let backup = try #require(backups(root).first)
    #expect(
      !TestRoot.inventory(of: backup.folder.displayText).contains { $0.contains("secret") && !$0.contains("SHA") })
    // In taking it back, what points out of the run is left out.
    let outcome = takeBack(root, backup)
    #expect(outcome.notes.filter { $0.contains("outside of the run, is left out") }.count == 2)
    // A target that is a link is none.
    Disk.symbolicLink(root.nas, root.base + "/link")
    root.digestSeed += 1
    #expect(!root.apply([try root.backup("alice/exp1", to: root.base + "/link")]).items[0].isDone)
  }

  @Test func namesMayBeLongAndOdd() throws {
    let root = staged()
    let long = String(repeating: "長", count: 80)
    let all = [long, "SHA256SUMS", "-rf *\n'", "a.partial"].sorted()
    for name in all { root.run(name) }
    let outcome = root.apply(try all.map { try root.backup($0) })
    #expect(outcome.items.map(\.isDone) == [true, false, true, true], "\(outcome)")
    #expect(reason(outcome, 1) == "no backup can hold something of this name")
    for backup in backups(root) {
      #expect(Archives.verify(backup.folder, manifestDigest: backup.manifestDigest) == .whole(entries: 5))
    }
  }
}
