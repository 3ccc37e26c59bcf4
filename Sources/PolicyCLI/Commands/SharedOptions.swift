internal import ArgumentParser
internal import PolicyCore

/// `-p FILE` and what goes with it.
struct PolicyOptions: ParsableArguments {
  @Option(name: [.customShort("p"), .customLong("policy")], help: "The policy file.")
  var file: String?

  var policy: String {
    get throws {
      if let file { return file }
      Console.complain("no policy was named", help: "add `-p FILE`, such as `-p policies/yolofuse/policy.yaml`")
      throw ExitStatus.usage.code
    }
  }

  @Option(name: .customLong("set"), help: ArgumentHelp("Give a param another value.", valueName: "name=value"))
  var set: [String] = []

  func assignments() throws -> [(name: String, value: String)] { try Self.assignments(set) }

  static func assignments(_ set: [String], of option: String = "--set") throws -> [(name: String, value: String)] {
    try set.map { item in
      guard let equals = item.firstIndex(of: "="), equals != item.startIndex else {
        throw ValidationError("`\(option) \(item)` has no `name=`: write `\(option) recent=5`")
      }
      return (String(item[..<equals]), String(item[item.index(after: equals)...]))
    }
  }
}

/// Where the runs are: searched now, or in snapshots taken before.
struct TreeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Search these directories instead of the policy's roots.", valueName: "dir"))
  var root: [String] = []

  @Option(help: ArgumentHelp("Decide on a snapshot instead of searching; several are merged.", valueName: "file"))
  var snapshot: [String] = []

  @Option(
    help: ArgumentHelp("Search faster: take over what has not changed since this snapshot.", valueName: "file"))
  var since: String?

  @Option(help: ArgumentHelp("The directory that was given to `apply --state`.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Count ages to this moment instead of the present.", valueName: "time"))
  var now: String?

  /// As though these had been typed.
  static func typed(
    root: [String] = [], snapshot: [String] = [], since: String? = nil, state: String? = nil, now: String?
  ) -> TreeOptions {
    var tree = TreeOptions()
    (tree.root, tree.snapshot, tree.since, tree.state, tree.now) = (root, snapshot, since, state, now)
    return tree
  }

  func moment() throws -> Timestamp? {
    guard let now else { return nil }
    guard let moment = Timestamp(now) else {
      throw ValidationError("`--now \(now)` is no time: write `2027-01-15T08:00:00Z` or `2027-01-15`")
    }
    return moment
  }

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    if !root.isEmpty, !snapshot.isEmpty {
      throw ValidationError("give `--root` or `--snapshot`, not both: a snapshot knows its roots")
    }
    try TypedPath.refuseEmpty(state.map { [$0] } ?? [], of: "--state")
    if state != nil, !snapshot.isEmpty {
      throw ValidationError("give `--state` or `--snapshot`, not both: `--state` is for a search")
    }
    if since != nil, !snapshot.isEmpty {
      throw ValidationError("give `--since` or `--snapshot`, not both: `--since` is for a search")
    }
    _ = try moment()
  }
}

/// `--format` of commands that print text or JSON.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// `--format` of commands that print diagnostics.
enum DiagnosticFormat: String, ExpressibleByArgument, CaseIterable {
  case text, compact, json, github, sarif, junit
}
