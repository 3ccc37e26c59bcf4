internal import ArgumentParser
internal import PolicyCore
internal import PolicyReport
internal import PolicySyntax

struct WhyFullCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why-full", abstract: "What fills the disk, by what a policy could free safely. Changes nothing.",
    discussion: """
      By the rules of the policy that you name, or by those that `policy init` would
      write here.

      \(ExitStatus.help)
      """)

  @Argument(help: ArgumentHelp("Directories; the policy's roots, `runs` or the working directory.", valueName: "dir"))
  var directories: [String] = []

  @Option(name: [.customShort("p"), .customLong("policy")], help: "Ask the rules of this policy.")
  var policy: String?

  @Option(help: ArgumentHelp("Count ages to this moment instead of the present.", valueName: "time"))
  var now: String?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func validate() throws { try TypedPath.refuseEmpty(directories) }

  func run() throws {
    let tree = TreeOptions.typed(root: directories, now: now)
    let use: DiskUse
    if let policy {
      let loaded = try PolicyInput.load(policy).loaded
      let input = try SnapshotInput.search(loaded.policy, tree)
      use = DiskUse(input.snapshot, Planner.plan(loaded.policy, on: input.snapshot))
    } else {
      let starter = try StarterInput.look(StarterInput.roots(directories), file: "policy.yaml", now: tree.moment())
      use = DiskUse(starter.snapshot, starter.plan)
    }
    switch format {
    case .json: try Console.write(DiskUseText.json(use, policy: policy))
    case .text: try Console.write(DiskUseText.render(use, policy: policy, place: place, style: Surroundings.style))
    }
  }

  /// How to name the roots again.
  private var place: String {
    directories.map { " --root " + ShellWord.quote(ByteString($0)) }.joined()
  }
}
