internal import ArgumentParser
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Decide what would happen, and why. Changes nothing.", discussion: ExitStatus.help)

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var tree: TreeOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Save the plan, to be looked at, diffed and applied.", valueName: "plan"))
  var output: String?

  @Option(help: "text; json; markdown, for a pull request; html, the page of `policy report`.")
  var format: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown, html }

  @Option(help: ArgumentHelp("Show only what concerns this user. Decided is over everybody.", valueName: "name"))
  var user: String?

  @Flag(help: "List what stays, too.")
  var all = false

  @Flag(help: "Status 2 when the plan holds actions.")
  var detailedExitcode = false

  func validate() throws {
    guard user != nil else { return }
    if output != nil {
      throw ValidationError(
        "`--user` shows a part, and only a whole plan can be saved: leave `--output` or `--user` out")
    }
    if format != .text {
      throw ValidationError(
        "`--user` shows a part, as text: leave out `--format \(format.rawValue)`, which shows a whole plan")
    }
  }

  func run() throws {
    let result = try PolicyInput.load(policy)
    let input = try SnapshotInput.take(result.loaded.policy, tree)
    let plan = PlanInput.seal(result, input)
    UntilTheEnd.keep((input.snapshot, plan))
    if let output, format != .text { try Output.save(to: output) { PlanCodec.encode(plan, $0) } }
    switch format {
    case .json: if output == nil { try Console.write { PlanCodec.encode(plan, $0) } }
    case .markdown: try Console.write(PlanMarkdown.render(plan))
    case .html:
      let report = PlanReport(
        sealed: plan, snapshot: input.snapshot, curves: ReportInput.curves(plan, input.snapshot))
      try Console.write { ReportHTML.render(report, $0) }
    case .text:
      let view = try view(of: plan, input)
      let (saved, text) = Together.run(
        { Result { if let output { try Output.save(to: output) { PlanCodec.encode(plan, $0) } } } },
        { PlanText.render(plan, savedAs: output, all: all, view: view, style: Surroundings.style) })
      try saved.get()
      try Console.write(text)
    }
    if tree.snapshot.isEmpty { noteMissingFolders(plan.plan) }
    if !plan.plan.refusals.isEmpty { throw ExitStatus.refused.code }
    if detailedExitcode, !plan.plan.actions.isEmpty { throw ExitStatus.pending.code }
  }

  /// A folder for copies is never made, because an empty mount point looks just like one: better said before the night.
  private func noteMissingFolders(_ plan: Plan) {
    for (verb, what) in [(ActionVerb.backup, "backups"), (.archive, "archives")] {
      let targets = Set(plan.actions.filter { $0.verb == verb }.compactMap(\.target)).filter { $0.hasPrefix("/") }
      for target in targets.sorted() where !Folders.isFolder(target) {
        Console.note(
          "the folder for \(what), \(DisplayText.escape(target)), is not there, and is never made by this program: "
            + "mount its volume, or make it there; until then nothing goes into it")
      }
    }
  }

  private func view(of plan: SealedPlan, _ input: SnapshotInput) throws -> UserView? {
    guard let user = user.map({ ByteString($0) }) else { return nil }
    guard UserView.knows(user, input.snapshot) else {
      Console.complain(
        "no run belongs to `\(DisplayText.escape(user))`", help: "whose runs there are: `policy why-full` lists them")
      throw ExitStatus.nothingChecked.code
    }
    return UserView(of: plan.plan, for: user, in: input.snapshot)
  }
}
