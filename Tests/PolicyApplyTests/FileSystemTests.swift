import Foundation
import PolicyCore
import PolicyFormats
import PolicyScan
import PolicyTestSupport
import Synchronization
import Testing

@testable import PolicyApply

/// File systems with ways of their own. Only root can mount them; elsewhere these say that they were not shown.
@Suite struct FileSystemTests {
  typealias Mount = RootTests.Mount
  fileprivate static func place() -> String { NSTemporaryDirectory() + "policy-mount-" + UUID().uuidString }

  /// A file system in an image of its own, or `nil`, said loudly, where it cannot be had.
  final class Image {
    let path = NSTemporaryDirectory() + "policy-image-" + UUID().uuidString
    let place = FileSystemTests.place()
    private var mount: Mount?
    init?(_ megabytes: Int, _ what: String, make: [String]) {
      guard RootOnly.isPossible(what) else { return nil }
      shell("truncate", ["-s", "\(megabytes)M", path])
      guard shell(make[0], Array(make.dropFirst()) + [path]), remount() else {
        RootOnly.notShown(what, "\(make[0]) or its mount is not possible here")
        return nil
      }
    }
    deinit {
      mount = nil
      Disk.remove(path)
    }
    func unmount() { mount = nil }
    func remount(_ options: String = "loop") -> Bool {
      mount = Mount(place, ["-o", options, path])
      return mount?.isMounted == true
    }
  }

  private func scan(_ root: TestRoot) -> Snapshot {
    let clock = Timestamp(nanoseconds: root.clock.now)
    let request = ScanRequest(roots: [ByteString(root.path)], now: clock, clock: clock, host: "here", homes: [])
    return Scanner.scan(request).snapshot
  }

  private func purge(_ root: TestRoot) -> ApplyOutcome {
    root.clock.advance(48 * TestRoot.hour)
    return TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
  }

  /// Directories that do not tell the types of their entries: every type is asked for.
  @Test func whereFoldersTellNoTypesEveryoneIsAsked() throws {
    guard let image = Image(16, "ext4 without types", make: ["mkfs.ext4", "-q", "-O", "^filetype"]) else { return }
    let root = TestRoot(at: image.place)
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1", files: ["a/b/c": "deep"])
    Disk.symbolicLink(root.base, root.path + "/exp1/link")
    Disk.write(root.base + "/precious", [1])
    #expect(scan(root).entities.filter { $0.kind == .run }.map(\.path) == ["exp1"])
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    #expect(purge(root).status == .done)
    #expect(TestRoot.inventory(of: root.path + "/" + root.trashFiles).isEmpty)
    #expect(Disk.bytes(root.base + "/precious") == [1])
  }

  /// A folder whose blocks are damaged on the disk: an error of reading, not of rights.
  @Test func aFolderThatTheDiskCannotReadKeepsItsRunAndStopsItsPurge() throws {
    guard let image = Image(16, "a damaged folder", make: ["mkfs.ext4", "-q", "-O", "metadata_csum"]) else { return }
    let root = TestRoot(at: image.place)
    root.policy.trash.purgeAfter = .hours(1)
    for name in ["exp1", "exp2", "exp3"] { root.run(name) }
    #expect(root.apply([try root.trash("exp3")]).status == .done)
    let record = try #require(root.list().first?.record)
    let actions = [try root.trash("exp1"), try root.trash("exp2")]
    root.digestSeed += 1
    let device = Disk.status(root.path)?.st_dev
    image.unmount()
    let stored = "\(root.trashFiles)/\(record)"
    for folder in ["exp1/weights", stored + "/weights"] {
      guard shell("debugfs", ["-w", "-R", "zap_block -f /runs/\(folder) -p 0x5a 0", image.path]) else {
        return RootOnly.notShown("a damaged folder", "`debugfs` is missing")
      }
    }
    try #require(image.remount("loop,errors=continue"))
    guard !shell("ls", [root.path + "/exp1/weights"]), Disk.status(root.path)?.st_dev == device else {
      return RootOnly.notShown("a damaged folder", "this kernel reads it all the same, or under another device number")
    }
    let found = scan(root)
    #expect(found.unreadable.map(\.path) == ["exp1/weights"])
    let state = found.entities.first { $0.path == "exp1" }?.facts.fact("state")
    #expect(state == .value(.text("unknown")))
    let outcome = root.apply(actions)
    #expect(outcome.items.map(\.isDone) == [false, true], "\(outcome)")
    let purged = purge(root)
    #expect(purged.items.first { $0.path == "exp3" }?.isDone == false, "\(purged)")
    #expect(root.exists("exp1/weights") && root.exists(stored + "/args.yaml"))
    withExtendedLifetime(image) {}
  }

  /// On an overlay a folder of the lower layer cannot be renamed: it stays, and is not copied.
  @Test func whatAnOverlayCannotRenameStays() throws {
    guard RootOnly.isPossible("an overlay") else { return }
    let memory = Mount(Self.place(), ["-t", "tmpfs", "none"])
    for folder in ["upper", "work"] { Disk.makeDirectory(memory.place + "/" + folder) }
    let lower = TestRoot(at: memory.place + "/lower")
    lower.run("exp1")
    let layers = "lowerdir=\(lower.base),upperdir=\(memory.place)/upper,workdir=\(memory.place)/work,redirect_dir=off"
    let overlay = Mount(memory.place + "/merged", ["-t", "overlay", "-o", layers, "none"])
    guard memory.isMounted, overlay.isMounted else { return RootOnly.notShown("an overlay", "it cannot be mounted") }
    let root = TestRoot(at: overlay.place)
    root.run("exp2")
    #expect(scan(root).entities.filter { $0.kind == .run }.map(\.path) == ["exp1", "exp2"])
    let outcome = root.apply([try root.trash("exp1"), try root.trash("exp2")])
    #expect(outcome.status == .partial, "\(outcome)")
    #expect(reason(outcome, 0).contains("nothing is ever copied behind your back"), "\(reason(outcome))")
    #expect(reason(outcome, 1) == "done")
    #expect(root.text("exp1/weights/best.pt") == "best of exp1")
    #expect(!TestRoot.inventory(of: memory.place + "/upper").contains { $0.contains("best of exp1") })
    #expect(root.restore(.plan(root.digest)).status == .done)
    withExtendedLifetime((memory, overlay)) {}
  }

