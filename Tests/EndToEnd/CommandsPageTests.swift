internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// The page of commands knows every command, every flag and every exit status, and none that is not there.
struct CommandsPageTests {
  private static let page = "Docs/Reference/commands.md"

  @Test func `every command and flag has its line, and nothing else has one`() throws {
    let sections = try Self.sections()
    var commands: [String] = []
    for command in try Self.commands() {
      commands.append(command.name)
      let shown = try #require(sections[command.name], "\(Self.page) has no section `\(command.name)`")
      #expect(Self.flags(shown) == command.flags.sorted(), "the flags of `\(command.name)` on \(Self.page)")
    }
    #expect(commands.count >= 15)
    #expect(sections.keys.sorted() == commands.sorted())
  }

  @Test func `every exit status has its line`() throws {
    let sandbox = try Sandbox()
    let help = try sandbox.run("policy plan --help").output.components(separatedBy: "\n")
    let start = try #require(help.firstIndex(of: "EXIT STATUS"))
    let statuses = help[(start + 1)...].prefix { !$0.isEmpty }.compactMap { $0.split(separator: " ").first }
    #expect(statuses.count >= 10)
    let text = try Self.text()
    for status in statuses { #expect(text.contains("\n| \(status) | "), "status \(status)") }
  }

  private static func text() throws -> String {
    try String(contentsOfFile: repositoryRoot + "/" + page, encoding: .utf8)
  }

  /// What stands under each heading that names a command.
  private static func sections() throws -> [String: [String]] {
    var sections: [String: [String]] = [:]
    var current: String?
    for line in try text().components(separatedBy: "\n") {
      if line.hasPrefix("#") {
        let title = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
        current = title.hasPrefix("policy ") ? title : nil
        if let current { sections[current] = [] }
      } else if let current {
        sections[current]?.append(line)
      }
    }
    return sections
  }

  /// The long flags in the first column of a table.
  private static func flags(_ lines: [String]) -> [String] {
    lines.filter { $0.hasPrefix("| `") }.flatMap { line in
      (line.components(separatedBy: " | ").first ?? "").components(separatedBy: "`")
        .filter { $0.hasPrefix("--") }
        .map { $0.components(separatedBy: " ").first ?? $0 }
    }.sorted()
  }

  private struct Command {
    var name: String
    var flags: [String]
  }

  /// As the program itself tells them.
  private static func commands() throws -> [Command] {
    let outcome = try Sandbox().run("policy --experimental-dump-help")
    let dump = try JSONDecoder().decode(Dump.self, from: Data(outcome.output.utf8))
    return dump.command.all(under: [])
  }

  private struct Dump: Decodable {
    var command: Node

    struct Node: Decodable {
      var commandName: String
      var subcommands: [Node]?
      var arguments: [Argument]?

      func all(under path: [String]) -> [Command] {
        let path = path + [commandName]
        let below = (subcommands ?? []).filter { $0.commandName != "help" }.flatMap { $0.all(under: path) }
        guard path.count > 1 else { return below }
        let flags = (arguments ?? []).filter { $0.shouldDisplay ?? true }.flatMap { $0.names ?? [] }
          .filter { $0.kind == "long" && !["help", "version"].contains($0.name) }.map { "--" + $0.name }
        return [Command(name: path.joined(separator: " "), flags: flags)] + below
      }
    }

    struct Argument: Decodable {
      var names: [Name]?
      var shouldDisplay: Bool?
    }

    struct Name: Decodable {
      var kind: String
      var name: String
    }
  }
}
