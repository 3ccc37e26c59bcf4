internal import ArgumentParser

public enum PolicyCLI {
  public static func run() { Root.main() }
}

struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "policy")
}
