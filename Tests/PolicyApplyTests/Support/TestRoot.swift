import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Synchronization

@testable import PolicyApply

/// A root with runs on the real file system, plans made from what is there, and the means to look at the result.
final class TestRoot {
  let base: String
  let path: String
  static let hour: Int64 = 3_600_000_000_000
  let clock: TestClock
  var policy = Policy(name: "test", rules: Policy.implicitRules())
  var uid = geteuid()
  var state: String?
  /// Items that share their syncs.
  var batch = TrashMover.largestBatch
  /// Runs that a fresh look finds beside what is planned: those that planned things lie in.
  var runsAround: [String] = []
  /// Two plans made in one test differ, unless it says otherwise.
  var digestSeed = 10_000_000
  /// Of the plan sealed last.
  private(set) var digest = ""

  /// `at`: an existing directory to build in, such as a mount point. `inMemory`: where there is a file system in memory,
  /// on that: thousands of syncs then cost nothing, and a stopped process leaves the same as on a disk.
  init(at place: String? = nil, inMemory: Bool = false) {
    let memory = "/dev/shm/"
    let isThere = inMemory && FileManager.default.isWritableFile(atPath: memory)
    base = place ?? (isThere ? memory : NSTemporaryDirectory()) + "policy-apply-" + UUID().uuidString
    path = base + "/runs"
    // Files are older than any grace without anybody touching their times.
    clock = TestClock(now: Disk.now() + 2 * Self.hour)
    Disk.makeDirectory(base, 0o755)
    Disk.makeDirectory(path, 0o755)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: base)
    } catch {
      shell("chmod", ["-R", "u+rwX", base])
      shell("rm", ["-rf", base])
    }
  }

  // MARK: trees

  func write(_ file: String, _ text: String = "data") {
    let full = path + "/" + file
    let folder = full.split(separator: "/").dropLast().joined(separator: "/")
    try? FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
    Disk.write(full, Array(text.utf8))
  }

  func run(_ name: String, files: [String: String] = [:]) {
    write(name + "/args.yaml", "task: detect")
    write(name + "/weights/best.pt", "best of " + name)
    write(name + "/weights/last.pt", "last of " + name)
    for (file, text) in files { write(name + "/" + file, text) }
  }

  func exists(_ file: String) -> Bool {
    Disk.status(path + "/" + file) != nil
  }

  func text(_ file: String) -> String? {
    FileManager.default.contents(atPath: path + "/" + file).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Every entry below the root with its type, link target and text; stamps apart. `.policy` left out unless asked for.
  func inventory(withState: Bool = false) -> [String] {
    Self.inventory(of: path).filter { withState || !($0.hasPrefix(".policy")) }
  }

  static func inventory(of path: String) -> [String] {
    guard let walker = FileManager.default.enumerator(atPath: path) else { return [] }
    var lines: [String] = []
    for case let name as String in walker {
      let full = path + "/" + name
      guard let status = Disk.status(full) else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: lines.append("\(name)/ \(status.st_ino)")
      case S_IFREG:
        let text = FileManager.default.contents(atPath: full).map { String(decoding: $0, as: UTF8.self) } ?? "?"
        lines.append("\(name) \(status.st_ino) \(text)")
      case _: lines.append("\(name) other")
      }
    }
    return lines.sorted()
  }

  // MARK: plans

  var root: Root {
    let status = Disk.status(path)
    return Root(
      host: "here", path: ByteString(path), device: status.map { UInt64($0.st_dev) },
      inode: status.map { UInt64($0.st_ino) })
  }

  func identity(_ name: String) throws -> Identity {
    guard let parts = RelativePath(Array(name.utf8))?.split else { throw TestFailure("no path: \(name)") }
    let folder = try DirectoryDescriptor.openRoot(Array(path.utf8)).open(parts.parent)
    return Identity(try TreeSummary.of(folder, parts.last))
  }

  func trash(_ name: String, kind: EntityKind = .run, rule: String = "stale") throws -> Action {
    let identity = try identity(name)
    return Action(
      verb: .trash, kind: kind, host: "here", root: ByteString(path), path: ByteString(name), owner: "tester",
      bytes: identity.bytes, because: [Reason(rule: rule, readings: [FactReading(fact: "age", value: "30d")])],
      expect: identity, purgeAfter: policy.trash.purgeAfter)
  }

  /// Where archives go: beside the root.
  var target: String { base + "/cold" }

  func archive(_ name: String, to place: String? = nil, rule: String = "cold") throws -> Action {
    var action = try trash(name, rule: rule)
    (action.verb, action.target, action.purgeAfter) = (.archive, place ?? target, nil)
    if place == nil { Disk.makeDirectory(target, 0o755) }
    return action
  }

  /// Where backups go: beside the root.
  var nas: String { base + "/nas" }

  func backup(
    _ name: String, to place: String? = nil, kind: EntityKind = .run, rule: String = "keepers"
  ) throws -> Action {
    var action = try trash(name, kind: kind, rule: rule)
    (action.verb, action.target, action.purgeAfter) = (.backup, place ?? nas, nil)
    if place == nil { Disk.makeDirectory(nas, 0o755) }
    return action
  }

  /// Trashes the newest archive of a run.
  func trashArchive(_ name: String, rule: String = "too-cold") throws -> Action {
    guard let archive = try history().keptArchive(of: ByteString(name)), let own = Name(archive.place.name.bytes) else {
      throw TestFailure("no archive of \(name)")
    }
    let identity = Identity(try TreeSummary.of(.openRoot(archive.place.folder.bytes), own))
    return Action(
      verb: .trash, kind: .run, host: "here", root: ByteString(path), path: ByteString(name), tier: .archived,
      owner: "tester", bytes: identity.bytes, because: [Reason(rule: rule)], expect: identity,
      purgeAfter: policy.trash.purgeAfter)
  }

  func purge(_ record: String, _ name: String, rule: String = "trash.purge_after") -> Action {
    Action(
      verb: .purge, kind: .run, host: "here", root: ByteString(path), path: ByteString(name), record: record,
      owner: "tester", bytes: 1, because: [Reason(rule: rule)])
  }

  func plan(_ actions: [Action], checks: [Check] = [], refusals: [String] = []) -> Plan {
    Plan(
      now: Timestamp(nanoseconds: clock.now - Self.hour), roots: [root],
      actions: actions.sorted { ($0.verb.phase, $0.path) < ($1.verb.phase, $1.path) }, held: [], undecided: [],
      unmet: [],
      checks: checks, counts: Plan.Counts(), refusals: refusals)
  }

  func seal(_ plan: Plan) -> SealedPlan {
    let sealed = PlanCodec.seal(
      plan, policy: policy, files: [], locations: [:],
      snapshotDigest: "sha256:" + String(repeating: "0", count: 56) + String(digestSeed))
    digest = sealed.digest
    return sealed
  }

  func options(_ changes: FileChanges = FileChanges()) -> ApplyOptions {
    let times = clock
    let clock = ApplyClock(
      now: { Timestamp(nanoseconds: times.now) }, boot: { BootMark(id: "boot", uptime: times.uptime) })
    var options = ApplyOptions(host: "here", state: state.map { ByteString($0) }, clock: clock)
    options.changes = changes
    options.uid = uid
    options.batch = batch
    return options
  }

  /// What a fresh scan would show for these actions: each still planned, each run with its bytes.
  func fresh(_ plan: Plan) -> Replanned {
    var entities = runsAround.filter(exists).map {
      Entity(kind: .run, path: ByteString($0), facts: FactRow(["bytes": .integer(1)]))
    }
    for action in plan.actions where action.verb != .purge {
      guard action.tier == .archived || exists(action.path.displayText) else { continue }
      entities.append(
        Entity(
          kind: action.kind, path: action.path, tier: action.tier, facts: FactRow(["bytes": .integer(action.bytes)]),
          identity: action.expect))
    }
    var fresh = plan
    fresh.refusals = []
    return Replanned(plan: fresh, snapshot: Snapshot(now: plan.now, roots: plan.roots, entities: entities))
  }

  @discardableResult func apply(_ actions: [Action], _ changes: FileChanges = FileChanges()) -> ApplyOutcome {
    let plan = plan(actions)
    return Applier.apply(seal(plan), options: options(changes)) { _, _, _ in self.fresh(plan) }
  }

  func restore(_ what: TrashCan.Restoring, _ changes: FileChanges = FileChanges()) -> ApplyOutcome {
    TrashCan.restore(what, roots: [root], options: options(changes))
  }

  func recover() -> ApplyOutcome { TrashCan.recover([root], options: options()) }

  func list() -> [TrashListing] { TrashCan.list([root], options: options()).items }

  var trashFiles: String { ".policy/\(uid)/trash/files" }

  func history() throws -> JournalHistory {
    let home =
      state.map { $0 + "/" + StateLayout.stateName(root: ByteString(path)) + "/\(uid)" } ?? path + "/.policy/\(uid)"
    let data = FileManager.default.contents(atPath: home + "/journal") ?? Data()
    return try JournalHistory.read(Array(data))
  }
}

/// A wall clock and a boot clock that a test turns.
final class TestClock: Sendable {
  private let times: Mutex<(now: Int64, uptime: Int64)>
  init(now: Int64) { times = Mutex((now, 1000)) }
  var now: Int64 { times.withLock { $0.now } }
  var uptime: Int64 { times.withLock { $0.uptime } }
  func advance(_ nanoseconds: Int64, wall: Bool = true, boot: Bool = true) {
    times.withLock { times in
      if wall { times.now += nanoseconds }
      if boot { times.uptime += nanoseconds }
    }
  }
}

struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

@discardableResult func shell(_ command: String, _ arguments: [String]) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [command] + arguments
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  do { try process.run() } catch { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}
