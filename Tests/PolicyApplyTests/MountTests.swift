import Foundation
import PolicyCore
import PolicyFormats
import PolicyScan
import Synchronization
import Testing

@testable import PolicyApply

/// Mounts that come and go around a run. Only root can make them; elsewhere these say that they were not shown.
@Suite struct MountTests {
  typealias Mount = RootTests.Mount

  private func scan(_ root: TestRoot) -> ScanResult {
    let clock = Timestamp(nanoseconds: root.clock.now)
    return Scanner.scan(
      ScanRequest(roots: [ByteString(root.path)], now: clock, clock: clock, host: "here", homes: []))
  }

  /// Renaming the parent of a mount point takes the mount along: here it is brought back.
  @Test(arguments: [true, false]) func aMountThatAppearsBeforeTheMoveComesBack(_ isBind: Bool) throws {
    guard RootOnly.isPossible("a mount made during apply") else { return }
    let root = TestRoot()
    root.run("exp1", files: ["deep/er/file": "x"])
    Disk.makeDirectory(root.base + "/elsewhere")
    Disk.write(root.base + "/elsewhere/precious", [1])
    let action = try root.trash("exp1")
    let (inside, elsewhere) = (root.path + "/exp1/deep/er", root.base + "/elsewhere")
    let mounted = Mutex(false)
    let changes = FileChanges(fault: { call in
      guard call.name == "renameat2", !mounted.withLock({ $0 }) else { return nil }
      let isMounted = shell("mount", (isBind ? ["--bind", elsewhere] : ["-t", "tmpfs", "none"]) + [inside])
      mounted.withLock { $0 = isMounted }
      return nil
    })
    let outcome = root.apply([action], changes)
    guard mounted.withLock({ $0 }) else {
      return RootOnly.notShown("a mount made during apply", "mount is not allowed")
    }
    defer { shell("umount", ["-l", inside]) }
    #expect(outcome.status == .partial, "\(outcome)")
    #expect(root.list().isEmpty && root.exists("exp1/weights/best.pt"))
    // The mount is where it was made.
    #expect(Disk.text("/proc/self/mountinfo")?.contains(" \(inside) ") == true)
    if isBind { #expect(Disk.bytes(inside + "/precious") == [1]) }
  }

  @Test func nothingIsRestoredOntoAMountThatCameMeanwhile() throws {
    guard RootOnly.isPossible("a mount over the old folder") else { return }
    let root = TestRoot()
    root.run("alice/exp1")
    #expect(root.apply([try root.trash("alice/exp1")]).status == .done)
    let mount = Mount(root.path + "/alice", ["-t", "tmpfs", "none"])
    guard mount.isMounted else { return RootOnly.notShown("a mount over the old folder", "mount is not allowed") }
    let outcome = root.restore(.plan(root.digest))
    #expect(outcome.status == .partial, "\(outcome)")
    #expect(reason(outcome).contains("another volume or mount"))
    #expect(TestRoot.inventory(of: mount.place).isEmpty && root.list().count == 1)
    withExtendedLifetime(mount) {}
  }

  /// The disk of the root is not mounted: what is left is an empty directory of the same name.
  @Test func anEmptyMountPointIsNotTheRoot() throws {
    guard RootOnly.isPossible("a root that is not mounted") else { return }
    let root = TestRoot()
    let plan: Plan
    let sealed: SealedPlan
    do {
      let mount = Mount(root.path, ["-t", "tmpfs", "none"])
      guard mount.isMounted else { return RootOnly.notShown("a root that is not mounted", "mount is not allowed") }
      root.run("exp1")
      root.run("exp2")
      #expect(root.apply([try root.trash("exp2")]).status == .done)
      root.digestSeed += 1
      plan = root.plan([try root.trash("exp1")])
      sealed = root.seal(plan)
      let mounted = root.root
      withExtendedLifetime(mount) {}
      shell("umount", ["-l", root.path])
      Disk.makeDirectory(root.path)
      #expect(Applier.apply(sealed, options: root.options()) { _, _, _ in root.fresh(plan) }.status == .stale)
      #expect(TrashCan.purge(.elapsed, roots: [mounted], options: root.options()).items.isEmpty)
    }
    Disk.makeDirectory(root.path)
    #expect(root.restore(.plan(root.digest)).status == .nothingChecked)
    #expect(scan(root).snapshot.entities.isEmpty)
    #expect(TestRoot.inventory(of: root.path).isEmpty, "something was made in the empty directory")
  }

  /// The root mounted below itself: a tree without an end.
  @Test func aLoopOfMountsEnds() throws {
    guard RootOnly.isPossible("a loop of mounts") else { return }
    let root = TestRoot()
    root.run("alice/exp1")
    root.run("alice/exp2")
    Disk.makeDirectory(root.path + "/alice/exp1/loop")
    let mount = Mount(root.path + "/alice/exp1/loop", ["--rbind", root.path])
    guard mount.isMounted else { return RootOnly.notShown("a loop of mounts", "mount is not allowed") }
    let found = scan(root).snapshot
    #expect(found.entities.filter { $0.kind == .run }.map(\.path) == ["alice/exp1", "alice/exp2"])
    #expect(found.unreadable.map(\.path) == ["alice/exp1/loop"])
    let outcome = root.apply([try root.trash("alice/exp1"), try root.trash("alice/exp2")])
    #expect(outcome.items.map(\.isDone) == [false, true])
    withExtendedLifetime(mount) {}
  }

  /// Directories that are no roots are known by what they are, not by how they are spelled.
  @Test func aSystemDirectoryUnderAnotherNameIsNoRoot() throws {
    guard RootOnly.isPossible("a bind mount of /etc") else { return }
    let root = TestRoot()
    let mount = Mount(root.path + "/innocent", ["--bind", "/etc"])
    guard mount.isMounted else { return RootOnly.notShown("a bind mount of /etc", "mount is not allowed") }
    func problems(_ paths: [String]) -> [RootProblem.Reason] {
      Scanner.scan(ScanRequest(roots: paths.map { ByteString($0) }, homes: [])).problems.map(\.reason)
    }
    #expect(problems([mount.place]) == [.unsafe("/etc")])
    let again = Mount(root.base + "/again", ["--bind", root.path])
    #expect(again.isMounted)
    #expect(problems([root.path, again.place]) == [.overlapping(ByteString(root.path))])
    withExtendedLifetime((mount, again)) {}
  }

  @Test func immutableThingsStayAndStopNoOther() throws {
    guard RootOnly.isPossible("immutable runs") else { return }
    let root = TestRoot()
    for name in ["exp1", "alice/exp2", "exp3", "exp4"] { root.run(name) }
    let marks = [("+i", "exp1"), ("+a", "alice"), ("+i", "exp4/weights/best.pt")]
    defer { for (_, path) in marks { shell("chattr", ["-ia", root.path + "/" + path]) } }
    for (flag, path) in marks where !shell("chattr", [flag, root.path + "/" + path]) {
      return RootOnly.notShown("immutable runs", "chattr does nothing here")
    }
    let actions = [
      try root.trash("alice/exp2"), try root.trash("exp1"), try root.trash("exp3"), try root.trash("exp4"),
    ]
    let outcome = root.apply(actions)
    #expect(outcome.status == .partial)
    #expect(outcome.items.map(\.isDone) == [false, false, true, true], "\(outcome)")
    for index in [0, 1] { #expect(reason(outcome, index).contains("it may be immutable")) }
    #expect(root.exists("exp1/weights/best.pt") && root.exists("alice/exp2/weights/best.pt"))
    // A run with an immutable file in it can be moved, and moved back.
    #expect(root.restore(.plan(root.digest)).status == .done)
    #expect(root.exists("exp3") && root.exists("exp4/weights/best.pt"))
  }
}
