internal import ArgumentParser
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Make one page for a browser of a saved plan: sizes, curves, what goes and why.",
    discussion: """
      A plan names what goes, what is held and what is undecided. What else is there,
      and how metrics went, is looked up in its roots where this machine has them;
      changes nothing.

      \(ExitStatus.help)
      """)

  enum Language: String, ExpressibleByArgument, CaseIterable { case auto, en, zh }

  @Argument(help: "A plan saved by `policy plan -o`; `-` for standard input.")
  var plan: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; `-` for standard output.", valueName: "file"))
  var output: String = "report.html"

  @Option(
    help: ArgumentHelp(
      "Take what stays from a snapshot instead of looking again; several are merged.", valueName: "file"))
  var snapshot: [String] = []

  @Flag(help: "Read no metric files: no curves.")
  var noCurves = false

  @Option(help: "The language that the page opens in: en, zh, or auto, that of the reader's browser.")
  var lang: Language = .auto

  @Flag(help: "Overwrite a file that is no report.")
  var force = false

  func validate() throws { try TypedPath.refuseEmpty([output], of: "--output") }

  func run() throws {
    let sealed = try PlanInput.read(plan)
    let isPrinted = output == "-"
    if !isPrinted, !force, !Folders.isFolder(output) { try refuseOther() }
    let (tree, notes) = try snapshot.isEmpty ? ReportInput.search(sealed) : ReportInput.read(sealed, snapshot)
    let report = PlanReport(
      sealed: sealed, snapshot: tree, curves: noCurves ? .off : ReportInput.curves(sealed, tree),
      language: PlanReport.Language(rawValue: lang.rawValue) ?? .auto, notes: notes)
    if isPrinted { return try Console.write { ReportHTML.render(report, $0) } }
    try Output.save(to: output, example: "report.html") { ReportHTML.render(report, $0) }
    if tree == nil {
      Console.note("only what the plan speaks of is shown: its roots are not here; `--snapshot FILE` shows the rest")
    }
    Console.say("a page of plan \(Quantities.short(sealed.digest)): \(DisplayText.escape(output))")
  }

  /// A report replaces an older one; what else stands under that name is somebody's work.
  private func refuseOther() throws {
    guard Files.isThere(output), !Files.isDevice(output), !ReportHTML.isReport(Files.beginning(output)) else { return }
    Console.complain(
      "`\(DisplayText.escape(output))` is there already, and is no report",
      help: "name another file with `-o`, or add `--force` to overwrite it")
    throw ExitStatus.refused.code
  }
}
