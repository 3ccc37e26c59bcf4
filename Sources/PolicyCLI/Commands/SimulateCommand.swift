internal import ArgumentParser
internal import PolicyCore
internal import PolicyReport
internal import PolicySyntax
internal import PolicyTesting

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Say what the policy would do over time, and what would be left. Changes nothing.",
    discussion: """
      From one snapshot, or a search now, into the future: at every tick the policy
      plans, and its plan is carried out on paper. Only time moves and only the
      policy acts. Several snapshots are looked at each for itself, at its own time.

      """ + ExitStatus.help)

  @OptionGroup var policy: PolicyOptions

  @Option(help: ArgumentHelp("Search these directories instead of the policy's roots.", valueName: "dir"))
  var root: [String] = []

  @Option(
    help: ArgumentHelp("Begin with a snapshot instead of searching; with several, look at each.", valueName: "file"))
  var snapshot: [String] = []

  @Option(help: ArgumentHelp("Begin at this moment instead of the snapshot's.", valueName: "time"))
  var now: String?

  @Option(help: ArgumentHelp("First tick: a time, or `+2d` from the beginning.", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Last tick: a time, or `+30d` (the default) from the first.", valueName: "time"))
  var to: String?

  @Option(help: ArgumentHelp("How often the policy runs: `1d` (the default), `12h`.", valueName: "duration"))
  var every: String?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    if !root.isEmpty, !snapshot.isEmpty {
      throw ValidationError("give `--root` or `--snapshot`, not both: a snapshot knows its roots")
    }
    if let now, Timestamp(now) == nil {
      throw ValidationError("`--now \(now)` is no time: write `2027-01-15T08:00:00Z` or `2027-01-15`")
    }
    for (name, text) in [("from", from), ("to", to)] {
      guard let text, TypedMoment(text) == nil else { continue }
      throw ValidationError("`--\(name) \(text)` is no time: write `2027-01-15T08:00:00Z`, `2027-01-15` or `+30d`")
    }
    if let every, TypedMoment.duration(every) == nil {
      throw ValidationError("`--every \(every)` is no duration: write `1d`, `12h` or `1d12h`")
    }
    if snapshot.count > 1, now != nil || every != nil {
      throw ValidationError(
        "several snapshots are looked at each at its own time: leave out `\(now != nil ? "--now" : "--every")`")
    }
  }

  func run() throws {
    let loaded = try PolicyInput.load(policy).loaded.policy
    let report = try snapshot.count > 1 ? recorded(loaded) : future(loaded)
    switch format {
    case .text: try Console.write(SimulationText.render(report, style: Surroundings.style))
    case .json: try Console.write(SimulationText.json(report))
    }
    if report.steps.contains(where: { !$0.refusals.isEmpty }) { throw ExitStatus.refused.code }
  }

  private func take(_ policy: Policy, _ snapshot: [String]) throws -> Snapshot {
    let tree = TreeOptions.typed(root: root, snapshot: snapshot, now: now)
    return try SnapshotInput.take(policy, tree).snapshot
  }

  // MARK: Future time

  private func future(_ policy: Policy) throws -> SimulationReport {
    let start = try take(policy, snapshot)
    let first = try moment(from, "--from", start.now) ?? start.now
    guard first >= start.now else {
      throw complain(
        "the first tick, \(first.rfc3339), is before the beginning, \(start.now.rfc3339)",
        "a snapshot does not show what was there before; write `--from \(start.now.rfc3339)` or later")
    }
    let last = try moment(to ?? "+30d", "--to", first) ?? first
    do {
      let grid = try TickGrid(from: first, to: last, every: every.flatMap(TypedMoment.duration) ?? .days(1))
      return Simulator.future(policy, from: start, grid)
    } catch {
      switch error {
      case .standing: throw complain("`--every` must be more than nothing", "write `--every 1d`")
      case .backwards:
        throw complain(
          "the last tick, \(last.rfc3339), is before the first, \(first.rfc3339)",
          "write a later `--to`, such as `+30d`")
      case .tooMany(let count):
        throw complain(
          "that makes \(count) ticks; \(TickGrid.most) are the most", "write a longer `--every` or an earlier `--to`")
      }
    }
  }

  private func moment(_ text: String?, _ option: String, _ start: Timestamp) throws -> Timestamp? {
    guard let text, let typed = TypedMoment(text) else { return nil }
    guard let moment = typed.from(start) else {
      throw complain("`\(option) \(text)` is later than any time there is", "the last year is 2261")
    }
    return moment
  }

  private func complain(_ message: String, _ help: String) -> ExitCode {
    Console.complain(message, help: help)
    return ExitStatus.usage.code
  }

  // MARK: Recorded time

  private func recorded(_ policy: Policy) throws -> SimulationReport {
    var snapshots: [(path: String, snapshot: Snapshot)] = []
    for path in snapshot { snapshots.append((path, try take(policy, [path]))) }
    snapshots.sort { $0.snapshot.now < $1.snapshot.now }
    for (earlier, later) in zip(snapshots, snapshots.dropFirst()) where earlier.snapshot.now == later.snapshot.now {
      throw complain(
        "`\(DisplayText.escape(earlier.path))` and `\(DisplayText.escape(later.path))` show the same moment, "
          + earlier.snapshot.now.rfc3339, "to decide on several places at once, write `policy plan` with both")
    }
    let start = snapshots[0].snapshot.now
    let first = try moment(from, "--from", start) ?? start
    let last = try moment(to, "--to", first)
    let end = last ?? Timestamp(nanoseconds: .max)
    let within = snapshots.map(\.snapshot).filter { $0.now >= first && $0.now <= end }
    guard let report = Simulator.recorded(policy, within) else {
      Console.complain(
        "no snapshot was taken between `--from` and `--to`", help: "leave them out to look at all of them")
      throw ExitStatus.nothingChecked.code
    }
    return report
  }
}
