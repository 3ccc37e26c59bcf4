internal import ArgumentParser
internal import Glibc
internal import PolicyCore
internal import PolicyReport
internal import PolicyScan
internal import PolicySyntax

struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guard",
    abstract: "Run a training under guard: room before it, a lock in its run, room again when space runs short.",
    discussion: """
      With -p the policy is applied before the training starts, and beside it when
      space runs short. While the training lives, a lock in its run keeps every
      policy from touching that. Nothing that goes wrong in this stops the training.

      \(help)
      """)

  private static let help = """
    EXIT STATUS
      that of the training; 128+n when signal n ended it; before it starts:
      4   refused: the run has no room, or somebody else's training is in it
      64  wrong usage
      126 the program cannot be started
      127 there is no such program
    """

  @Option(
    name: [.customShort("p"), .customLong("policy")], help: "Apply this policy before, and when space runs short.")
  var policy: String?

  @Option(name: .customLong("set"), help: ArgumentHelp("Give a param another value.", valueName: "name=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "The same, for the apply before the training alone: `recent=2` keeps a place for the coming run.",
      valueName: "name=value"))
  var before: [String] = []

  @Option(help: ArgumentHelp("Look for runs here instead of in the policy's roots.", valueName: "dir"))
  var root: [String] = []

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The run that the training writes, if it is known before.", valueName: "dir"))
  var named: String?

  @Option(
    help: ArgumentHelp(
      "What the run takes, instead of what the latest finished runs took; 0 to start anyhow.", valueName: "size"))
  var need: String?

  @Option(
    help: ArgumentHelp(
      "Less free space than this is short (default: 5 % of the volume, 10 GiB at the most).", valueName: "size"))
  var low: String?

  @Option(
    help: ArgumentHelp(
      "Where the applies write what they say (default: ~/.local/state/policy/training.log).", valueName: "file"))
  var log: String?

  @Option(
    help: ArgumentHelp("Tell this program how each apply went, as `policy apply --notify` does.", valueName: "command"))
  var notify: String?

  @Flag(help: "Do what comes before a training, and start none.")
  var check = false

  @Argument(parsing: .postTerminator, help: "The training, behind `--`.")
  var command: [String] = []

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    try TypedPath.refuseEmpty(named.map { [$0] } ?? [], of: "--run")
    try TypedPath.refuseEmpty(log.map { [$0] } ?? [], of: "--log")
    if command.isEmpty != check {
      throw ValidationError(
        check
          ? "`--check` starts no training: leave `--check` or the command out"
          : "there is no training to guard: write it behind `--`, as in `policy guard -p FILE -- python train.py`")
    }
    if policy == nil, root.isEmpty, named == nil {
      throw ValidationError(
        "nothing says where runs appear: add `-p FILE`, `--root DIR` or `--run DIR`")
    }
    if policy == nil, !set.isEmpty || !before.isEmpty || notify != nil {
      throw ValidationError("`--set`, `--before` and `--notify` go with a policy: add `-p FILE`")
    }
    if let notify { _ = try Notice.words(notify) }
    _ = try (need.map { try TypedSize.bytes($0, of: "--need") }, low.map { try TypedSize.limit($0, of: "--low") })
    _ = try (PolicyOptions.assignments(set), PolicyOptions.assignments(before, of: "--before"))
  }

  func run() throws {
    HeldSignals.hold()
    let loaded = loadedPolicy()
    let run = named.map { Surroundings.absolute(ByteString($0)) }
    var roots = root.map { Surroundings.absolute(ByteString($0)) }
    if roots.isEmpty, let loaded { roots = loaded.roots.map(Surroundings.absolute) }
    if roots.isEmpty, let run { roots = [RoomEstimate.parent(run)] }
    // With `--check` whoever asks has looked after that, and may have its own lock there.
    if let run, !check, let objection = GuardedRuns.objection(to: run) {
      Console.complain(
        "the run \(DisplayText.escape(run)) cannot be written: \(objection)", help: "give this training another name")
      throw ExitStatus.refused.code
    }
    var guarding = Guarding(
      roots: roots, settings: loaded?.scan ?? ScanSettings(), run: run,
      mark: try low.map { try TypedSize.limit($0, of: "--low") }, work: nil)
    if let policy, loaded != nil {
      let places = roots.flatMap { ["--root", $0.displayText] }
      guarding.work = PolicyWork(
        policy: policy, arguments: places + set.flatMap { ["--set", $0] } + (notify.map { ["--notify", $0] } ?? []),
        log: WorkLog(log))
      if let signal = guarding.work?.applyFirst(before.flatMap { ["--set", $0] }) { throw ExitCode(128 + signal) }
    }
    try guarding.refuseWithoutRoom(try need.map { try TypedSize.bytes($0, of: "--need") })
    guard !check else { return }
    let status = try guarding.run(command)
    if status != 0 { throw ExitCode(status) }
  }

  /// A policy with a mistake in it is no reason not to train.
  private func loadedPolicy() -> Policy? {
    guard let policy else { return nil }
    do {
      return try PolicyInput.load(policy, set: PolicyOptions.assignments(set)).loaded.policy
    } catch {
      Console.note("the training goes on without the policy \(DisplayText.escape(policy))")
      return nil
    }
  }
}
