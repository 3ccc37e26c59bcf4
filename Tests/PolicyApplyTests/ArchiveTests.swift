import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// A run goes into an archive and then into the trash; whatever goes wrong, it stays, and one sentence says why.
@Suite struct ArchiveTests {
  private func staged() -> TestRoot {
    let root = TestRoot(inMemory: true)
    root.policy.archive = ArchiveSettings(to: root.target)
    root.policy.trash.purgeAfter = .hours(24)
    root.run("alice/exp1", files: ["results.csv": "epoch,loss\n1,2\n"])
    root.run("exp2")
    return root
  }

  private func archives(_ root: TestRoot) -> [ArchiveListing] {
    Archives.list([root.root], options: root.options()).items
  }

  /// Nothing of an archive is left in the target.
  private func isEmpty(_ root: TestRoot) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: root.target + "/\(root.uid)"))?.isEmpty ?? true
  }

  @Test func aRunIsArchivedAndCanBeTakenBackAndUnpacked() throws {
    let root = staged()
    let before = TestRoot.inventory(of: root.path + "/alice/exp1")
    let outcome = root.apply([try root.archive("alice/exp1")])
    #expect(outcome.status == .done, "\(outcome)")
    #expect(!root.exists("alice/exp1") && root.exists("exp2"))
    let archive = try #require(archives(root).first)
    #expect(archive.path == "alice/exp1" && archive.rules == ["cold"] && archive.plan == root.digest)
    #expect(outcome.items.first?.archivedAt == archive.folder)
    #expect(archive.folder.displayText.hasPrefix(root.target + "/\(root.uid)/exp1."))
    #expect(Disk.status(archive.file.displayText).map { Int64($0.st_size) } == archive.size)
    let entries = Archives.verify(archive.folder, manifestDigest: archive.manifestDigest)
    #expect(entries == .whole(entries: 6))
    // The trash still has it, with the policy's time.
    let trashed = try #require(root.list().first)
    #expect(trashed.path == "alice/exp1" && trashed.purgeAt != nil && outcome.purgeFrom == trashed.purgeAt)
    let copy = root.base + "/copy"
    Disk.makeDirectory(copy)
    let unpacked = Archives.extract(
      archive.folder, manifestDigest: archive.manifestDigest, into: ByteString(copy), as: nil, options: root.options())
    #expect(unpacked.status == .done, "\(unpacked)")
    func plain(_ lines: [String]) -> [String] {
      lines.map {
        $0.split(separator: " ").enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " ")
      }
    }
    #expect(plain(TestRoot.inventory(of: copy + "/exp1")) == plain(before))
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(TestRoot.inventory(of: root.path + "/alice/exp1") == before)
    // The archive is still there, and is still counted.
    #expect(archives(root) == [archive])
  }

  @Test func theJournalAndTheLogTellOfIt() throws {
    let root = staged()
    #expect(root.apply([try root.archive("exp2")]).status == .done)
    let history = try root.history()
    #expect(history.openArchives.isEmpty && history.open.isEmpty)
    let archive = try #require(history.newestArchives.first)
    #expect(archive.state == .archived && archive.archivedAt != nil)
    #expect(history.items.first?.item.copy == archive.item.record)
    let events = history.log.filter { $0.path == "exp2" }.map(\.event)
    #expect(events == [.archived, .trashed])
    // What lies in an archive is not destroyed by a purge: no `never` is asked about it.
    let records = history.trashRecords(root: 0) { _ in nil }
    #expect(records.count == 1 && records.allSatisfy { $0.contents.isEmpty })
  }

  @Test func anArchiveIsTrashedBesideItsTargetAndTakenBackAndPurged() throws {
    let root = staged()
    #expect(root.apply([try root.archive("exp2")]).status == .done)
    let archive = try #require(archives(root).first)
    root.digestSeed += 1
    root.clock.advance(48 * TestRoot.hour)
    let outcome = root.apply([try root.trashArchive("exp2")])
    #expect(outcome.status == .done, "\(outcome)")
    #expect(archives(root).isEmpty)
    let folder = root.target + "/\(root.uid)/trash"
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    #expect(root.list().count == 2 && root.list().count { $0.isArchive } == 1)
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(archives(root) == [archive])
    #expect(Archives.verify(archive.folder, manifestDigest: archive.manifestDigest) == .whole(entries: 5))
    root.digestSeed += 1
    #expect(root.apply([try root.trashArchive("exp2")]).status == .done)
    root.clock.advance(48 * TestRoot.hour)
    let purged = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(purged.items.count == 2 && purged.status == .done, "\(purged)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    #expect(root.list().isEmpty)
  }

  @Test func aRunWhoseArchiveIsGoneIsNotPurged() throws {
    let root = staged()
    #expect(root.apply([try root.archive("exp2")]).status == .done)
    let archive = try #require(archives(root).first)
    root.clock.advance(48 * TestRoot.hour)
    let away = root.base + "/away"
    Disk.move(root.target, away)
    let held = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(held.status == .partial)
    #expect(reason(held).hasPrefix("its archive, \(archive.folder.displayText), cannot be seen"))
    Disk.move(away, root.target)
    Disk.append(archive.file.displayText, "x")
    let other = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(reason(other).contains("is not as it was written"))
    shell("truncate", ["-s", "-1", archive.file.displayText])
    // Nothing could be taken out of it without its manifest.
    let manifest = archive.folder.displayText + "/SHA256SUMS"
    Disk.move(manifest, root.base + "/manifest")
    let without = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(without.status == .partial && reason(without).contains("it may be the only copy"))
    Disk.move(root.base + "/manifest", manifest)
    Disk.append(manifest, "\n")
    let changed = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(changed.status == .partial && reason(changed).contains("is not as it was written"))
    shell("truncate", ["-s", "-1", manifest])
    #expect(TrashCan.purge(.elapsed, roots: [root.root], options: root.options()).status == .done)
  }

  @Test func whateverIsWrongWithTheTargetTheRunStays() throws {
    let root = staged()
    var tried = 0
    func stays(_ target: String, _ sentence: String, _ prepare: () -> Void = {}) throws {
      prepare()
      root.digestSeed += 1
      let outcome = root.apply([try root.archive("exp2", to: target)])
      #expect(reason(outcome).contains(sentence), "\(reason(outcome))")
      #expect(root.exists("exp2/weights/best.pt"))
      let history = try root.history()
      #expect(history.openArchives.isEmpty && history.items.isEmpty)
      tried += 1
    }
    try stays(root.base + "/nowhere", "is not there: make it, or mount its volume")
    try stays("relative", "`archive.to` must be an absolute folder")
    try stays(root.path, "lies in the root")
    try stays(root.path + "/alice", "lies in the root")
    try stays(root.base + "/file", "is not there") { Disk.write(root.base + "/file", []) }
    try stays(root.base + "/open", "is open to others") {
      Disk.makeDirectory(root.base + "/open")
      Disk.makeDirectory(root.base + "/open/\(root.uid)", 0o777)
      Disk.setMode(root.base + "/open/\(root.uid)", 0o777)
    }
    #expect(tried == 6)
    // An archive there was made; the volume is then not mounted.
    root.digestSeed += 1
    #expect(root.apply([try root.archive("alice/exp1")]).status == .done)
    Disk.move(root.target, root.base + "/unmounted")
    Disk.makeDirectory(root.target)
    root.digestSeed += 1
    let outcome = root.apply([try root.archive("exp2")])
    #expect(reason(outcome) == "earlier archives are not in \(root.target): is its volume mounted?")
    #expect(root.exists("exp2"))
  }

  @Test func noSpaceLeavesNothingBehindAndGoesOnWithTheRest() throws {
    let root = staged()
    root.run("exp3")
    let actions = [try root.archive("alice/exp1"), try root.archive("exp2"), try root.trash("exp3")]
    let writes = Mutex(0)
    let changes = FileChanges(fault: { call in
      guard call.name == "pwrite" else { return nil }
      // The journal's come first; the archive's is the largest, and every later one fails until it is removed.
      return writes.withLock { count -> Int32? in
        count += 1
        return count == 3 ? ENOSPC : nil
      }
    })
    let outcome = root.apply(actions, changes)
    #expect(outcome.status == .environment, "\(outcome)")
    #expect(reason(outcome, 0) == "the archive does not fit: no space left on device where the archives go")
    #expect(reason(outcome, 1).hasPrefix("not tried: alice/exp1: the archive does not fit"))
    #expect(root.exists("alice/exp1") && root.exists("exp2") && !root.exists("exp3"))
    #expect(isEmpty(root))
  }

  @Test func aRunThatChangesMeanwhileStays() throws {
    for place in ["weights/best.pt", "new"] {
      let root = staged()
      let file = root.path + "/exp2/" + place
      let folder = root.target + "/\(root.uid)"
      let changes = FileChanges(fault: { call in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        if call.name == "fdatasync", names.contains(where: { $0.hasSuffix(".partial") }) {
          Disk.write(file, Array("more".utf8))
        }
        return nil
      })
      let outcome = root.apply([try root.archive("exp2")], changes)
      #expect(outcome.status == .partial, "\(outcome)")
      #expect(reason(outcome) == "something in it changed while it was archived")
      #expect(root.exists("exp2") && isEmpty(root))
      #expect(root.list().isEmpty && archives(root).isEmpty)
    }
  }

  @Test func aRunThatChangesBetweenArchiveAndMoveStaysAndSoDoesItsArchive() throws {
    let root = staged()
    let isPublished = Mutex(false)
    let file = root.path + "/exp2/args.yaml"
    let changes = FileChanges(fault: { call in
      if call.name == "renameat2" {
        let isSecond = isPublished.withLock { published -> Bool in
          defer { published = true }
          return published
        }
        if isSecond { Disk.append(file, "x") }
      }
      return nil
    })
    let outcome = root.apply([try root.archive("exp2")], changes)
    #expect(outcome.status == .partial)
    #expect(reason(outcome).contains("stays in its archive"), "\(reason(outcome))")
    #expect(root.exists("exp2") && archives(root).count == 1)
    // Nothing is left for recovery, and the changed run can be archived in its turn.
    #expect(try root.history().openArchives.isEmpty)
    root.digestSeed += 1
    #expect(root.apply([try root.archive("exp2")]).status == .done)
    #expect(archives(root).count == 2)
  }

  @Test func aPinOrALockKeepsARunFromItsArchive() throws {
    let root = staged()
    let action = try root.archive("exp2")
    let lock = Disk.Lock(root.path + "/exp2")
    #expect(lock.isHeld)
    let outcome = root.apply([action])
    #expect(reason(outcome) == "it is locked by a running process")
    #expect(root.exists("exp2") && isEmpty(root))
  }

  @Test func namesOfRunsMayBeLongAndOdd() throws {
    let root = staged()
    let long = String(repeating: "長", count: 80)
    root.run(long)
    root.run("-rf *\n'")
    let outcome = root.apply([try root.archive(long), try root.archive("-rf *\n'")])
    #expect(outcome.status == .done, "\(outcome)")
    #expect(archives(root).count == 2)
    for archive in archives(root) {
      #expect(Archives.verify(archive.folder, manifestDigest: archive.manifestDigest) == .whole(entries: 5))
    }
  }
}
