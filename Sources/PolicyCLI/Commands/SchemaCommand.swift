internal import ArgumentParser
internal import PolicyLSP
internal import PolicyReport

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print a JSON Schema of policy files, for editors.", discussion: ExitStatus.help)

  @Option(name: .shortAndLong, help: ArgumentHelp("Write it to a file.", valueName: "file"))
  var output: String?

  func run() throws {
    let schema = PolicySchema.render()
    guard let output else { return try Console.write(schema) }
    if case .failure(let failure) = Files.write(to: output, { $0(schema) }) {
      Console.complain(
        "cannot write `\(DisplayText.escape(output))`: \(failure.reason)",
        help: failure.isMissing ? "make the directory first" : nil)
      throw ExitStatus.environment.code
    }
  }
}
