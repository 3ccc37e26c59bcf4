internal import ArgumentParser
internal import PolicyApply
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicyReport
internal import PolicyScan
internal import PolicySyntax

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Carry out a saved plan; or, with -p, plan and apply in one step.",
    discussion: """
      Things move to a trash on the same volume, and only if they are exactly what
      was planned. Everything can be taken back with `policy trash restore` until it
      is purged.

      \(ExitStatus.help)
      """)

  @Argument(help: "A plan saved by `policy plan -o`.")
  var plan: String?

  @Option(name: [.customShort("p"), .customLong("policy")], help: "Plan with this policy first.")
  var policy: String?

  @Option(name: .customLong("set"), help: ArgumentHelp("Give a param another value.", valueName: "name=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("With -p: search these directories instead of the policy's roots.", valueName: "dir"))
  var root: [String] = []

  @Option(help: ArgumentHelp("With -p: count ages to this moment instead of the present.", valueName: "time"))
  var now: String?

  @Flag(name: .shortAndLong, help: "With -p: do not ask.")
  var yes = false

  @Option(
    help: ArgumentHelp("Release this plan, by its digest, from its limits. Never from a `never`.", valueName: "digest"))
  var acknowledge: String?

  @Option(help: ArgumentHelp("Keep journal and lock here when the roots' volume is full.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("What made this run: recorded in the journal.", valueName: "word"))
  var trigger: String = "manual"

  @Option(
    help: ArgumentHelp(
      "Start this when it is over, with a summary as JSON on its standard input.", valueName: "command"))
  var notify: String?

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    try TypedPath.refuseEmpty(state.map { [$0] } ?? [], of: "--state")
    if (plan == nil) == (policy == nil) {
      throw ValidationError(
        "give a saved plan, or a policy with -p: `policy apply plan.json` or `policy apply -p FILE`")
    }
    if let notify { _ = try Notice.words(notify) }
    if plan != nil, !root.isEmpty || now != nil || !set.isEmpty {
      throw ValidationError("`--root`, `--now` and `--set` go with -p: a saved plan already says all that")
    }
  }

  func run() throws {
    let notice = try notify.map { try Notice($0) }
    var told = Told()
    do {
      try work(&told)
    } catch {
      notice?.send(told.json(Notice.ending(error), self))
      throw error
    }
    notice?.send(told.json(Notice.ending(nil), self))
  }

  /// What there is to tell, as far as it came.
  private struct Told {
    var sealed: SealedPlan?
    var summary: ApplySummary?

    func json(_ end: (status: Int32, complaint: String?), _ command: ApplyCommand) -> [UInt8] {
      NoticeJSON.render(
        summary, complaint: end.complaint, status: end.status,
        meaning: ExitStatus(rawValue: end.status)?.meaning ?? "stopped by a signal",
        policy: sealed?.policyHeader.name ?? command.policy, host: Surroundings.host,
        roots: sealed?.plan.roots.map(\.path) ?? command.root.map { Surroundings.absolute(ByteString($0)) },
        trigger: command.trigger)
    }
  }

  private func work(_ told: inout Told) throws {
    if let plan { try TrustedFile.require(plan) }
    let sealed = try plan.map { try PlanInput.read($0) } ?? planned(&told)
    told.sealed = sealed
    Surroundings.keepPrivate()
    var options = ApplyOptions(
      host: Surroundings.host, state: state.map { Surroundings.absolute(ByteString($0)) }, acknowledged: acknowledge,
      isUnattended: plan == nil && yes, trigger: trigger)
    options.isConfined = true
    let outcome = Applier.apply(sealed, options: options) { policy, roots, now in
      let clock = Surroundings.clock
      let request = ScanRequest(
        roots: roots.map(\.path), settings: policy.scan, facts: policy.facts, now: now, clock: clock,
        host: Surroundings.host, state: options.state)
      let result = ScanWatch.scan(request)
      guard result.problems.isEmpty else { return nil }
      return Replanned(plan: Planner.plan(policy, on: result.snapshot), snapshot: result.snapshot)
    }
    let summary = outcome.summary(plan: sealed.digest, place: place(sealed))
    told.summary = summary
    try Console.write(ApplyText.render(summary, style: Surroundings.style))
    try outcome.end()
  }

  /// How to name the roots again: ` --root /data/runs`.
  private func place(_ sealed: SealedPlan) -> String {
    var words = ""
    for root in sealed.plan.roots where root.host == Surroundings.host {
      words += " --root \(DisplayText.escape(root.path))"
    }
    return words + (state.map { " --state \(DisplayText.escape($0))" } ?? "")
  }

  /// Plans now, shows the plan and asks.
  private func planned(_ told: inout Told) throws -> SealedPlan {
    var options = PolicyOptions()
    (options.file, options.set) = (policy, set)
    let tree = TreeOptions.typed(root: root, state: state, now: now)
    let result = try PolicyInput.load(options)
    for source in result.sources.sources.prefix(result.loaded.files.count) { try TrustedFile.require(source.path) }
    if yes, root.isEmpty, result.loaded.policy.roots.contains(where: { $0.bytes.first != UInt8(ascii: "/") }) {
      Console.complain(
        "without somebody to ask, the roots must be absolute: relative ones depend on where cron starts",
        help:
          "write `roots: [\(DisplayText.escape(Surroundings.absolute(result.loaded.policy.roots[0])))]`, or add `--root DIR`"
      )
      throw ExitStatus.usage.code
    }
    let sealed = PlanInput.seal(result, try SnapshotInput.take(result.loaded.policy, tree))
    told.sealed = sealed
    try Console.write(PlanText.render(sealed, savedAs: nil, all: false, next: false, style: Surroundings.style))
    if sealed.plan.actions.isEmpty { throw (sealed.plan.refusals.isEmpty ? ExitStatus.done : .refused).code }
    guard !yes else { return sealed }
    guard Console.isInteractive else {
      Console.complain(
        "nobody is there to ask", help: "add `--yes`, or save the plan with `policy plan -o` and apply that")
      throw ExitStatus.usage.code
    }
    guard Console.ask("Apply this plan? Type yes: ")?.lowercased() == "yes" else {
      Console.say("nothing was done")
      throw ExitStatus.done.code
    }
    return sealed
  }
}
