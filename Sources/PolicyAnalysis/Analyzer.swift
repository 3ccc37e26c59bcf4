public import PolicyCore
public import PolicyDiagnostics

/// What `check` says of a policy beyond its spelling.
public struct AnalysisResult: Sendable {
  /// In source order; what `allow` accepts is not among them.
  public var diagnostics: [Diagnostic] = []
  public init() {}
}

/// Runs every analysis on a policy that is free of errors.
public enum Analyzer {
  /// `now` decides whether dates and allowances have passed; `snapshot` lets names and pins be looked up.
  public static func analyze(
    _ policy: Policy, _ map: SourceMap, now: Timestamp?, snapshot: Snapshot? = nil
  ) -> AnalysisResult {
    AnalysisResult()
  }
}
