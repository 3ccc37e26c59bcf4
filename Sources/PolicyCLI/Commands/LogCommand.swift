internal import ArgumentParser
internal import PolicyApply
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "What was done here, to what, why, by whom, for which plan.",
    discussion: """
      With a path: only what was done to it, or to something in it or around it.
      Root sees everybody's.

      \(ExitStatus.help)
      """)

  /// `prometheus`: for the textfile collector of its node exporter.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, prometheus }

  @Argument(help: ArgumentHelp("A run or checkpoint, as it was called.", valueName: "path"))
  var paths: [String] = []

  @OptionGroup var place: PlaceOptions

  @Option(help: "text, json (one object a line) or prometheus.")
  var format: Format = .text

  @Flag(help: "With -p and prometheus: plan as well, and count bytes by user and decision. Changes nothing.")
  var withPlan = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to this file, whole or not at all, instead of standard output.", valueName: "file"))
  var output: String?

  func validate() throws {
    try TypedPath.refuseEmpty(paths)
    if format == .prometheus, !paths.isEmpty {
      throw ValidationError("`--format prometheus` counts everything: leave the path out")
    }
    if withPlan, format != .prometheus || place.policy == nil {
      throw ValidationError("`--with-plan` plans by a policy, for metrics: add `-p FILE` and `--format prometheus`")
    }
  }

  func run() throws {
    let (roots, policy) = try place.resolve(near: paths.first)
    let options = place.options()
    var (entries, problems) = TrashCan.log(roots, options: options)
    for problem in problems { Console.complain(DisplayText.escape(problem.message)) }
    if !paths.isEmpty {
      let wanted = paths.map { PlaceOptions.path($0, roots) }
      entries = entries.filter { root, entry in wanted.contains { Self.concerns(entry, root, $0) } }
      if entries.isEmpty, problems.isEmpty {
        Console.complain(
          "nothing was ever done to \(paths.map { DisplayText.escape($0) }.joined(separator: ", "))",
          help: "`policy log` without a path shows everything; others keep journals of their own, which root sees")
        throw ExitStatus.nothingChecked.code
      }
    }
    let text: [UInt8]
    switch format {
    case .text where entries.isEmpty && !problems.isEmpty: text = []
    case .text: text = Array(LogText.render(entries, style: Surroundings.style).utf8)
    case .json: text = LogText.json(entries)
    case .prometheus:
      let trash = TrashCan.list(roots, options: options, purgeAfter: policy?.trash.purgeAfter).items
      text = Array((LogMetrics.render(entries, trash: trash.map { TrashEntry($0) }) + (try decided())).utf8)
    }
    if let output {
      try Output.save(to: output) { $0(text) }
    } else {
      try Console.write(text)
    }
    if let worst = problems.map(\.status.rawValue).max() { throw ExitCode(worst) }
  }

  /// What the policy would do now, as metrics; nothing unless asked for.
  private func decided() throws -> String {
    guard withPlan, let policy = place.policy else { return "" }
    let tree = TreeOptions.typed(root: place.root, state: place.state, now: nil)
    let result = try PolicyInput.load(policy)
    let input = try SnapshotInput.search(result.loaded.policy, tree)
    return PlanMetrics.render(PlanReport(sealed: PlanInput.seal(result, input), snapshot: input.snapshot))
  }

  /// Whether an entry speaks of a path, of something in it, or of what holds it.
  private static func concerns(_ entry: LogEntry, _ root: ByteString, _ path: ByteString) -> Bool {
    [entry.path, entry.destination].contains { relative in
      guard let relative else { return false }
      let place = ByteString(root.bytes + [UInt8(ascii: "/")] + relative.bytes)
      return place.isAtOrBelow(path) || path.isAtOrBelow(place)
    }
  }
}
