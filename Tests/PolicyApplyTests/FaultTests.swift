import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

final class SyncCounter: Sendable {
  private let syncs = Mutex(0)
  var value: Int { syncs.withLock { $0 } }
  func count(_ call: String) -> Int32? {
    if ["fsync", "fdatasync", "syncfs"].contains(call) { syncs.withLock { $0 += 1 } }
    return nil
  }
}

/// Stops a process before its k-th change, for every k, and the recovery after it too; and fails every change with every
/// error. After each, every item must be whole in exactly one place, with a record where that place is the trash.
@Suite struct FaultTests {
  enum Scene: String, CaseIterable {
    /// A batch for each item: the next one's intents and info files are synced while one is moved.
    case overlapped
    case apply, restore, purge, restoreBeside, archive, backup
  }

  /// A root in which the scene is about to happen, and what its items hold.
  private func stage(_ scene: Scene) throws -> (TestRoot, contents: [String: [String]]) {
    let root = TestRoot(inMemory: true)
    root.runsAround = ["stays"]
    root.policy.trash.purgeAfter = .hours(24)
    root.run("alice/exp1", files: ["sub/deeper/a.csv": "a"])
    root.run("exp2")
    root.run("stays")
    var contents: [String: [String]] = [:]
    for name in ["alice/exp1", "exp2", "stays/weights/last.pt"] {
      contents[name] = Self.content(root.path + "/" + name)
    }
    if scene == .overlapped { root.batch = 1 }
    if scene != .apply, scene != .overlapped, scene != .archive, scene != .backup {
      #expect(try Self.applyAll(root, FileChanges()).status == .done)
      root.digestSeed += 1
    }
    if scene == .purge { root.clock.advance(48 * TestRoot.hour) }
    if scene == .restoreBeside {
      root.run("exp2", files: ["second": "life"])
      // The run of a checkpoint, too, has made way for another one.
      Disk.move(root.path + "/stays", root.path + "/mine")
      root.run("stays", files: ["weights/last.pt": "of another run"])
    }
    return (root, contents)
  }

