internal import ArgumentParser
internal import PolicyApply
internal import PolicyCore
internal import PolicyReport

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Look at backups, check them, take them back.",
    discussion: """
      `policy apply` makes backups, as a policy's `backup` rules say. Each is a
      folder with the files as they were, and their checksums beside them.

      \(ExitStatus.help)
      """, subcommands: [BackupListCommand.self, BackupVerifyCommand.self, BackupRestoreCommand.self])
}

struct BackupListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What was backed up, when, and where it lies.", discussion: ExitStatus.help)

  @OptionGroup var place: PlaceOptions

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let (roots, _) = try place.resolve()
    let (items, unfinished, problems) = Backups.list(roots, options: place.options())
    for problem in problems { Console.complain(DisplayText.escape(problem.message)) }
    let lines = items.map { BackupEntryLine($0) }
    switch format {
    case .text where lines.isEmpty && !problems.isEmpty: break
    case .text:
      try Console.write(
        BackupText.render(lines, unfinished: unfinished, place: place.words, style: Surroundings.style))
    case .json: try Console.write(BackupText.json(lines))
    }
    if let worst = problems.map(\.status.rawValue).max() { throw ExitCode(worst) }
  }
}

struct BackupVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read backups back and compare every byte with what was copied.",
    discussion: """
      Without items, every backup from the roots. Status 9 where one is not whole, or
      cannot be read.

      \(ExitStatus.help)
      """)

  @Argument(help: "Records, original paths, or folders of backups.")
  var items: [String] = []

  @OptionGroup var place: PlaceOptions

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func validate() throws { try TypedPath.refuseEmpty(items) }

  func run() throws {
    let choice = try CopyChoice(backups: place, items)
    let chosen = try items.isEmpty ? choice.all : items.map { try choice.find($0) }
    let checks = chosen.map { one -> ArchiveCheckLine in
      let verdict = Backups.verify(one.folder, manifestDigest: one.listing?.manifestDigest)
      return ArchiveCheckLine(
        verdict, record: one.listing?.record, path: one.listing?.path ?? one.folder, folder: one.folder)
    }
    guard !checks.isEmpty else {
      Console.complain("nothing was backed up from here")
      throw ExitStatus.nothingChecked.code
    }
    switch format {
    case .text: try Console.write(ArchiveText.render(checks, of: "backup", style: Surroundings.style))
    case .json: try Console.write(ArchiveText.json(checks, of: "backup"))
    }
    if checks.contains(where: { $0.result != .whole }) { throw ExitStatus.environment.code }
  }
}

struct BackupRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Copy a backup back into a folder. Never overwrites, never leaves it.",
    discussion: """
      What comes back is compared with the checksums on the way, and gets its name
      when all of it was right. The backup stays where it is.

      \(ExitStatus.help)
      """)

  @Argument(help: "A record, an original path, or the folder of a backup.")
  var item: String

  @Option(help: ArgumentHelp("The folder to copy into.", valueName: "dir"))
  var to: String

  @Option(name: .customLong("as"), help: ArgumentHelp("Another name for the run.", valueName: "name"))
  var name: String?

  @OptionGroup var place: PlaceOptions

  func validate() throws {
    try TypedPath.refuseEmpty([item])
    try TypedPath.refuseEmpty([to], of: "--to")
    if let name { try TypedPath.requireName(name, of: "--as") }
  }

  func run() throws {
    let chosen = try CopyChoice(backups: place, [item]).find(item)
    try TypedPath.requireFolder(to, "cannot copy into", option: "--to")
    Surroundings.keepPrivate()
    let outcome = Archives.extract(
      chosen.folder, manifestDigest: chosen.listing?.manifestDigest,
      into: Surroundings.absolute(ByteString(to)), as: name.map { ByteString($0) },
      isOwn: chosen.listing?.isCallers ?? false, options: place.options())
    try outcome.tell(
      place: place.words,
      help: [
        .refused: "name another folder with `--to`, or another name with `--as`",
        .environment: "`policy backup verify` tells which are whole",
      ])
  }
}

extension BackupEntryLine {
  init(_ item: BackupListing) {
    self.init(
      record: item.record, uid: item.uid, host: item.host, root: item.root, path: item.path, kind: item.kind,
      size: item.size, backedUpAt: item.backedUpAt, target: item.target, folder: item.folder, plan: item.plan,
      rules: item.rules)
  }
}
