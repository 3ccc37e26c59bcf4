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

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @Flag(help: "List what stays, too.")
  var all = false

  @Flag(help: "Status 2 when the plan holds actions.")
  var detailedExitcode = false

  func run() throws {
    let result = try PolicyInput.load(policy)
    let input = try SnapshotInput.take(result.loaded.policy, tree)
    let plan = PlanInput.seal(result, input)
    if let output { try Output.save(to: output) { PlanCodec.encode(plan, $0) } }
    switch format {
    case .json: if output == nil { try Console.write { PlanCodec.encode(plan, $0) } }
    case .text: try Console.write(PlanText.render(plan, savedAs: output, all: all, style: Surroundings.style))
    }
    if !plan.plan.refusals.isEmpty { throw ExitStatus.refused.code }
    if detailedExitcode, !plan.plan.actions.isEmpty { throw ExitStatus.pending.code }
  }
}
