import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// What only root can stage: mounts, foreign owners, full disks. Elsewhere these say that they were not shown.
@Suite struct RootTests {
  /// A file system that goes away with it.
  final class Mount {
    let place: String
    let isMounted: Bool
    init(_ place: String, _ arguments: [String]) {
      self.place = place
      try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      isMounted = shell("mount", arguments + [place])
    }
    deinit {
      if isMounted { shell("umount", ["-l", place]) }
      Disk.removeDirectory(place)
    }
  }

  @Test(arguments: [true, false]) func aMountInsideKeepsTheRun(_ isBind: Bool) throws {
    guard RootOnly.isPossible("a mount inside a run") else { return }
    let root = TestRoot()
    root.run("exp1")
    root.run("exp2")
    Disk.makeDirectory(root.path + "/exp1/mounted")
    Disk.makeDirectory(root.base + "/elsewhere")
    Disk.write(root.base + "/elsewhere/precious", [1])
    let actions = [try root.trash("exp1"), try root.trash("exp2")]
    let mount = Mount(
      root.path + "/exp1/mounted", isBind ? ["--bind", root.base + "/elsewhere"] : ["-t", "tmpfs", "none"])
    guard mount.isMounted else { return RootOnly.notShown("a mount inside a run", "mount is not allowed") }
    let outcome = root.apply(actions)
    #expect(reason(outcome, 0).contains("mounted inside"))
    #expect(reason(outcome, 1) == "done")
    #expect(root.exists("exp1/mounted"))
    withExtendedLifetime(mount) {}
  }

  @Test func aMountMadeInTheTrashIsNeitherEnteredNorPurged() throws {
    guard RootOnly.isPossible("a mount in the trash") else { return }
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    Disk.makeDirectory(root.path + "/exp1/later")
    Disk.makeDirectory(root.base + "/elsewhere")
    Disk.write(root.base + "/elsewhere/precious", [1])
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    let record = try #require(root.list().first?.record)
    let mount = Mount(root.path + "/\(root.trashFiles)/\(record)/later", ["--bind", root.base + "/elsewhere"])
    guard mount.isMounted else { return RootOnly.notShown("a mount in the trash", "mount is not allowed") }
    root.clock.advance(48 * TestRoot.hour)
    let outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(reason(outcome).contains("mounted in it"))
    #expect(Disk.bytes(root.base + "/elsewhere/precious") == [1])
    withExtendedLifetime(mount) {}
  }

  @Test func foldersOfAnotherOwnerAreRefused() throws {
    guard RootOnly.isPossible("folders of other owners") else { return }
    for place in [".policy", ".policy/0", ".policy/0/trash", ".policy/0/trash/files"] {
      let root = TestRoot()
      root.run("exp1")
      root.run("exp2")
      root.apply([try root.trash("exp1")])
      root.digestSeed += 1
      Disk.setOwner(root.path + "/" + place, 4242)
      let outcome = root.apply([try root.trash("exp2")])
      #expect(outcome.status == .refused, "\(place): \(outcome.status)")
      #expect(root.exists("exp2"))
    }
  }

  @Test func theFolderForEverybodyIsStickyAndRootsPinsCanBeRead() throws {
    guard RootOnly.isPossible("the folder that root makes") else { return }
    let root = TestRoot()
    root.run("exp1")
    _ = Pins.pin(ByteString(root.path + "/exp1"), because: "x", roots: [root.root], options: root.options())
    #expect(Disk.status(root.path + "/.policy").map { $0.st_mode & 0o7777 } == 0o1777)
    #expect(Disk.status(root.path + "/.policy/0").map { $0.st_mode & 0o7777 } == 0o755)
    #expect(Disk.status(root.path + "/.policy/0/pins").map { $0.st_mode & 0o777 } == 0o644)
    #expect(Disk.status(root.path + "/.policy/0/journal").map { $0.st_mode & 0o777 } == 0o644)
    #expect(Disk.status(root.path + "/.policy/0/trash").map { $0.st_mode & 0o777 } == 0o700)
  }

