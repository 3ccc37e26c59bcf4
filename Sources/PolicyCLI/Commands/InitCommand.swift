internal import ArgumentParser
internal import PolicyCore
internal import PolicyReport

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Look at a tree, say what is there, and write a first policy that fits it.",
    discussion: """
      Changes nothing but the one new file, and never overwrites one. What it writes
      lets go only what can be compared: runs without a score stay.

      \(ExitStatus.help)
      """)

  @Option(help: ArgumentHelp("Directories to look at; `runs` or the working directory.", valueName: "dir"))
  var root: [String] = []

  @Option(help: ArgumentHelp("Count ages to this moment instead of the present.", valueName: "time"))
  var now: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; `-` for standard output.", valueName: "file"))
  var output: String = "policy.yaml"

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    try TypedPath.refuseEmpty([output], of: "--output")
  }

  func run() throws {
    let tree = TreeOptions.typed(now: now)
    let moment = try tree.moment()
    let isPrinted = output == "-"
    if !isPrinted, Files.isThere(output) { try refuse() }
    let file = isPrinted ? "policy.yaml" : output
    let starter = try StarterInput.look(StarterInput.roots(root), file: file, now: moment)
    let style = isPrinted ? Surroundings.errorStyle : Surroundings.style
    let found = SurveyText.render(starter.survey, style: style)
    guard !isPrinted else {
      Console.say(String(found.dropLast()))
      return try Console.write(starter.text)
    }
    if case .failure(let failure) = Files.create(output, Array(starter.text.utf8)) {
      if failure.isThere { try refuse() }
      Console.complain(
        "cannot write `\(DisplayText.escape(output))`: "
          + (failure.isMissing ? "there is no such directory" : failure.reason))
      throw ExitStatus.environment.code
    }
    try Console.write(
      found + "\n"
        + StarterText.render(starter.plan, file: output, isEmpty: starter.survey.runs.count == 0, style: style))
  }

  private func refuse() throws {
    let name = DisplayText.escape(output)
    Console.complain(
      "`\(name)` is there already, and is never overwritten",
      help: "name another file with `-o`, or print the policy with `-o -`")
    throw ExitStatus.refused.code
  }
}
