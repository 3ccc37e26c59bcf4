internal import ArgumentParser
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Write down what is there: runs, checkpoints, disks, trash. Changes nothing.",
    discussion: ExitStatus.help)

  @Option(name: [.customShort("p"), .customLong("policy")], help: "Search as this policy's `scan` and `facts` say.")
  var policy: String?

  @Option(help: ArgumentHelp("Directories to search; the policy's roots when left out.", valueName: "dir"))
  var root: [String] = []

  @Option(help: ArgumentHelp("Count ages to this moment instead of the present.", valueName: "time"))
  var now: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the snapshot here instead of to standard output.", valueName: "file")
  )
  var output: String?

  func validate() throws { try TypedPath.refuseEmpty(root, of: "--root") }

  func run() throws {
    var tree = TreeOptions()
    (tree.root, tree.snapshot, tree.now) = (root, [], now)
    let moment = try tree.moment()
    let loaded = try policy.map { try PolicyInput.load($0).loaded }
    let roots = root.isEmpty ? loaded?.policy.roots ?? [] : root.map { ByteString($0) }
    guard !roots.isEmpty else {
      Console.complain("no directory was named", help: "write `policy snapshot --root runs` or `-p FILE`")
      throw ExitStatus.nothingChecked.code
    }
    let snapshot = try SnapshotInput.search(
      roots, loaded?.policy.scan ?? ScanSettings(), loaded?.policy.facts ?? [], now: moment)
    guard let output else { return try Console.write { SnapshotCodec.encode(snapshot, $0) } }
    try Output.save(to: output) { SnapshotCodec.encode(snapshot, $0) }
    let runs = snapshot.entities.count { $0.kind == .run }
    let checkpoints = snapshot.entities.count - runs
    Console.say(
      "\(Quantities.count(runs, "run")), \(Quantities.count(checkpoints, "checkpoint")): \(DisplayText.escape(output))")
  }
}
