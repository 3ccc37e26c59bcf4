internal import CLinux
internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The command's end of a worker: this same program, executed again with the roots, the trash and the state open, which
/// confines itself to them, becomes the owner, and only then reads what it is to do.
final class ConfinedWorker: OwnerWork {
  let uid: UInt32
  private let options: ApplyOptions
  private var channel: WorkChannel?
  private var process: Int32 = 0

  init(_ uid: UInt32, _ options: ApplyOptions) {
    self.uid = uid
    self.options = options
  }

  deinit { _ = end() }

  func open(_ opening: WorkOpening) throws(ApplyFailure) -> WorkOpened {
    try start(opening)
    let task = WorkMessages.Task(
      host: options.host, state: options.state, trigger: options.trigger,
      processNotes: options.processNotes + (options.actsForOthers ? ["by root"] : []), opening: opening)
    let fields = try ask(WorkMessages.encode(task))
    do {
      if let failure = try WorkMessages.failure(fields) { throw failure }
      return try WorkMessages.opened(fields)
    } catch let failure as ApplyFailure {
      throw failure
    } catch {
      throw gone()
    }
  }

  func carryOut(_ order: WorkOrder) -> ApplyOutcome {
    do throws(ApplyFailure) {
      let fields = try ask(WorkMessages.encode(order))
      do throws(FormatError) {
        return try WorkMessages.outcome(fields)
      } catch {
        throw gone()
      }
    } catch {
      return ApplyOutcome(error)
    }
  }

  private func ask(_ message: JSONValue) throws(ApplyFailure) -> JSONFields {
    guard let channel else { throw ApplyFailure(.environment, "there is no worker") }
    do {
      try channel.send(message)
      return try channel.receive()
    } catch {
      throw gone()
    }
  }

  /// Ends it, and says how it ended.
  private func gone() -> ApplyFailure {
    let status = end()
    let how = status > 128 ? "was ended by signal \(status - 128)" : "ended with status \(status)"
    return ApplyFailure(
      .environment,
      "the worker of uid \(uid) \(how) before it was done; the next run settles what it had begun (or `policy recover`)"
    )
  }

  // MARK: process

  private func start(_ opening: WorkOpening) throws(ApplyFailure) {
    var folders: [Folder] = []
    for root in opening.roots { folders.append(try options.opening(root).openRoot()) }
    let rootCount = folders.count
    // Places that are not below a root; whoever uses them says what is wrong with them.
    if let destination = opening.destination {
      do throws(SystemError) {
        folders.append(try Folder(.openRoot(destination.bytes)))
      } catch {
        throw ApplyFailure(.environment, "\(destination.displayText): \(error.text)")
      }
    }
    let archives = opening.archives + options.archiveFolders(opening.roots, of: uid)
    for place in [options.state, opening.trashDirectory] + archives where folders.count < WorkerProgram.mostPlaces {
      if let place, place.bytes.first == UInt8(ascii: "/"), let folder = try? Folder(.openRoot(place.bytes)) {
        folders.append(folder)
      }
    }
    let variables = opening.usesTools ? toolVariables : []
    if opening.usesTools, folders.count < WorkerProgram.mostPlaces,
      let settings = variables.first(where: { $0.hasPrefix("HOME=") }).map({ $0.dropFirst(5) + "/.config/rclone" }),
      let folder = try? Folder(.openRoot(Array(settings.utf8)))
    {
      // Where a token is renewed.
      folders.append(folder)
    }
    let identity = try identity()
    var (toWorker, fromWorker): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard unsafe policy_pipe(&toWorker) == 0 else { throw ApplyFailure(.environment, "no pipe can be made") }
    guard unsafe policy_pipe(&fromWorker) == 0 else {
      for end in toWorker { _ = policy_close(end) }
      throw ApplyFailure(.environment, "no pipe can be made")
    }
    let inherited = [toWorker[0], fromWorker[1]] + folders.map { $0.directory.rawValue }
    let arguments = [
      "policy", WorkerProgram.argument, "\(getpid())", "\(rootCount)", "\(folders.count)", identity,
      [opening.destination == nil ? "-" : "links", opening.usesTools ? "tools" : "-"].joined(separator: ","),
    ]
    let result = Self.spawn(arguments, variables, inherited, &process)
    _ = policy_close(toWorker[0])
    _ = policy_close(fromWorker[1])
    channel = WorkChannel(input: fromWorker[0], output: toWorker[1])
    guard result == 0 else {
      _ = end()
      throw ApplyFailure(.environment, "no worker can be started: \(SystemError(errno: -result, call: "spawn").text)")
    }
    policy_remember_worker(process, 1)
  }

  /// `-` for the caller, or `uid:gid:group,group`.
  private func identity() throws(ApplyFailure) -> String {
    guard uid != options.uid else { return "-" }
    var groups = [UInt32](repeating: 0, count: 1024)
    var gid: UInt32 = 0
    var name = [CChar](repeating: 0, count: 256)
    let capacity = Int32(groups.count)
    let count = unsafe policy_user(uid, &name, name.count, &gid, &groups, capacity)
    // Somebody whose account is gone, or is another machine's, has a number and nothing else.
    if count == -ENOENT { return "\(uid):65534:" }
    guard count >= 0 else { throw ApplyFailure(.environment, "the groups of uid \(uid) cannot be read") }
    return "\(uid):\(gid):" + groups.prefix(Int(count)).map(String.init).joined(separator: ",")
  }

  /// What a tool is configured by: the caller's, or of another owner the home directory alone, and never the caller's
  /// secrets: that owner could read them.
  private var toolVariables: [String] {
    if uid == options.uid { return Tool.allVariables.filter { Tool.isPassedOn($0.prefix { $0 != "=" }) } }
    var home = [CChar](repeating: 0, count: 4096)
    guard unsafe policy_home(uid, &home, home.count) == 0 else { return [] }
    let bytes = home.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return ["HOME=" + String(decoding: bytes, as: UTF8.self)]
  }

  private static func spawn(
    _ arguments: [String], _ more: [String], _ inherited: [Int32], _ process: inout Int32
  ) -> Int32 {
    let environment = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "SWIFT_BACKTRACE=enable=no"] + more
    let words = unsafe arguments.map { unsafe strdup($0) }
    let variables = unsafe environment.map { unsafe strdup($0) }
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    let argv = unsafe words.map { unsafe UnsafePointer<CChar>($0) } + [nil]
    let envp = unsafe variables.map { unsafe UnsafePointer<CChar>($0) } + [nil]
    return unsafe policy_spawn_worker(argv, envp, inherited, Int32(inherited.count), &process)
  }

  /// Closes the pipes, which ends the worker, and waits for it.
  private func end() -> Int32 {
    guard let channel else { return 0 }
    self.channel = nil
    _ = policy_close(channel.output)
    var status: Int32 = 0
    if process > 0 {
      status = policy_wait(process)
      policy_remember_worker(process, 0)
      process = 0
    }
    _ = policy_close(channel.input)
    return status
  }
}