  /// A file system without RENAME_NOREPLACE, without birth times and without mount ids.
  @Test func aFileSystemWithoutNoReplaceIsServedByTheFallback() throws {
    guard RootOnly.isPossible("bindfs") else { return }
    let behind = TestRoot()
    let place = Self.place()
    Disk.makeDirectory(place)
    // Not by Foundation's Process: it would wait for the daemon, which inherits a socket of it.
    guard TemporaryTree.run("/usr/bin/env", ["env", "bindfs", behind.base, place]) == 0 else {
      Disk.removeDirectory(place)
      return RootOnly.notShown("bindfs", "it is missing, or FUSE is not allowed")
    }
    defer {
      shell("umount", ["-l", place])
      Disk.removeDirectory(place)
    }
    let root = TestRoot(at: place)
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1", files: ["a/b": "deep"])
    root.run("exp2")
    root.run("exp3")
    let before = root.inventory()
    let actions = [
      try root.trash("exp1"), try root.trash("exp2"), try root.trash("exp3/weights/last.pt", kind: .checkpoint),
    ]
    let outcome = root.apply(actions)
    #expect(outcome.status == .done, "\(outcome)")
    #expect(
      root.restore(.paths([ByteString(root.path + "/exp1"), ByteString(root.path + "/exp3/weights/last.pt")])).status
        == .done)
    #expect(purge(root).status == .done)
    #expect(root.list().isEmpty)
    #expect(root.inventory() == before.filter { !$0.hasPrefix("exp2") })
  }

  @Test func aSubvolumeInsideStaysAndOneOfItsOwnIsNotCopied() throws {
    guard let image = Image(128, "btrfs", make: ["mkfs.btrfs", "-q"]) else { return }
    let root = TestRoot(at: image.place)
    for name in ["exp1", "exp2"] { root.run(name) }
    guard shell("btrfs", ["subvolume", "create", root.path + "/exp1/inner"]),
      shell("btrfs", ["subvolume", "create", root.path + "/exp3"])
    else { return RootOnly.notShown("btrfs subvolumes", "`btrfs` does nothing here") }
    root.run("exp3")
    Disk.write(root.path + "/exp1/inner/precious", [1])
    let actions = [try root.trash("exp1"), try root.trash("exp2"), try root.trash("exp3")]
    let outcome = root.apply(actions)
    for (item, name) in zip(outcome.items, ["exp1", "exp2", "exp3"]) {
      // Whatever can be moved is moved whole, and nothing is ever in two places or in none.
      let record = root.list().first { $0.path == item.path }?.record
      let places = [root.path + "/" + name] + (record.map { ["\(root.path)/\(root.trashFiles)/\($0)"] } ?? [])
      #expect(places.filter { Disk.text($0 + "/weights/best.pt") == "best of " + name }.count == 1, "\(name)")
      #expect(root.exists(name) != item.isDone, "\(name): \(item)")
    }
    #expect(outcome.items.first { $0.path == "exp2" }?.isDone == true)
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(Disk.bytes(root.path + "/exp1/inner/precious") == [1])
    withExtendedLifetime(image) {}
  }

  /// EDQUOT by a real quota: of a group of btrfs, since this is where every kernel has one.
  @Test func overTheQuotaNothingIsHalfDoneAndAPurgeStillWorks() throws {
    guard let image = Image(256, "a quota", make: ["mkfs.btrfs", "-q"]) else { return }
    let volume = image.place + "/volume"
    guard shell("btrfs", ["subvolume", "create", volume]), shell("btrfs", ["quota", "enable", image.place]),
      shell("btrfs", ["qgroup", "limit", "8M", volume])
    else { return RootOnly.notShown("a quota", "`btrfs` does nothing here") }
    let root = TestRoot(at: volume)
    root.policy.trash.purgeAfter = .hours(1)
    for name in ["exp1", "exp2", "exp3"] { root.run(name) }
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    for size in [1 << 16, 4096] {
      shell("dd", ["if=/dev/urandom", "of=\(root.base)/filler-\(size)", "bs=\(size)", "conv=fsync"])
    }
    let probe = root.base + "/probe"
    guard !shell("dd", ["if=/dev/urandom", "of=\(probe)", "bs=65536", "count=8", "conv=fsync"]) else {
      return RootOnly.notShown("a quota", "it is not enforced here")
    }
    let before = root.inventory()
    root.digestSeed += 1
    let outcome = root.apply([try root.trash("exp2")])
    #expect([.environment, .done].contains(outcome.status), "\(outcome)")
    if outcome.status != .done { #expect(root.inventory() == before) }
    let purged = purge(root)
    print("over a quota of 8 MiB of btrfs: trash ends with \(outcome.status), purge with \(purged.status)")
    // Copy on write needs space even to remove something: the purge may have to wait, and then nothing is half done.
    #expect([.environment, .done].contains(purged.status), "\(purged)")
    #expect(shell("btrfs", ["qgroup", "limit", "none", volume]))
    #expect(root.recover().status == .done)
    #expect(purge(root).status == .done && root.list().isEmpty)
    #expect(root.exists("exp3/weights/best.pt"))
    withExtendedLifetime(image) {}
  }
}
