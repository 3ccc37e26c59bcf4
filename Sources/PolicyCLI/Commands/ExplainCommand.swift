internal import ArgumentParser
internal import PolicyCore
internal import PolicyReport
internal import PolicySyntax

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what every rule says about one run or checkpoint; or what a code such as P0330 means.",
    discussion: ExitStatus.help)

  @Argument(help: "A run or checkpoint (absolute, below the working directory, or as plans name it), or a code.")
  var path: String?

  @Flag(help: "List all codes.")
  var list = false

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var tree: TreeOptions

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    if list { return try Console.write(CodePageText.list(style: Surroundings.style)) }
    guard let path else {
      Console.complain(
        "nothing was named",
        help: "name a run, a checkpoint or a code: `policy explain P0330`; `--list` shows all codes")
      throw ExitStatus.usage.code
    }
    if ExplainCode.isCode(path), policy.file == nil { return try ExplainCode(code: path, format: format).run() }
    let result = try PolicyInput.load(policy)
    let input = try SnapshotInput.take(result.loaded.policy, tree)
    guard let entity = find(path, input.snapshot) else {
      Console.complain(
        "no run or checkpoint is called `\(DisplayText.escape(path))`", help: nearest(path, input.snapshot))
      throw ExitStatus.nothingChecked.code
    }
    let explanation = Explanation(
      snapshot: input.snapshot, entity: entity, plan: Planner.plan(result.loaded.policy, on: input.snapshot),
      verdicts: Planner.verdicts(result.loaded.policy, on: input.snapshot, entity: entity),
      policy: result.loaded.policy,
      nextChange: NextChange.of(entity, result.loaded.policy, on: input.snapshot))
    switch format {
    case .text: try Console.write(ExplainText.render(explanation, style: Surroundings.style))
    case .json: try Console.write(ExplainText.json(explanation))
    }
  }

  /// By absolute path, by path below the working directory, or by path below a root.
  private func find(_ path: String, _ snapshot: Snapshot) -> Int? {
    for reading in TypedPath.readings(path) {
      if let found = find(reading, snapshot) { return found }
    }
    return nil
  }

  private func find(_ typed: ByteString, _ snapshot: Snapshot) -> Int? {
    var wanted = typed
    while wanted.bytes.count > 1, wanted.bytes.last == UInt8(ascii: "/") {
      wanted = ByteString(wanted.bytes.dropLast())
    }
    let absolute = Surroundings.absolute(wanted)
    func matches(_ test: (Entity) -> Bool) -> Int? { snapshot.entities.firstIndex(where: test) }
    return matches { entity in
      let root = snapshot.roots[entity.root].path
      let slash = root.bytes.last == UInt8(ascii: "/") || entity.path.isEmpty ? [] : [UInt8(ascii: "/")]
      return ByteString(root.bytes + slash + entity.path.bytes) == absolute
    } ?? matches { $0.path == wanted }
  }

  private func nearest(_ path: String, _ snapshot: Snapshot) -> String? {
    let last = ByteString(path).lastComponent
    let alike = snapshot.entities.filter { $0.path.lastComponent == last }.prefix(3)
    guard !alike.isEmpty else { return "`policy plan --all` lists what there is" }
    return "did you mean \(alike.map { "`\(DisplayText.escape($0.path))`" }.joined(separator: " or "))?"
  }
}
