internal import ArgumentParser
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicyScan
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

  @Flag(help: "Write the packed form, for this version only: a quarter as long, read several times faster.")
  var packed = false

  @Option(
    help: ArgumentHelp("Search faster: take over what has not changed since this snapshot.", valueName: "file"))
  var since: String?

  @Option(help: ArgumentHelp("The directory that was given to `apply --state`.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Turn this snapshot into the other form instead of searching.", valueName: "file"))
  var from: String?

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    try TypedPath.refuseEmpty(state.map { [$0] } ?? [], of: "--state")
    guard from != nil else { return }
    if policy != nil || !root.isEmpty || now != nil || since != nil || state != nil {
      throw ValidationError(
        "`--from` turns a snapshot into the other form as it is: leave `--policy`, `--root`, `--since`, `--state` and "
          + "`--now` out")
    }
  }

  func run() throws {
    let (snapshot, takenOver) = try taken()
    UntilTheEnd.keep(snapshot)
    try write(snapshot, takenOver)
  }

  private func write(_ snapshot: Snapshot, _ takenOver: Int) throws {
    let encode: (([UInt8]) -> Void) -> Void =
      packed
      // With `--since` people want it soon; whoever needs the digest works it out.
      ? { take in
        let digest = since == nil ? SnapshotCodec.digest(normalised: snapshot) : nil
        PackedSnapshot.encode(snapshot, digest: digest, take)
      }
      : { SnapshotCodec.encode(snapshot, $0) }
    guard let output else { return try Console.write(encode) }
    try Output.save(to: output, encode)
    let all = snapshot.entities.span
    var runs = 0
    for index in all.indices where all[index].kind == .run { runs += 1 }
    let checkpoints = snapshot.entities.count - runs
    let before = takenOver == 0 ? "" : " (\(takenOver) as before)"
    Console.say(
      "\(Quantities.count(runs, "run"))\(before), \(Quantities.count(checkpoints, "checkpoint")): \(DisplayText.escape(output))"
    )
  }

  /// Found now, or read.
  private func taken() throws -> (Snapshot, takenOver: Int) {
    if let from { return (try SnapshotInput.decode(from, FactSchema()), 0) }
    let tree = TreeOptions.typed(root: root, since: since, now: now)
    let moment = try tree.moment()
    let loaded = try policy.map { try PolicyInput.load($0).loaded }
    let roots = root.isEmpty ? loaded?.policy.roots ?? [] : root.map { ByteString($0) }
    guard !roots.isEmpty else {
      Console.complain("no directory was named", help: "write `policy snapshot --root runs` or `-p FILE`")
      throw ExitStatus.nothingChecked.code
    }
    let result = try SnapshotInput.scan(
      roots, loaded?.policy.scan ?? ScanSettings(), loaded?.policy.facts ?? [], now: moment, since: since,
      state: state, isLinked: false)
    return (result.snapshot, result.takenOver)
  }
}
