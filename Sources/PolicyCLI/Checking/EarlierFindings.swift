internal import PolicyDiagnostics
internal import PolicySyntax

/// What there was to say about a policy at a git revision: what a change cannot have brought.
///
/// Findings are known by their words, because lines move: code, messages and the text that they point at.
struct EarlierFindings {
  private struct Words: Hashable {
    let code: String
    let severity: Diagnostic.Severity
    let message: String
    let caption: String
    let text: String
    let labels: [String]
    let notes: [String]

    init(_ diagnostic: Diagnostic, _ sources: SourceSet) {
      code = diagnostic.code
      severity = diagnostic.severity
      message = diagnostic.message
      caption = diagnostic.caption
      text = diagnostic.span.map { sources.text(of: $0) } ?? ""
      labels = diagnostic.labels.map { $0.text + "\n" + sources.text(of: $0.span) }
      notes = diagnostic.notes
    }
  }

  private var counts: [Words: Int] = [:]

  init(_ diagnostics: [Diagnostic], _ sources: SourceSet) {
    for diagnostic in diagnostics { counts[Words(diagnostic, sources), default: 0] += 1 }
  }

  /// Whether the revision had it; each of its findings accounts for one.
  mutating func account(for diagnostic: Diagnostic, _ sources: SourceSet) -> Bool {
    let words = Words(diagnostic, sources)
    guard let count = counts[words], count > 0 else { return false }
    counts[words] = count - 1
    return true
  }
}