  @Test func anImmutableFileStopsItsPurgeAndNoOther() throws {
    guard RootOnly.isPossible("immutable files") else { return }
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    root.run("exp2")
    #expect(root.apply([try root.trash("exp1"), try root.trash("exp2")]).status == .done)
    let record = try #require(root.list().first { $0.path == "exp1" }?.record)
    let file = root.path + "/\(root.trashFiles)/\(record)/weights/best.pt"
    // A flag changes the ctime, so the manifest would already hold it; it is set between the look and the removal.
    let setting = FileChanges(fault: { call in
      if call.name == "unlink" { shell("chattr", ["+i", file]) }
      return nil
    })
    root.clock.advance(48 * TestRoot.hour)
    let outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options(setting))
    guard outcome.items.first(where: { $0.path == "exp1" })?.isDone == false else {
      return RootOnly.notShown("immutable files", "chattr does nothing here")
    }
    #expect(outcome.items.first { $0.path == "exp2" }?.isDone == true)
    #expect(root.recover().notes.contains { $0.contains("cannot be finished") })
    #expect(root.list().map(\.isPurging) == [true])
    #expect(reason(root.restore(.records([record]))).contains("purge has begun"))
    shell("chattr", ["-i", file])
    #expect(root.recover().status == .done)
    #expect(root.list().isEmpty)
  }

  // MARK: full disks

  /// What a full disk allows: a first apply with its state elsewhere, and a purge of what a former apply trashed.
  private func fullDisk(_ mount: Mount, named name: String) throws {
    guard mount.isMounted else { return RootOnly.notShown("a full \(name)", "it cannot be mounted") }
    let root = TestRoot(at: mount.place)
    root.policy.trash.purgeAfter = .hours(1)
    for run in ["exp1", "exp2", "exp3"] { root.run(run) }
    let state = NSTemporaryDirectory() + "policy-state-" + UUID().uuidString
    Disk.makeDirectory(state, 0o700)
    defer { try? FileManager.default.removeItem(atPath: state) }
    fill(root.base + "/filler")

    // First apply ever, not a free block: refused with the way out, and nothing is done …
    let before = root.inventory()
    let action = try root.trash("exp1")
    let refused = root.apply([action])
    if refused.status != .done {
      #expect(refused.status == .environment)
      #expect(refused.message?.contains("--state DIR") == true, "\(refused.message ?? "")")
      #expect(root.inventory() == before)
      // … which works.
      root.state = state
      root.digestSeed += 1
      let outcome = root.apply([action])
      #expect(outcome.status == .done, "\(name): \(outcome.message ?? "") \(reason(outcome))")
      #expect(!root.exists("exp1"))
      print("full \(name): a first apply works with --state: \(outcome.notes.joined(separator: "; "))")
      #expect(root.restore(.paths([ByteString(root.path + "/exp1")])).status == .done)
      #expect(root.text("exp1/weights/best.pt") == "best of exp1")
      root.digestSeed += 1
      #expect(root.apply([try root.trash("exp1")]).status == .done)
    } else {
      print("full \(name): a first apply works as it is")
    }
    root.clock.advance(48 * TestRoot.hour)
    let purged = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(purged.status == .done, "\(name): \(purged.message ?? "") \(reason(purged))")
    #expect(root.list().isEmpty)
  }

  /// The state in the root, made while there was space: then a full disk needs nothing more.
  private func fullLater(_ mount: Mount, named name: String) throws {
    guard mount.isMounted else { return RootOnly.notShown("a \(name) that fills up", "it cannot be mounted") }
    let root = TestRoot(at: mount.place)
    root.policy.trash.purgeAfter = .hours(1)
    for run in ["exp1", "exp2", "exp3"] { root.run(run) }
    #expect(root.apply([try root.trash("exp1"), try root.trash("exp2")]).status == .done)
    fill(root.base + "/filler")
    root.clock.advance(48 * TestRoot.hour)
    let outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(outcome.status == .done, "\(name): \(outcome.message ?? "") \(reason(outcome))")
    #expect(root.list().isEmpty)
    print("full \(name): a purge works on space reserved before")
  }

  /// Writes until not one block is left.
  private func fill(_ path: String) {
    for (number, size) in [1 << 16, 4096, 1024, 1].enumerated() {
      shell("dd", ["if=/dev/zero", "of=\(path)-\(number)", "bs=\(size)"])
    }
  }

  private func loopMount(_ megabytes: Int) -> (Mount, image: String) {
    let image = NSTemporaryDirectory() + "policy-image-" + UUID().uuidString
    shell("truncate", ["-s", "\(megabytes)M", image])
    shell("mkfs.ext4", ["-q", "-m", "0", image])
    return (Mount(NSTemporaryDirectory() + "policy-mount-" + UUID().uuidString, ["-o", "loop", image]), image)
  }

  @Test func aFullTmpfs() throws {
    guard RootOnly.isPossible("a full tmpfs") else { return }
    let place = NSTemporaryDirectory() + "policy-mount-"
    try fullDisk(Mount(place + UUID().uuidString, ["-t", "tmpfs", "-o", "size=1m", "none"]), named: "tmpfs")
    try fullLater(Mount(place + UUID().uuidString, ["-t", "tmpfs", "-o", "size=8m", "none"]), named: "tmpfs")
  }

  @Test func aFullExt4() throws {
    guard RootOnly.isPossible("a full ext4") else { return }
    let (first, image) = loopMount(8)
    defer { Disk.remove(image) }
    try fullDisk(first, named: "ext4")
    let (second, other) = loopMount(16)
    defer { Disk.remove(other) }
    try fullLater(second, named: "ext4")
  }
}
