internal import ArgumentParser
internal import PolicyApply
internal import PolicyCore
internal import PolicyReport

struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "Look at archives, check them, unpack them.",
    discussion: """
      `policy apply` makes archives, as a policy's `archive` rules say. Each is a
      plain tar file with its checksums beside it.

      \(ExitStatus.help)
      """, subcommands: [ArchiveListCommand.self, ArchiveVerifyCommand.self, ArchiveExtractCommand.self])
}

struct ArchiveListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What was archived, when, and where it lies.", discussion: ExitStatus.help)

  @OptionGroup var place: PlaceOptions

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let (roots, _) = try place.resolve()
    let (items, problems) = Archives.list(roots, options: place.options())
    for problem in problems { Console.complain(DisplayText.escape(problem.message)) }
    let lines = items.map { ArchiveEntryLine($0) }
    switch format {
    case .text where lines.isEmpty && !problems.isEmpty: break
    case .text: try Console.write(ArchiveText.render(lines, place: place.words, style: Surroundings.style))
    case .json: try Console.write(ArchiveText.json(lines))
    }
    if let worst = problems.map(\.status.rawValue).max() { throw ExitCode(worst) }
  }
}

struct ArchiveVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read archives back and compare every byte with what was written.",
    discussion: """
      Without items, every archive of the roots. Status 9 where one is not whole, or
      cannot be read.

      \(ExitStatus.help)
      """)

  @Argument(help: "Records, original paths, or folders of archives.")
  var items: [String] = []

  @OptionGroup var place: PlaceOptions

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func validate() throws { try TypedPath.refuseEmpty(items) }

  func run() throws {
    let choice = try CopyChoice(archives: place, items)
    let chosen = try items.isEmpty ? choice.all : items.map { try choice.find($0) }
    let checks = chosen.map { one -> ArchiveCheckLine in
      let verdict = Archives.verify(one.folder, manifestDigest: one.listing?.manifestDigest)
      return ArchiveCheckLine(
        verdict, record: one.listing?.record, path: one.listing?.path ?? one.folder, folder: one.folder)
    }
    guard !checks.isEmpty else {
      Console.complain("nothing was archived from here")
      throw ExitStatus.nothingChecked.code
    }
    switch format {
    case .text: try Console.write(ArchiveText.render(checks, style: Surroundings.style))
    case .json: try Console.write(ArchiveText.json(checks))
    }
    if checks.contains(where: { $0.result != .whole }) { throw ExitStatus.environment.code }
  }
}

struct ArchiveExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Unpack an archive into a folder. Never overwrites, never leaves it.",
    discussion: """
      What comes out is compared with the checksums on the way, and gets its name
      when all of it was right. The archive stays where it is.

      \(ExitStatus.help)
      """)

  @Argument(help: "A record, an original path, or the folder of an archive.")
  var item: String

  @Option(help: ArgumentHelp("The folder to unpack into.", valueName: "dir"))
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
    let chosen = try CopyChoice(archives: place, [item]).find(item)
    try TypedPath.requireFolder(to, "cannot unpack into", option: "--to")
    Surroundings.keepPrivate()
    let outcome = Archives.extract(
      chosen.folder, manifestDigest: chosen.listing?.manifestDigest,
      into: Surroundings.absolute(ByteString(to)), as: name.map { ByteString($0) },
      isOwn: chosen.listing?.isCallers ?? false, options: place.options())
    try outcome.tell(
      place: place.words,
      help: [
        .refused: "name another folder with `--to`, or another name with `--as`",
        .environment: "`policy archive verify` tells which are whole",
      ])
  }
}

extension ArchiveCheckLine {
  init(_ verdict: ArchiveVerdict, record: String?, path: ByteString, folder: ByteString) {
    let (result, detail): (Result, String) =
      switch verdict {
      case .whole(let entries): (.whole, Quantities.count(entries, "entry", "entries"))
      case .damaged(let reason): (.damaged, reason)
      case .unreadable(let reason): (.unreadable, reason)
      }
    self.init(record: record, path: path, folder: folder, result: result, detail: detail)
  }
}

extension ArchiveEntryLine {
  init(_ item: ArchiveListing) {
    self.init(
      record: item.record, uid: item.uid, host: item.host, root: item.root, path: item.path, kind: item.kind,
      bytes: item.bytes, size: item.size, archivedAt: item.archivedAt, file: item.file, digest: item.digest,
      plan: item.plan, rules: item.rules)
  }
}
