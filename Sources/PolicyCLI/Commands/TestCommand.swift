internal import ArgumentParser
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax
internal import PolicyTesting

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the cases of policies: made-up runs, and everything that must come of them.",
    discussion: ExitStatus.help)

  @Argument(help: "Files of cases, policy files (their `cases` folders), or folders; `policies` when none is named.")
  var paths: [String] = []

  @Option(help: ArgumentHelp("Only cases whose name holds this.", valueName: "text"))
  var filter: String?

  @Flag(help: "Say which rules, selectors and tests the cases try, and what they leave out.")
  var coverage = false

  @Option(help: ArgumentHelp("Status 1 when less than this share of the rules is covered.", valueName: "percent"))
  var minCoverage: Int?

  @Flag(help: "Put small mistakes into the policy, and name those that no case notices.")
  var mutants = false

  @Flag(help: "Name the cases that passed as well.")
  var verbose = false

  @Option(help: "text, json or junit.")
  var format: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, junit }

  func validate() throws {
    if let minCoverage, !(0...100).contains(minCoverage) {
      throw ValidationError("`--min-coverage \(minCoverage)` is no percentage: write a number from 0 to 100")
    }
  }

  func run() throws {
    var hasMistakes = false
    var suites: [TestSuite] = []
    for file in try caseFiles() {
      guard let suite = try open(file) else {
        hasMistakes = true
        continue
      }
      suites.append(suite)
    }
    var report = TestReport()
    for suite in suites {
      let outcomes = suite.run(filter: filter)
      if !outcomes.isEmpty { report.files.append(TestReport.File(path: suite.path, outcomes: outcomes)) }
    }
    guard report.count > 0 || hasMistakes else {
      Console.complain(
        filter == nil ? "there are no cases" : "no case has `\(DisplayText.escape(filter ?? ""))` in its name",
        help: filter == nil
          ? "write some in a folder `cases` beside the policy, and name the policy or the folder"
          : "`policy test --verbose` names them all")
      throw ExitStatus.nothingChecked.code
    }
    report.policies = policies(suites)
    switch format {
    case .text: try Console.write(TestText.render(report, listsPassed: verbose, style: Surroundings.style))
    case .json: try Console.write(TestFormats.json(report))
    case .junit: try Console.write(TestFormats.junit(report, minimum: minCoverage))
    }
    let isShort = report.policies.contains { isBelowMinimum($0.coverage) }
    let survives = report.policies.contains {
      !($0.mutation?.unexplained.isEmpty ?? true) || !($0.mutation?.needless.isEmpty ?? true)
    }
    if hasMistakes || report.failed > 0 || isShort || survives { throw ExitStatus.findings.code }
  }

  private func isBelowMinimum(_ coverage: Coverage?) -> Bool {
    guard let minCoverage, let (whole, all) = coverage?.share(.rule), all > 0 else { return false }
    return whole * 100 < minCoverage * all
  }

  /// Coverage and mutants are those of a policy, whatever the number of its files of cases.
  private func policies(_ suites: [TestSuite]) -> [TestReport.Policy] {
    guard coverage || minCoverage != nil || mutants else { return [] }
    var paths: [String] = []
    for suite in suites where !paths.contains(suite.policyPath) { paths.append(suite.policyPath) }
    return paths.map { path in
      let own = suites.filter { $0.policyPath == path }
      var covered: Coverage?
      if coverage || minCoverage != nil {
        var sum = Coverage()
        for suite in own { suite.cover(&sum) }
        covered = sum
      }
      return TestReport.Policy(path: path, coverage: covered, mutation: mutants ? MutationRun(own) : nil)
    }
  }

  // MARK: - Files

  private func caseFiles() throws -> [String] {
    let named = paths.isEmpty ? ["policies"] : paths
    var files: [String] = []
    for path in named {
      if Folders.isFolder(path) {
        files += Folders.yamlFiles(below: path).filter { isCases($0) }
        continue
      }
      switch Files.read(path, limit: 1 << 22) {
      case .failure(let failure):
        Console.complain(
          "cannot read `\(DisplayText.escape(path))`: \(failure.reason)",
          help: paths.isEmpty ? "name files of cases, policies or folders" : nil)
        throw ExitStatus.nothingChecked.code
      case .success(let bytes):
        if CaseReader.policyPath(SourceText(path: path, bytes: bytes)) != nil {
          files.append(path)
        } else {
          let folder = (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + "cases"
          files += Folders.yamlFiles(below: folder).filter { isCases($0) }
        }
      }
    }
    var seen: Set<String> = []
    return files.filter { seen.insert($0).inserted }
  }

  private func isCases(_ path: String) -> Bool {
    guard case .success(let bytes) = Files.read(path, limit: 1 << 22) else { return false }
    return CaseReader.policyPath(SourceText(path: path, bytes: bytes)) != nil
  }

  /// `nil` after its mistakes have been said.
  private func open(_ path: String) throws -> TestSuite? {
    guard case .success(let bytes) = Files.read(path, limit: 1 << 22) else { return nil }
    let source = SourceText(path: path, bytes: bytes)
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let named = CaseReader.policyPath(source) ?? ""
    let policy = named.hasPrefix("/") ? named : Self.joined(folder, named)
    if case .failure(let failure) = Files.read(policy, limit: 1 << 20) {
      Console.complain(
        "cannot read the policy `\(DisplayText.escape(policy))` of `\(DisplayText.escape(path))`: \(failure.reason)",
        help: "`policy:` in a file of cases is relative to that file")
      return nil
    }
    let suite = TestSuite.open(source, policyPath: policy) { set in
      PolicyLoader.load(policy, set: set) { path in
        switch Files.read(path, limit: 2 << 20) {
        case .success(let bytes): .success(bytes)
        case .failure(let failure): .failure(ReadFailure(reason: failure.reason))
        }
      }
    }
    switch suite {
    case .success(let suite): return suite
    case .failure(.findings(let diagnostics, let sources)):
      Console.say(DiagnosticText.render(diagnostics.inSourceOrder(), sources, style: Surroundings.errorStyle))
      return nil
    }
  }

  /// Without `.` and `..` where the path itself tells what they mean.
  private static func joined(_ folder: String, _ path: String) -> String {
    var parts = folder == "." ? [] : folder.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    for part in path.split(separator: "/").map(String.init) where part != "." {
      if part == "..", let last = parts.last, last != "..", !last.isEmpty {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }
}
