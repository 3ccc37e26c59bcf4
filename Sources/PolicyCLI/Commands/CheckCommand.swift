internal import ArgumentParser
internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax

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

  @Option(help: "How to print findings: text, compact or json.")
  var format: DiagnosticFormat = .text

  enum Severity: String, ExpressibleByArgument, CaseIterable { case error, warning, info }

  func run() throws {
    guard !files.isEmpty else {
      Console.complain("no file was named, so nothing was checked", help: "write `policy check policies/*/policy.yaml`")
      throw ExitStatus.nothingChecked.code
    }
    let threshold = Diagnostic.Severity(rawValue: failOn.rawValue) ?? .error
    var failed = false
    var unread: ExitCode?
    var reports: [(diagnostics: [Diagnostic], sources: SourceSet)] = []
    for file in files {
      let result: LoadResult
      do {
        result = try PolicyInput.read(file, set: PolicyOptions.assignments(set))
      } catch let code as ExitCode {
        // The others are looked at all the same.
        unread = code
        continue
      }
      var diagnostics = result.diagnostics
      if let loaded = result.loaded {
        let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: Surroundings.clock)
        diagnostics += analysis.diagnostics
        if format == .text { for line in analysis.proved { Console.say("\(line)") } }
      }
      failed = failed || result.loaded == nil || diagnostics.contains { $0.severity >= threshold }
      reports.append((diagnostics.inSourceOrder(), result.sources))
      if format == .text, diagnostics.isEmpty {
        Console.say("\(DisplayText.escape(file)): no findings")
      }
    }
    switch format {
    case .json: try Console.write(DiagnosticJSON.render(reports))
    case .text:
      let style = Surroundings.style
      for report in reports where !report.diagnostics.isEmpty {
        try Console.write(DiagnosticText.render(report.diagnostics, report.sources, style: style))
      }
    case .compact:
      for report in reports { try Console.write(DiagnosticText.compact(report.diagnostics, report.sources)) }
    }
    if failed { throw ExitStatus.findings.code }
    if let unread { throw unread }
  }
}
