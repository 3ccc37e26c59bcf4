internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// A reader who types a page's commands: in a directory that the page calls `/home/you`, and with another one for its
/// `/dev/shm`.
final class PageSession {
  let sandbox: Sandbox
  private let memory: Sandbox
  /// Digests as the page shows them, and as they are this time.
  private var digests: [(shown: String, actual: String)] = []

  init() throws {
    sandbox = try Sandbox(nameOfLength: 4)
    memory = try Sandbox(nameOfLength: 3)
    // A quarter of an hour older than it makes them, so that no age changes its words while the page runs.
    let outcome = try sandbox.run(
      """
      umask 022; cp -r "$REPOSITORY/policies" . && mkdir scripts &&
        grep -qF 'now=$(date +%s)' "$REPOSITORY/scripts/demo-tree" &&
        sed 's/^now=.*/now=$(( $(date +%s) - 900 ))/' "$REPOSITORY/scripts/demo-tree" >scripts/demo-tree &&
        chmod +x scripts/demo-tree
      """)
    #expect(outcome.status == 0, "the directory of a page could not be made:\n\(outcome.output)")
  }

  /// Types a command of a setup comment.
  func run(_ command: String) throws -> Shell.Outcome {
    try sandbox.run("umask 022; " + command.replacing("/dev/shm", with: memory.path))
  }

  /// Types a command that the page shows together with this output.
  func type(_ command: String, showing expected: [String]) throws -> Shell.Outcome {
    let outcome = try run(renewed(command))
    let output = outcome.output
      .replacing(memory.path, with: "/dev/shm")
      .replacing(sandbox.path, with: "/home/you")
      .replacing("user \(NSUserName())", with: "user you")
      .replacing("by uid \(getuid())", with: "by uid 1000")
    let shown = Volatile.digests(expected.joined(separator: "\n"))
    for (shown, actual) in zip(shown, Volatile.digests(output)) where !digests.contains(where: { $0.shown == shown }) {
      digests.append((shown, actual))
    }
    return Shell.Outcome(status: outcome.status, output: output)
  }

  /// A command with the digests of this time; whole ones first, because short ones begin them.
  func renewed(_ command: String) -> String {
    digests.sorted { $0.shown.count > $1.shown.count }.reduce(command) { $0.replacing($1.shown, with: $1.actual) }
  }
}