  private static func content(_ path: String) -> [String] {
    guard let status = Disk.status(path) else { return [] }
    if status.st_mode & S_IFMT == S_IFREG {
      return [String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)]
    }
    return TestRoot.inventory(of: path)
  }

  private static func applyAll(_ root: TestRoot, _ changes: FileChanges) throws -> ApplyOutcome {
    root.apply(
      [
        try root.trash("alice/exp1"), try root.trash("exp2"),
        try root.trash("stays/weights/last.pt", kind: .checkpoint),
      ], changes)
  }

  private func perform(_ scene: Scene, _ root: TestRoot, _ changes: FileChanges) throws -> ApplyOutcome {
    switch scene {
    case .apply, .overlapped: return try Self.applyAll(root, changes)
    case .restore, .restoreBeside: return root.restore(.plan(root.digest), changes)
    case .archive: return root.apply([try root.archive("alice/exp1"), try root.archive("exp2")], changes)
    case .backup:
      return root.apply(
        [
          try root.backup("alice/exp1"), try root.backup("exp2"),
          try root.backup("stays/weights/last.pt", kind: .checkpoint),
        ], changes)
    case .purge: return TrashCan.purge(.elapsed, roots: [root.root], options: root.options(changes))
    }
  }

  /// I6 and I7, after recovery: each item is whole in exactly one place, as its record says.
  private func check(
    _ root: TestRoot, _ contents: [String: [String]], mayBePurged: Bool, _ point: String
  ) throws {
    let history = try root.history()
    let openCount = history.open.count + history.openArchives.count + history.openBackups.count
    #expect(openCount == 0, "\(point): something is left open")
    let listed = try FileManager.default.contentsOfDirectory(atPath: root.path + "/" + root.trashFiles)
    let inTrash = history.inTrash.map(\.item.record)
    #expect(listed.sorted() == inTrash.sorted(), "\(point): trash and journal disagree")
    for (name, content) in contents.sorted(by: { $0.key < $1.key }) {
      var places: [String] = []
      // A checkpoint whose run made way for another one.
      let beside = [".restored/", ".restored-2/"].map { name.replacing("stays/", with: "stays" + $0) }
      for candidate in Set([name, name + ".restored"] + beside)
      where Self.content(root.path + "/" + candidate) == content {
        places.append(candidate)
      }
      for item in history.inTrash where item.item.path == ByteString(name) {
        let stored = root.path + "/" + item.item.stored.displayText
        if Self.content(stored) == content { places.append(stored) }
        let info = root.path + "/.policy/\(root.uid)/trash/info/\(item.item.record).trashinfo"
        let text = FileManager.default.contents(atPath: info).flatMap { TrashInfoText.decode(Array($0)) }
        #expect(
          text?.path == ByteString(root.path + "/" + name), "\(point): \(name) is in the trash without its info file")
      }
      let isPurged = history.items.contains { item in
        if case .purged = item.state { return item.item.path == ByteString(name) }
        return false
      }
      if isPurged {
        #expect(mayBePurged && places.isEmpty, "\(point): \(name) is purged and at \(places)")
        for item in history.items where item.item.path == ByteString(name) {
          let info = root.path + "/.policy/\(root.uid)/trash/info/\(item.item.record).trashinfo"
          #expect(!root.exists(info), "\(point): \(name) is purged, and its info file stays")
        }
      } else {
        #expect(places.count == 1, "\(point): \(name) is at \(places)")
      }
      checkArchive(root, history, name, isInPlace: places == [name], point)
    }
  }

  /// What the journal says is backed up can be read back, byte for byte; and the next apply, which goes on with what is
  /// there, has everything whole and nothing half-done.
  private func checkBackups(_ root: TestRoot, _ point: String) throws {
    func readBack() -> Int {
      let listed = Backups.list([root.root], options: root.options()).items
      for backup in listed {
        let verdict = Archives.verify(backup.folder, manifestDigest: backup.manifestDigest)
        guard case .whole = verdict else {
          Issue.record("\(point): the backup of \(backup.path.displayText): \(verdict)")
          continue
        }
      }
      return listed.count
    }
    _ = readBack()
    root.digestSeed += 1
    let outcome = try perform(.backup, root, FileChanges())
    #expect(outcome.status == .done, "\(point): \(outcome)")
    #expect(readBack() >= 3, "\(point)")
    let names = try FileManager.default.contentsOfDirectory(atPath: root.nas + "/\(root.uid)")
    #expect(!names.contains { $0.hasSuffix(".partial") }, "\(point): \(names)")
  }

  /// What left its place for an archive is whole in one; what stayed has none, and nothing half-written is left.
  private func checkArchive(
    _ root: TestRoot, _ history: JournalHistory, _ name: String, isInPlace: Bool, _ point: String
  ) {
    let kept = history.archives.filter { $0.isKept && $0.item.path == ByteString(name) }
    let copied = history.inTrash.filter { $0.item.path == ByteString(name) && $0.item.copy != nil }
    #expect(kept.count == copied.count && (kept.isEmpty || !isInPlace), "\(point): \(name): \(kept.count) archives")
    for archive in kept {
      let verdict = Archives.verify(archive.place.path, manifestDigest: archive.seal?.manifestDigest)
      guard case .whole = verdict else {
        Issue.record("\(point): the archive of \(name): \(verdict)")
        continue
      }
    }
    let folder = root.target + "/\(root.uid)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let all = Set(history.archives.filter(\.isKept).map { $0.place.name.displayText })
    #expect(Set(names) == all, "\(point): \(names) where archives go")
  }

  /// A fault that stops everything from the k-th call on, as a killed process would.
  private func stopping(before k: Int, hasNoReplace: Bool) -> FileChanges {
    FileChanges(hasNoReplace: hasNoReplace, fault: { $0.number >= k ? ECANCELED : nil })
  }

  private func failing(_ k: Int, _ error: Int32) -> FileChanges {
    FileChanges(fault: { $0.number == k ? error : nil })
  }

  @Test(arguments: Scene.allCases, [true, false])
  func stoppedBeforeAnyChangeEverythingIsInOnePlace(_ scene: Scene, _ hasNoReplace: Bool) throws {
    var points = 0
    var k = 1
    while true {
      let (root, contents) = try stage(scene)
      let changes = stopping(before: k, hasNoReplace: hasNoReplace)
      let outcome = try perform(scene, root, changes)
      let isWhole = changes.calls < k
      if isWhole { #expect(outcome.status == .done, "\(outcome)") }
      // Recovery is stopped as well, once, at every place that it has.
      var again = 1
      while !isWhole {
        let second = stopping(before: again, hasNoReplace: hasNoReplace)
        let partly = TrashCan.recover([root.root], options: root.options(second))
        points += 1
        if second.calls < again { break }
        #expect(partly.status != .done || again > 1)
        again += 1
        // Each stop goes on from where the last one left it, so a few are enough to get through.
        if again > 60 { Issue.record("recovery does not end"); break }
      }
      let settled = root.recover()
      #expect(settled.status == .done || settled.status == .nothingChecked, "\(scene) \(k): \(settled)")
      if root.exists(root.trashFiles) {
        try check(root, contents, mayBePurged: scene == .purge, "\(scene) stopped before change \(k)")
      } else {
        for (name, content) in contents { #expect(Self.content(root.path + "/" + name) == content) }
      }
      if scene == .backup { try checkBackups(root, "stopped before change \(k)") }
      points += 1
      if isWhole { break }
      k += 1
    }
    print("\(scene.rawValue), \(hasNoReplace ? "renameat2" : "fallback"): \(points) crash points, 0 violations")
    #expect(points > 20)
  }

  static let errors = [
    EIO, ENOSPC, EDQUOT, EACCES, EPERM, EROFS, EMFILE, ENOMEM, ESTALE, EINTR, ENOENT, ENOTDIR, ELOOP, EXDEV,
  ]

  @Test(arguments: Scene.allCases)
  func anyErrorOfAnyChangeLeavesEverythingInOnePlace(_ scene: Scene) throws {
    var points = 0
    for error in Self.errors {
      var k = 1
      while true {
        let (root, contents) = try stage(scene)
        let changes = failing(k, error)
        let outcome = try perform(scene, root, changes)
        let isWhole = changes.calls < k
        let settled = root.recover()
        #expect(settled.status == .done || settled.status == .nothingChecked, "\(scene) \(error) \(k): \(settled)")
        if root.exists(root.trashFiles) {
          try check(root, contents, mayBePurged: scene == .purge, "\(scene), change \(k) failed with \(error)")
        }
        if scene == .backup { try checkBackups(root, "change \(k) failed with \(error)") }
        // The truth about how it ended: whoever hears `done` finds everything done.
        if scene == .apply || scene == .overlapped, outcome.status == .done {
          #expect(!root.exists("alice/exp1") && !root.exists("exp2"), "\(error) at \(k)")
        }
        if scene == .purge, outcome.status == .done { #expect(root.list().isEmpty) }
        points += 1
        if isWhole { break }
        k += 1
      }
    }
    print("\(scene.rawValue): \(points) failing changes, 0 violations")
    #expect(points > 20 * Self.errors.count)
  }

  @Test func aFullOrFailingDiskStopsWithItsOwnStatus() throws {
    for error in [ENOSPC, EIO, EROFS] {
      let (root, _) = try stage(.apply)
      let changes = FileChanges(fault: { $0.name == "renameat2" ? error : nil })
      let outcome = try Self.applyAll(root, changes)
      #expect(outcome.status == .environment)
      #expect(root.exists("alice/exp1") && root.exists("exp2"))
    }
    for call in ["fsync", "fdatasync"] {
      let (root, _) = try stage(.apply)
      #expect(try Self.applyAll(root, FileChanges(fault: { $0.name == call ? EIO : nil })).status == .environment)
    }
  }

  @Test func oneItemsErrorNeverStopsTheOthers() throws {
    let (root, _) = try stage(.apply)
    let renames = Mutex(0)
    let changes = FileChanges(fault: { call in
      guard call.name == "renameat2" else { return nil }
      return renames.withLock { count -> Int32? in
        count += 1
        return count == 1 ? EACCES : nil
      }
    })
    let outcome = try Self.applyAll(root, changes)
    #expect(outcome.status == .partial)
    #expect(outcome.items.map(\.isDone) == [false, true, true])
    #expect(reason(outcome).hasPrefix("permission denied"))
  }
}
