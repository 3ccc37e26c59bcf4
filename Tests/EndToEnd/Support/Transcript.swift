internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// A file of cases, each a little session at a terminal:
///
///     ## a plan that was cut short
///     (needs: root)                      only where that can be had: `root`, `mounts`
///     (changes)                          runs may be moved; without this nothing below `runs` may change
///     $ head -c 900 plan.json > cut.json a command, typed in a fresh `Lab`
///     $ policy apply cut.json
///     error[P0412]: …                    what it prints, to the letter
///     [status 1]                         how it ends, when not with 0
///
/// With `RECORD_TRANSCRIPTS=1` the files are written anew from what happens; look at the difference before committing.
struct Transcript: Sendable, CustomTestStringConvertible {
  struct Step: Sendable {
    let command: String
    var expected: [String] = []
  }
  let file: String
  let title: String
  var needs: String?
  var changes = false
  var steps: [Step] = []

  var testDescription: String { title }

  static var folder: String { repositoryRoot + "/Tests/Corpus/cli" }

  static func all(_ file: String) -> [Transcript] {
    let text = (try? String(contentsOfFile: "\(folder)/\(file).txt", encoding: .utf8)) ?? ""
    var cases: [Transcript] = []
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("## ") {
        cases.append(Transcript(file: file, title: String(line.dropFirst(3))))
      } else if let last = cases.indices.last {
        if line.hasPrefix("(needs: ") {
          cases[last].needs = String(line.dropFirst(8).dropLast())
        } else if line == "(changes)" {
          cases[last].changes = true
        } else if line.hasPrefix("$ ") {
          cases[last].steps.append(Step(command: String(line.dropFirst(2))))
        } else if let step = cases[last].steps.indices.last {
          cases[last].steps[step].expected.append(line)
        }
      }
    }
    for index in cases.indices {
      for step in cases[index].steps.indices {
        while cases[index].steps[step].expected.last?.isEmpty == true { cases[index].steps[step].expected.removeLast() }
      }
    }
    return cases
  }

  /// What is typed and what comes out, as the file has it.
  private func text(_ lines: [[String]]) -> String {
    var text = "## \(title)\n"
    if let needs { text += "(needs: \(needs))\n" }
    if changes { text += "(changes)\n" }
    for (step, lines) in zip(steps, lines) { text += (["$ " + step.command] + lines).joined(separator: "\n") + "\n" }
    return text
  }

  func play() throws {
    guard canRun else { return }
    let lab = try Lab()
    let before = try lab.contents()
    let outcomes = try lab.run(steps.map(\.command))
    try #require(outcomes.count == steps.count, "\(title): the shell ended early")
    let actual = outcomes.map(Self.lines)
    for (step, lines) in zip(steps, actual) {
      #expect(
        lines == step.expected,
        "\(file): \(title): `\(step.command)` came out as\n\(lines.joined(separator: "\n"))")
      let words = lines.joined(separator: "\n")
      #expect(!words.contains("Fatal error") && !words.contains("PolicyC"), "\(title): no internals are shown")
    }
    if !changes { #expect(try lab.contents() == before, "\(title): nothing may change") }
    if ProcessInfo.processInfo.environment["RECORD_TRANSCRIPTS"] == "1" { try record(actual) }
  }

  private static let recording = NSLock()

  /// Puts what came out in the place of what was expected.
  private func record(_ actual: [[String]]) throws {
    try Self.recording.withLock {
      let sections = Self.all(file).map { other in
        other.title == title ? text(actual) : other.text(other.steps.map(\.expected))
      }
      try Data(sections.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: "\(Self.folder)/\(file).txt"))
    }
  }

  private static func lines(_ outcome: Shell.Outcome) -> [String] {
    var lines = outcome.output.components(separatedBy: "\n")
    while lines.last?.isEmpty == true { lines.removeLast() }
    // Spaces at the ends of lines do not survive editors.
    lines = lines.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    if outcome.status != 0 { lines.append("[status \(outcome.status)]") }
    return lines
  }

  private var canRun: Bool {
    guard let needs else { return true }
    let test = needs == "mounts" ? "d=$(mktemp -d) && unshare -m mount -t tmpfs tmpfs \"$d\"" : "[ \"$(id -u)\" = 0 ]"
    if (try? Shell.run(test, in: "/tmp").status) == 0 { return true }
    print("NOT RUN: \(title) needs \(needs)")
    return false
  }
}
