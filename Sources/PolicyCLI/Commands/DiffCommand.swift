internal import ArgumentParser
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two plans, two snapshots, or two policies: on a snapshot, or on all that could exist.",
    discussion: ExitStatus.help)

  @Argument(help: "A plan, a snapshot or a policy.")
  var before: String

  @Argument(help: "Another of the same kind.")
  var after: String

  @Option(help: ArgumentHelp("For two policies: the snapshot to decide on.", valueName: "snapshot"))
  var on: String?

  @Option(help: ArgumentHelp("Count ages to this moment instead of the snapshot's.", valueName: "time"))
  var now: String?

  @Option(help: "text or json; of plans and policies also markdown, for a pull request.")
  var format: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  @Flag(help: "For two policies: prove that they never differ, or show a snapshot on which they do.")
  var semantic = false

  @Option(help: "With --semantic: the verdict that makes the status 0: equivalent (the default) or different.")
  var expect: Expectation = .equivalent

  @Option(
    help: ArgumentHelp(
      "With --semantic: save the snapshot that shows the difference, and a test case of it.", valueName: "file"))
  var saveWitness: String?

  enum Expectation: String, ExpressibleByArgument, CaseIterable { case equivalent, different }

  @Flag(help: "Status 1 when there are differences.")
  var exitCode = false

  func validate() throws {
    let tree = TreeOptions.typed(now: now)
    _ = try tree.moment()
  }

  func run() throws {
    let kinds = try (InputKind.of(before), InputKind.of(after))
    guard kinds.0 == kinds.1 else {
      Console.complain(
        "`\(DisplayText.escape(before))` is a \(kinds.0.rawValue) and `\(DisplayText.escape(after))` a \(kinds.1.rawValue)",
        help: "compare two plans, two snapshots or two policies")
      throw ExitStatus.usage.code
    }
    guard kinds.0 == .policy || (on == nil && now == nil) else {
      Console.complain("`--on` and `--now` go with two policies: a \(kinds.0.rawValue) has its moment in it")
      throw ExitStatus.usage.code
    }
    if semantic {
      guard kinds.0 == .policy, on == nil else {
        Console.complain(
          on == nil ? "`--semantic` compares two policies" : "`--semantic` and `--on` are two ways to compare",
          help: "with `--semantic` every snapshot that could exist counts; with `--on FILE` that one")
        throw ExitStatus.usage.code
      }
      return try SemanticDiff(before: before, after: after, format: format, saveWitness: saveWitness).run(expect)
    }
    switch kinds.0 {
    case .plan:
      let (left, right) = (try PlanInput.read(before), try PlanInput.read(after))
      try finish(plans(left, right), right.policyHeader.core)
    case .policy: try finish(policies(), PolicyInput.load(after).loaded.policy)
    case .snapshot:
      let schema = FactSchema()
      let diff = SnapshotDiff.between(
        try SnapshotInput.decode(before, schema), try SnapshotInput.decode(after, schema))
      switch format {
      case .text: try Console.write(DiffText.render(diff, style: Surroundings.style))
      case .json: try Console.write(DiffText.json(diff))
      case .markdown:
        Console.complain("two snapshots have no markdown", help: "write `--format text` or `--format json`")
        throw ExitStatus.usage.code
      }
      if exitCode, !diff.isEmpty { throw ExitStatus.findings.code }
    }
  }

  private func finish(_ diff: PlanDiff, _ policy: Policy) throws {
    switch format {
    case .text: try Console.write(DiffText.render(diff, policy: policy, style: Surroundings.style))
    case .json: try Console.write(DiffText.json(diff))
    case .markdown:
      try Console.write(
        DiffMarkdown.render(diff, before: DisplayText.escape(before), after: DisplayText.escape(after)))
    }
    if exitCode, !diff.isEmpty { throw ExitStatus.findings.code }
  }

  private func plans(_ left: SealedPlan, _ right: SealedPlan) -> PlanDiff {
    PlanDiff.between(
      left.side, right.side,
      changedRules: Attribution.changedParts(left.policyHeader.core, right.policyHeader.core))
  }

  /// What two policies would do to one snapshot, with the rules that make the difference.
  private func policies() throws -> PlanDiff {
    guard let on else {
      Console.complain(
        "two policies are compared by what they would do to a snapshot",
        help: "take one with `policy snapshot -p \(before) -o now.jsonl` and add `--on now.jsonl`; or add `--semantic`")
      throw ExitStatus.usage.code
    }
    let tree = TreeOptions.typed(snapshot: [on], now: now)
    let (left, right) = (try PolicyInput.load(before), try PolicyInput.load(after))
    let (old, new) = (left.loaded.policy, right.loaded.policy)
    let (leftInput, rightInput) = (
      try SnapshotInput.read(old, tree), try SnapshotInput.read(new, tree)
    )
    let attribution = Attribution.of(old, new, on: rightInput.snapshot) { Planner.plan($0, on: $1) }
    return PlanDiff.between(
      PlanInput.seal(left, leftInput).side, PlanInput.seal(right, rightInput).side, attribution: attribution)
  }
}

extension SealedPlan {
  fileprivate var side: PlanDiff.Side {
    PlanDiff.Side(plan: plan, policyDigest: policyHeader.digest, snapshotDigest: snapshotHeader.digest)
  }
}
