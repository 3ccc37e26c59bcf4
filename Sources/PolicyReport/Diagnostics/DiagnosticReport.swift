public import PolicyDiagnostics

/// What was found in one policy, for renderers that speak of several.
public struct DiagnosticReport: Sendable {
  /// The policy file as the user named it.
  public let file: String
  /// In source order.
  public let diagnostics: [Diagnostic]
  public let sources: SourceSet

  public init(file: String, diagnostics: [Diagnostic], sources: SourceSet) {
    self.file = file
    self.diagnostics = diagnostics
    self.sources = sources
  }
}

extension Diagnostic {
  /// The message with its notes and help, a line each.
  var wholeText: String {
    ([message] + (caption.isEmpty ? [] : [caption]) + notes.map { "note: \($0)" } + (help.map { ["help: \($0)"] } ?? []))
      .joined(separator: "\n")
  }
}
