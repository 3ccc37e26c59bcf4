internal import ArgumentParser
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say what is wrong with policy files, all of it, and what to write instead.",
    discussion: ExitStatus.help)

  @Argument(help: "Policy files.")
  var files: [String] = []

  @Option(name: .customLong("set"), help: ArgumentHelp("Give a param another value.", valueName: "name=value"))
  var set: [String] = []

  @Option(help: "Least severe finding that makes the status 1: error, warning or info.")
  var failOn: Severity = .error

  @Option(help: "How to print findings: text, compact, json, github, sarif or junit.")
  var format: DiagnosticFormat = .text

  @Option(help: ArgumentHelp("Also look up names and add up quotas in a snapshot.", valueName: "file"))
  var snapshot: String?

  @Option(help: ArgumentHelp("The day that dates and allowances are compared to.", valueName: "time"))
  var now: String?

  @Option(help: ArgumentHelp("Report only what a change since a git revision touches or brings.", valueName: "rev"))
  var changedSince: String?

  @Flag(help: "Make the changes that are sure to mean what was meant.")
  var fix = false

  @Flag(help: "Write down what was proved: floors, and properties that always hold.")
  var proofs = false

  @Option(help: ArgumentHelp("Save snapshots that violate a `never` in this directory.", valueName: "dir"))
  var saveWitness: String?

  enum Severity: String, ExpressibleByArgument, CaseIterable { case error, warning, info }

  private var moment: Timestamp? { now.flatMap { Timestamp($0) } }

  private var terms: PolicyCheck.Terms { PolicyCheck.Terms(set: set, now: moment, snapshot: snapshot) }

  private var threshold: Diagnostic.Severity { Diagnostic.Severity(rawValue: failOn.rawValue) ?? .error }

  func validate() throws {
    if let now, Timestamp(now) == nil {
      throw ValidationError("`--now \(now)` is no time: write `2027-01-15T08:00:00Z` or `2027-01-15`")
    }
  }

  func run() throws {
    guard !files.isEmpty else {
      Console.complain("no file was named, so nothing was checked", help: "write `policy check policies/*/policy.yaml`")
      throw ExitStatus.nothingChecked.code
    }
    var unread: ExitCode?
    var checks: [PolicyCheck] = []
    for file in files {
      do {
        if fix { try repair(file) }
        var check = try PolicyCheck(file, terms)
        if let changedSince { try check.keep(changedSince: changedSince, terms) }
        checks.append(check)
      } catch let code as ExitCode {
        // The others are looked at all the same.
        guard code != ExitStatus.usage.code, code != ExitStatus.environment.code else { throw code }
        unread = code
      }
    }
    try write(checks)
    if let saveWitness { try WitnessFiles.save(checks, in: saveWitness) }
    if checks.contains(where: { $0.fails(at: threshold) }) { throw ExitStatus.findings.code }
    if let unread { throw unread }
  }

  private func write(_ checks: [PolicyCheck]) throws {
    let reports = checks.map(\.report)
    for check in checks {
      if format == .text, check.diagnostics.isEmpty, check.older == 0 {
        Console.say("\(DisplayText.escape(check.file)): no findings")
      }
      // Beside what other programs read; JSON has a place for them.
      guard proofs, format != .json else { continue }
      for line in check.proved { Console.say("  proved: \(line)") }
    }
    for check in checks where check.older > 0 {
      let count = "\(check.older) older \(check.older == 1 ? "finding is" : "findings are")"
      let what = check.diagnostics.isEmpty ? "nothing new; " : ""
      Console.say("\(DisplayText.escape(check.file)): \(what)\(count) left out")
    }
    switch format {
    case .json:
      let proved = proofs ? checks.flatMap { check in check.proved.map { (file: check.file, text: $0) } } : nil
      try Console.write(DiagnosticJSON.render(reports.map { ($0.diagnostics, $0.sources) }, proved: proved))
    case .sarif: try Console.write(DiagnosticSARIF.render(reports, title: CodePages.title(of:)))
    case .junit: try Console.write(DiagnosticJUnit.render(reports, failing: threshold))
    case .github: try Console.write(DiagnosticGitHub.render(reports))
    case .compact:
      for report in reports { try Console.write(DiagnosticText.compact(report.diagnostics, report.sources)) }
    case .text:
      let style = Surroundings.style
      let texts = reports.filter { !$0.diagnostics.isEmpty }.map {
        DiagnosticText.render($0.diagnostics, $0.sources, style: style)
      }
      try Console.write(texts.joined(separator: "\n"))
    }
  }

  /// Applies safe fixes until there are none left.
  private func repair(_ file: String) throws {
    var total = 0
    var changed: [String] = []
    // Each round settles at least one finding; a fix that brought another one would stop here.
    for _ in 0..<20 {
      let check = try PolicyCheck(file, terms)
      let (files, count) = SafeFixes.apply(check.diagnostics, check.sources)
      if files.isEmpty { break }
      guard try SafeFixes.keepMeaning(of: check, set: set, files) else {
        Console.complain(
          "fixing `\(DisplayText.escape(file))` would change what it means, so it was left as it is",
          help: "this is a mistake of this program: please report it with the file")
        throw ExitStatus.internalError.code
      }
      for (index, bytes) in files.sorted(by: { $0.key < $1.key }) {
        let path = check.sources.sources[index].path
        if case .failure(let failure) = Files.rewrite(path, bytes) {
          Console.complain(
            "cannot write `\(DisplayText.escape(path))`: \(failure.reason)", help: "nothing in it was changed")
          throw ExitStatus.environment.code
        }
        if !changed.contains(path) { changed.append(path) }
      }
      total += count
    }
    for path in changed {
      Console.say("\(DisplayText.escape(path)): \(total) \(total == 1 ? "finding" : "findings") fixed")
    }
  }
}
