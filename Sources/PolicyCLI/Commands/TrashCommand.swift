internal import ArgumentParser
internal import PolicyApply
internal import PolicyCore
internal import PolicyReport

struct TrashCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trash", abstract: "Look at the trash, take things back, empty it.", discussion: ExitStatus.help,
    subcommands: [TrashListCommand.self, TrashRestoreCommand.self, TrashPurgeCommand.self])
}

struct TrashListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What lies in your trash, and when each thing goes.", discussion: ExitStatus.help)

  @OptionGroup var place: PlaceOptions

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let (roots, policy) = try place.resolve()
    let (items, problems) = TrashCan.list(roots, options: place.options(), purgeAfter: policy?.trash.purgeAfter)
    for problem in problems { Console.complain(DisplayText.escape(problem.message)) }
    let entries = items.map { TrashEntry($0) }
    switch format {
    case .text where entries.isEmpty && !problems.isEmpty: break
    case .text: try Console.write(TrashText.render(entries, place: place.words, style: Surroundings.style))
    case .json: try Console.write(TrashText.json(entries))
    }
    if let worst = problems.map(\.status.rawValue).max() { throw ExitCode(worst) }
  }
}

extension TrashEntry {
  init(_ item: TrashListing) {
    self.init(
      record: item.record, uid: item.uid, host: item.host, root: item.root, path: item.path, kind: item.kind,
      bytes: item.bytes, trashedAt: item.trashedAt, purgeAt: item.purgeAt, plan: item.plan, rules: item.rules,
      isArchived: item.isArchived)
  }
}

struct TrashRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Bring things back to where they were. Never overwrites.",
    discussion: ExitStatus.help)

  @Argument(help: "Original paths, or records as `policy trash list --format json` shows them.")
  var items: [String] = []

  @Option(help: ArgumentHelp("Everything that this plan moved.", valueName: "digest"))
  var plan: String?

  @OptionGroup var place: PlaceOptions

  func validate() throws {
    try TypedPath.refuseEmpty(items)
    if items.isEmpty == (plan == nil) {
      throw ValidationError("name what to bring back: paths or records, or `--plan DIGEST` for all that a plan moved")
    }
  }

  func run() throws {
    Surroundings.keepPrivate()
    let (roots, _) = try place.resolve(near: items.first)
    let options = place.options()
    let outcome: ApplyOutcome
    if let plan {
      outcome = TrashCan.restore(.plan(plan), roots: roots, options: options)
    } else {
      let known = TrashCan.list(roots, options: options).items
      let records = Set(known.map(\.record))
      let places = Set(known.map { ByteString($0.root.bytes + [47] + $0.path.bytes) })
      let isRecord = items.allSatisfy { records.contains($0) }
      outcome = TrashCan.restore(
        isRecord ? .records(items) : .paths(items.map { path($0, roots, places) }), roots: roots, options: options)
    }
    try outcome.tell(
      place: place.words, help: [.nothingChecked: "`policy trash list\(place.words)` shows what lies there"])
  }

  /// A path as typed: below the working directory, or below a root; what lies in the trash decides.
  private func path(_ typed: String, _ roots: [Root], _ trashed: Set<ByteString>) -> ByteString {
    let absolute = Surroundings.absolute(ByteString(typed))
    let readings = TypedPath.readings(typed)
    let below = roots.flatMap { root in
      readings.map { Surroundings.absolute(ByteString(root.path.bytes + [47] + $0.bytes)) }
    }
    if let there = (readings.map(Surroundings.absolute) + below).first(where: trashed.contains) { return there }
    return roots.contains { absolute.isAtOrBelow($0.path) } ? absolute : below.first ?? absolute
  }
}

struct TrashPurgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Remove from the trash for good what has been there long enough.",
    discussion: """
      With `--plan DIGEST --now-free`, what that plan moved goes at once, after you
      have typed a confirmation: for the day when the disk is full now.

      \(ExitStatus.help)
      """)

  @Option(help: ArgumentHelp("Only what this plan moved.", valueName: "digest"))
  var plan: String?

  @Flag(help: "Do not wait for `purge_after`. Needs --plan.")
  var nowFree = false

  @Option(help: ArgumentHelp("With --now-free: the words that it asks for, for scripts.", valueName: "words"))
  var confirm: String?

  @Option(
    help: ArgumentHelp(
      "Start this when it is over, with a summary as JSON on its standard input.", valueName: "command"))
  var notify: String?

  @OptionGroup var place: PlaceOptions

  func validate() throws {
    if nowFree, plan == nil {
      throw ValidationError("`--now-free` needs `--plan DIGEST`: `policy apply` printed it, `policy log` shows it")
    }
    if let notify { _ = try Notice.words(notify) }
  }

  func run() throws {
    let notice = try notify.map { try Notice($0) }
    Surroundings.keepPrivate()
    var (outcome, policy, roots): (ApplyOutcome?, Policy?, [Root]) = (nil, nil, [])
    let end = Result {
      (roots, policy) = try place.resolve()
      if nowFree, let plan { try confirmed(plan, roots) }
      let purged = TrashCan.purge(
        plan.map { .plan($0, nowFree: nowFree) } ?? .elapsed, roots: roots, options: place.options(),
        purgeAfter: policy?.trash.purgeAfter)
      outcome = purged
      try purged.tell(
        place: place.words, help: [.nothingChecked: "`policy trash list\(place.words)` shows what lies there"])
    }
    notice?.send(told(outcome, end, policy, roots))
    try end.get()
  }

  private func told(
    _ outcome: ApplyOutcome?, _ end: Result<Void, any Error>, _ policy: Policy?, _ roots: [Root]
  ) -> [UInt8] {
    var ending = Notice.ending(nil)
    if case .failure(let error) = end { ending = Notice.ending(error) }
    return NoticeJSON.render(
      outcome?.summary(plan: nil, place: place.words), complaint: ending.complaint, status: ending.status,
      meaning: ExitStatus(rawValue: ending.status)?.meaning ?? "stopped by a signal",
      policy: policy?.name ?? place.policy,
      host: Surroundings.host, roots: roots.map(\.path), trigger: "manual", command: "trash purge")
  }

  /// Ends the command unless a person has typed what is at stake.
  private func confirmed(_ plan: String, _ roots: [Root]) throws {
    let digest = Quantities.short(plan)
    let meant = TrashCan.list(roots, options: place.options()).items.filter {
      Quantities.short($0.plan ?? "").hasPrefix(digest)
    }
    guard !meant.isEmpty else { return }
    let bytes = meant.reduce(Int64(0)) { $0 &+ $1.bytes }
    let words = "remove \(meant.count) for good"
    Console.say("\(Quantities.count(meant.count, "thing")), \(Quantities.size(bytes)); this cannot be undone")
    let needy = meant.count(where: \.needsBackup)
    if needy > 0 {
      Console.note(
        "the rules of \(needy) of them require a backup, and `--now-free` does not look whether it is still there: "
          + "`policy backup verify\(place.words)` does")
    }
    let typed = confirm ?? (Console.isInteractive ? Console.ask("Type `\(words)`: ") : nil)
    guard typed == words else {
      Console.complain("not confirmed; nothing was done", help: "type it, or pass `--confirm '\(words)'`")
      throw ExitStatus.refused.code
    }
  }
}
