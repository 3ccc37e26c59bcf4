internal import CLinux
internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFormats

/// What a worker process runs: confined first, then told what to do.
public enum WorkerProgram {
  /// The first argument of a worker; nobody else has a use for it.
  public static let argument = "--confined-worker"

  /// The whole life of the process; its exit status. Called before anything else runs in it: confinement is the
  /// thread's, and there must be no other.
  public static func run(_ arguments: [String]) -> Int32 {
    guard arguments.count == 6, let parent = Int32(arguments[1]), let roots = Int32(arguments[2]),
      let places = Int32(arguments[3]), roots >= 0, places >= roots, places <= Int32(mostPlaces),
      let identity = Identity(arguments[4]), fcntl(firstPlace - 1, F_GETFD) >= 0
    else { return 64 }
    umask(0o077)
    SHA256Digest.load()
    policy_close_from(firstPlace + places)
    policy_stop_gently()
    // A program that is fed ends when it likes.
    _ = signal(SIGPIPE, SIG_IGN)
    let channel = WorkChannel(input: 3, output: 4)
    var notes: [String] = []
    do throws(ApplyFailure) {
      try confine(
        Array(firstPlace..<(firstPlace + places)), identity, parent, allowed: arguments[5].split(separator: ","), &notes
      )
    } catch {
      try? channel.send(WorkMessages.encode(error))
      return error.status.rawValue
    }
    do {
      try serve(channel, Int(roots), notes)
    } catch is WorkChannel.Closed {
      return 0
    } catch {
      return 70
    }
    return 0
  }

  /// So many directories can be handed to a worker.
  static let mostPlaces = 60

  /// Number of the first inherited directory.
  private static let firstPlace: Int32 = 5

  private struct Identity {
    var uid: UInt32
    var gid: UInt32
    var groups: [UInt32]
    var isCaller: Bool

    /// `-`, or `uid:gid:group,group`.
    init?(_ text: String) {
      if text == "-" {
        (uid, gid, groups, isCaller) = (geteuid(), getegid(), [], true)
        return
      }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 3, let uid = UInt32(parts[0]), let gid = UInt32(parts[1]) else { return nil }
      let groups = parts[2].split(separator: ",").map { UInt32($0) }
      guard uid != 0, !groups.contains(nil) else { return nil }
      (self.uid, self.gid, self.groups, isCaller) = (uid, gid, groups.compactMap { $0 }, false)
    }
  }

  /// Landlock first, then the owner: a process that has become somebody else could be reached by that somebody.
  private static func confine(
    _ places: [Int32], _ identity: Identity, _ parent: Int32, allowed: [Substring], _ notes: inout [String]
  ) throws(ApplyFailure) {
    let version = unsafe policy_confine(
      places, Int32(places.count), allowed.contains("links") ? 1 : 0, allowed.contains("tools") ? 1 : 0)
    switch version {
    case 1...: notes.append("landlock \(version)")
    case 0: notes.append("no landlock")
    case _: throw ApplyFailure(.environment, "the worker cannot be confined: error \(-version)")
    }
    if !identity.isCaller {
      let result = unsafe policy_become(identity.uid, identity.gid, identity.groups, Int32(identity.groups.count))
      guard result == 0 else {
        throw ApplyFailure(.environment, "the worker cannot become uid \(identity.uid): error \(-result)")
      }
    }
    guard policy_die_with_parent(parent) == 0 else {
      throw ApplyFailure(.environment, "the command that wanted this is gone")
    }
  }

  private static func serve(_ channel: WorkChannel, _ roots: Int, _ notes: [String]) throws {
    let task = try WorkMessages.task(channel.receive())
    var options = ApplyOptions(host: task.host, state: task.state, trigger: task.trigger)
    options.processNotes = task.processNotes + notes
    for (index, root) in task.opening.roots.prefix(roots).enumerated() {
      options.openedRoots[root.path] = firstPlace + Int32(index)
    }
    let session = OwnerSession(options)
    do throws(ApplyFailure) {
      try send(WorkMessages.encode(session.open(task.opening)), channel)
    } catch {
      try channel.send(WorkMessages.encode(error))
      return
    }
    while true {
      let order = try WorkMessages.order(channel.receive())
      try channel.send(WorkMessages.encode(session.carryOut(order)))
    }
  }

  private static func send(_ message: JSONValue, _ channel: WorkChannel) throws(ApplyFailure) {
    do {
      try channel.send(message)
    } catch {
      throw ApplyFailure(.environment, "the command that wanted this is gone")
    }
  }
}
