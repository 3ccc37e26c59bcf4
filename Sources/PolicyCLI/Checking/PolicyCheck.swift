internal import ArgumentParser
internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax

/// Everything there is to say about one policy file.
struct PolicyCheck {
  let file: String
  let loaded: LoadedPolicy?
  let sources: SourceSet
  /// In source order.
  private(set) var diagnostics: [Diagnostic]
  let proved: [String]
  let counterexamples: [Counterexample]
  /// How many findings are left out because a revision had them already.
  private(set) var older = 0

  /// What a policy is checked with.
  struct Terms {
    /// Values of params.
    var set: [String]
    /// The day that dates are compared to; that of the snapshot, or today, when it is `nil`.
    var now: Timestamp?
    /// Path of a snapshot to look names up in.
    var snapshot: String?
  }

  init(_ file: String, _ terms: Terms) throws {
    try self.init(file, try PolicyInput.read(file, set: PolicyOptions.assignments(terms.set)), terms)
  }

  private init(_ file: String, _ result: LoadResult, _ terms: Terms) throws {
    self.file = file
    loaded = result.loaded
    sources = result.sources
    guard let loaded = result.loaded else {
      (diagnostics, proved, counterexamples) = (result.diagnostics.inSourceOrder(), [], [])
      return
    }
    let observed = try terms.snapshot.map { try SnapshotInput.decode($0, loaded.policy.schema) }
    let analysis = Analyzer.analyze(
      loaded.policy, loaded.sourceMap, result.sources, now: terms.now ?? observed?.now ?? Surroundings.clock,
      snapshot: observed)
    diagnostics = (result.diagnostics + analysis.diagnostics).inSourceOrder()
    (proved, counterexamples) = (analysis.proved, analysis.counterexamples)
  }

  var report: DiagnosticReport { DiagnosticReport(file: file, diagnostics: diagnostics, sources: sources) }

  func fails(at threshold: Diagnostic.Severity) -> Bool {
    loaded == nil || diagnostics.contains { $0.severity >= threshold }
  }

  /// Leaves what touches lines, or rules on lines, that changed since a git revision, and what that revision did not
  /// have. Where the policy cannot be read nothing was compared, and everything is said.
  mutating func keep(changedSince revision: String, _ terms: Terms) throws {
    var changes: [Int: ChangedLines] = [:]
    for (index, source) in sources.sources.enumerated() where source.path != "--set" {
      do throws(ChangedLines.Failure) {
        changes[index] = try ChangedLines(of: source.path, since: revision)
      } catch {
        try Self.refuse(error, revision, source.path)
      }
    }
    guard loaded != nil else { return }
    let before = PolicyLoader.load(file, set: try PolicyOptions.assignments(terms.set)) { path in
      ChangedLines.content(of: path, at: revision).map { .success($0) }
        ?? .failure(ReadFailure(reason: "the revision has no such file"))
    }
    let check = try PolicyCheck(file, before, terms)
    var earlier = EarlierFindings(check.diagnostics, check.sources)
    let entries = loaded.map { $0.sourceMap.entries.values.map(lines) } ?? []
    let all = diagnostics
    diagnostics = all.filter { touches($0, changes, entries) || !earlier.account(for: $0, sources) }
    older = all.count - diagnostics.count
  }

  private func touches(
    _ diagnostic: Diagnostic, _ changes: [Int: ChangedLines], _ entries: [(file: Int, lines: ClosedRange<Int>)]
  ) -> Bool {
    ([diagnostic.span].compactMap { $0 } + diagnostic.labels.map(\.span)).contains { span in
      guard let changed = changes[span.file] else { return true }
      let own = lineRange(span)
      if changed.touches(own) { return true }
      // A rule is one thing: what is wrong with it counts as changed when any line of it is.
      return entries.contains { $0.file == span.file && $0.lines.overlaps(own) && changed.touches($0.lines) }
    }
  }

  private func lines(of entry: SourceMap.Entry) -> (file: Int, lines: ClosedRange<Int>) {
    let spans = [entry.id] + entry.clauses.values.filter { $0.file == entry.id.file }
    let ranges = spans.map(lineRange)
    let low = ranges.map(\.lowerBound).min() ?? 1
    let high = ranges.map(\.upperBound).max() ?? low
    return (entry.id.file, low...high)
  }

  private func lineRange(_ span: SourceSpan) -> ClosedRange<Int> {
    let source = sources.sources[span.file]
    let first = source.line(at: span.range.lowerBound) + 1
    let last = source.line(at: max(span.range.lowerBound, span.range.upperBound - 1)) + 1
    return first...max(first, last)
  }

  private static func refuse(_ failure: ChangedLines.Failure, _ revision: String, _ path: String) throws {
    let shown = DisplayText.escape(revision)
    switch failure {
    case .noGit:
      Console.complain("`--changed-since` needs git, which is not there", help: "install git, or leave it out")
    case .noRepository:
      Console.complain(
        "`\(DisplayText.escape(path))` is in no git repository", help: "leave out `--changed-since`")
    case .noRevision:
      Console.complain(
        "git knows no revision `\(shown)`",
        help: "name a branch, tag or commit, such as `--changed-since origin/main`; a shallow clone may lack it")
    }
    throw ExitStatus.usage.code
  }
}
