internal import ArgumentParser
internal import PolicyApply
internal import PolicyReport

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "What was done here, to what, why, and for which plan.",
    discussion: ExitStatus.help)

  @OptionGroup var place: PlaceOptions

  @Option(help: "text or json (one object a line).")
  var format: OutputFormat = .text

  func run() throws {
    let (roots, _) = try place.resolve()
    let (entries, problems) = TrashCan.log(roots, options: place.options())
    for problem in problems { Console.complain(DisplayText.escape(problem.message)) }
    switch format {
    case .text where entries.isEmpty && !problems.isEmpty: break
    case .text: try Console.write(LogText.render(entries, style: Surroundings.style))
    case .json: try Console.write(LogText.json(entries))
    }
    if let worst = problems.map(\.status.rawValue).max() { throw ExitCode(worst) }
  }
}
