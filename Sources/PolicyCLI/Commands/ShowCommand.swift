internal import ArgumentParser
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print a saved plan, or a policy with everything resolved.",
    discussion: ExitStatus.help)

  @Argument(help: "A plan; with --resolved a policy.")
  var file: String

  @Flag(
    help: "Print the flat policy: imports, params, sugar and implicit rules resolved, each with where it came from.")
  var resolved = false

  @Option(name: .customLong("set"), help: ArgumentHelp("Give a param another value.", valueName: "name=value"))
  var set: [String] = []

  @Option(help: "text or json (of a plan).")
  var format: OutputFormat = .text

  @Flag(help: "List what stays, too.")
  var all = false

  func validate() throws {
    if resolved, format == .json {
      throw ValidationError("`--resolved` prints a policy, which is YAML: leave out `--format json`")
    }
  }

  func run() throws {
    if resolved {
      let result = try PolicyInput.load(file, set: PolicyOptions.assignments(set))
      return try Console.write(PolicyPrinter.resolved(result.loaded, result.sources))
    }
    let plan = try PlanInput.read(file)
    switch format {
    case .json: try Console.write(PlanCodec.encode(plan))
    case .text: try Console.write(PlanText.render(plan, savedAs: file, all: all, style: Surroundings.style))
    }
  }
}
