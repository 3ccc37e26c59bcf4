internal import ArgumentParser
internal import Glibc
internal import PolicyDiagnostics
internal import PolicySyntax

/// One call of the program: finds the command, runs it, ends the process. What was typed wrongly is said like everything
/// else that is wrong: the mistake, and what to write instead.
enum Invocation {
  static func run(_ typed: [String]) -> Never {
    var arguments = typed
    do {
      arguments = try ScanWatch.take(from: ColorChoice.take(from: typed))
      // Asked by way of an error, the parser looks for a completion script first, and lays the page out twice.
      if [[], ["--help"], ["-h"]].contains(arguments) { show(PolicyCommand.helpMessage(includeHidden: false)) }
      try checkCommands(arguments)
      var command = try PolicyCommand.parseAsRoot(arguments)
      try command.run()
    } catch {
      end(error, arguments)
    }
    exit(ExitStatus.done.rawValue)
  }

  private static func end(_ error: any Error, _ arguments: [String]) -> Never {
    if let code = error as? ExitCode { exit(code.rawValue) }
    let code = PolicyCommand.exitCode(for: error)
    if code.isSuccess { show(PolicyCommand.fullMessage(for: error)) }
    guard code == .validationFailure else {
      Console.complain(PolicyCommand.message(for: error))
      exit(ExitStatus.internalError.rawValue)
    }
    let (message, help) = reworded(PolicyCommand.message(for: error), arguments)
    Console.complain(message, help: help)
    exit(ExitStatus.usage.rawValue)
  }

  /// Help and version are results.
  private static func show(_ page: String) -> Never {
    do {
      try Console.write(UsageText.wrapped(page) + "\n")
    } catch {
      exit((error as? ExitCode)?.rawValue ?? ExitStatus.environment.rawValue)
    }
    exit(ExitStatus.done.rawValue)
  }

  // MARK: Commands

  /// The argument parser would complain of the options of a command that it does not know.
  private static func checkCommands(_ arguments: [String]) throws {
    try checkCommand(arguments.first, PolicyCommand.configuration, "policy")
    if let word = arguments.first, let parent = parent(word) {
      try checkCommand(arguments.dropFirst().first, parent, "policy \(word)")
    }
  }

  private static func checkCommand(_ word: String?, _ parent: CommandConfiguration, _ above: String) throws {
    let names = names(parent)
    guard let word, !word.hasPrefix("-"), word != "help", !names.contains(word) else { return }
    let nearest = Spelling.nearest(word, among: names).map { "did you mean `\(above) \($0)`?" }
    let meant =
      removals.contains(word) ? "what may go stands in a policy: `policy plan -p FILE`, then `policy apply`" : nil
    Console.complain(
      "there is no command `\(above) \(word)`",
      help: meant ?? nearest ?? "the commands are \(names.joined(separator: ", "))")
    throw ExitStatus.usage.code
  }

  /// What people type who want space.
  private static let removals: Set<String> = ["rm", "remove", "delete", "clean", "cleanup", "prune"]

  /// A command that has commands of its own.
  private static func parent(_ word: String) -> CommandConfiguration? {
    for command in PolicyCommand.configuration.subcommands where command.configuration.commandName == word {
      return command.configuration.subcommands.isEmpty ? nil : command.configuration
    }
    return nil
  }

  private static func names(_ parent: CommandConfiguration) -> [String] {
    parent.subcommands.compactMap { $0.configuration.commandName }
  }

  // MARK: Wording

  /// The parser's sentence in our spelling: lower case, no full stop, backticks; its second sentence becomes the help.
  private static func reworded(_ text: String, _ arguments: [String]) -> (message: String, help: String?) {
    // What has backticks is ours, and says what to write.
    if text.contains("`") { return (text, nil) }
    var text = String(text.map { $0 == "'" ? "`" : $0 })
    if text.last == "." { text.removeLast() }
    var help = "`\(helpCommand(arguments))` lists what there is"
    if let stop = text.firstRange(of: ". ") {
      help = lowered(String(text[stop.upperBound...]))
      text = String(text[..<stop.lowerBound])
    }
    if let file = arguments.last, file.hasSuffix(".yaml") || file.hasSuffix(".yml"), text.hasPrefix("Unexpected") {
      help = "write `-p` before a policy: `-p \(file)`"
    }
    return (lowered(text), help)
  }

  private static func lowered(_ text: String) -> String {
    text.prefix(1).lowercased() + text.dropFirst()
  }

  private static func helpCommand(_ arguments: [String]) -> String {
    guard let command = arguments.first, names(PolicyCommand.configuration).contains(command) else {
      return "policy --help"
    }
    if let parent = parent(command), arguments.count > 1, names(parent).contains(arguments[1]) {
      return "policy \(command) \(arguments[1]) --help"
    }
    return "policy \(command) --help"
  }
}
