internal import ArgumentParser
internal import Glibc
internal import PolicyApply
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

/// Where a trash, journal or pin lies: named roots, a policy's roots, or the nearest directory above that has one.
struct PlaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The roots.", valueName: "dir"))
  var root: [String] = []

  @Option(
    name: [.customShort("p"), .customLong("policy")], help: "Take the roots, and `purge_after`, from this policy.")
  var policy: String?

  @Option(help: ArgumentHelp("The directory that was given to `apply --state`.", valueName: "dir"))
  var state: String?

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    try TypedPath.refuseEmpty(state.map { [$0] } ?? [], of: "--state")
  }

  /// The roots, and the policy where one was named. `near`: a path whose ancestors are looked at when nothing is named.
  func resolve(near: String? = nil) throws -> (roots: [Root], policy: Policy?) {
    let loaded = try policy.map { try PolicyInput.load($0).loaded.policy }
    if !root.isEmpty { return (try root.map { try checked(ByteString($0)) }, loaded) }
    if let loaded { return (try loaded.roots.map(checked), loaded) }
    if let root = nearest(near ?? ".") { return ([found(root)], nil) }
    Console.complain(
      "no root was named, and no directory from here up has a trash or pins",
      help: "add `--root DIR`, the directory that holds the runs, or `-p FILE`")
    throw ExitStatus.nothingChecked.code
  }

  /// The nearest directory from a path up that has a trash or pins.
  func nearest(_ typed: String) -> ByteString? {
    var path = Surroundings.absolute(ByteString(typed))
    while true {
      if isDirectory(path.bytes + Array("/\(StateLayout.folder)".utf8)) { return path }
      guard !path.isEmpty, path != "/" else { return nil }
      let parent = path.bytes.prefix(upTo: path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)
      path = parent.isEmpty ? "/" : ByteString(parent)
    }
  }

  func options(trigger: String = "manual") -> ApplyOptions {
    var options = ApplyOptions(
      host: Surroundings.host, state: state.map { Surroundings.absolute(ByteString($0)) }, trigger: trigger)
    options.isConfined = true
    return options
  }

  /// The same place in words, for the lines that say what to type next.
  var words: String {
    var words = root.map { " --root \(DisplayText.escape($0))" }.joined()
    if root.isEmpty, let policy { words += " -p \(DisplayText.escape(policy))" }
    if let state { words += " --state \(DisplayText.escape(state))" }
    return words
  }

  /// A path as typed: below the working directory, or else below a root.
  static func path(_ typed: String, _ roots: [Root]) -> ByteString {
    let absolute = Surroundings.absolute(ByteString(typed))
    let readings = TypedPath.readings(typed)
    let candidates =
      readings.map(Surroundings.absolute)
      + roots.flatMap { root in
        readings.map { Surroundings.absolute(ByteString(root.path.bytes + [47] + $0.bytes)) }
      }
    let inside = candidates.filter { path in roots.contains { path.isAtOrBelow($0.path) } }
    return inside.first(where: exists) ?? inside.first ?? absolute
  }

  private static func exists(_ path: ByteString) -> Bool {
    var status = stat()
    return unsafe lstat((path.bytes + [0]).map { CChar(bitPattern: $0) }, &status) == 0
  }

  /// A root that was named: a directory, or the end of the command.
  private func checked(_ path: ByteString) throws -> Root {
    let root = found(path)
    var status = stat()
    let name = (root.path.bytes + [0]).map { CChar(bitPattern: $0) }
    let shown = DisplayText.escape(root.path)
    guard unsafe lstat(name, &status) == 0 else {
      // What cannot be looked at is said by whoever opens it.
      guard errno == ENOENT || errno == ENOTDIR else { return root }
      Console.complain("root \(shown): there is no such directory")
      throw ExitStatus.nothingChecked.code
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return root
    case S_IFLNK:
      Console.complain("root \(shown): it is a symbolic link; write the directory that it points to")
      throw ExitStatus.refused.code
    default:
      Console.complain("root \(shown): it is not a directory; name the directory that holds the runs")
      throw ExitStatus.nothingChecked.code
    }
  }

  private func found(_ path: ByteString) -> Root { Root(host: Surroundings.host, path: Surroundings.absolute(path)) }

  private func isDirectory(_ path: [UInt8]) -> Bool {
    var status = stat()
    let name = (path + [0]).map { CChar(bitPattern: $0) }
    return unsafe lstat(name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension ApplyOutcome {
  /// For the report; `place`: how to name the roots again.
  func summary(plan: String?, place: String) -> ApplySummary {
    ApplySummary(
      items: items.map { item in
        let reason: String? =
          switch item.result {
          case .done: nil
          case .skipped(let reason), .failed(let reason): reason
          }
        return ApplySummary.Item(
          verb: item.verb.rawValue, kind: item.kind, path: item.path, bytes: item.bytes, isDone: item.isDone,
          reason: reason,
          destination: item.archivedAt ?? item.restoredAs)
      }, message: message, notes: notes, freedNow: freedNow, freedLater: freedLater, purgeFrom: purgeFrom, plan: plan,
      place: place)
  }

  /// Shows what became of it, and ends the command with its status. Where nothing was done because something was wrong,
  /// that is said as every other mistake is: what is wrong, and what to write.
  ///
  /// - Parameter help: by what went wrong.
  func tell(place: String, help: [ApplyStatus: String]) throws {
    if items.isEmpty, stoppedBy == nil, status != .done, let message {
      // A sentence of ours may end with the command that helps.
      let parts = message.split(separator: "; `policy ", maxSplits: 1)
      Console.complain(
        DisplayText.escape(String(parts[0])),
        help: parts.count > 1 ? "`policy \(DisplayText.escape(String(parts[1])))" : help[status])
      for note in notes { Console.note(DisplayText.escape(note)) }
    } else {
      try Console.write(ApplyText.render(summary(plan: nil, place: place), style: Surroundings.style))
    }
    try end()
  }

  /// Ends the command with the outcome's status, or with that of the signal that stopped it.
  func end() throws {
    if let stoppedBy { throw ExitCode(128 + stoppedBy) }
    if status != .done { throw ExitCode(status.rawValue) }
  }
}
