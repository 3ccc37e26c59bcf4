internal import PolicyDiagnostics

/// Findings as workflow commands, which GitHub shows beside the lines of a pull request.
public enum DiagnosticGitHub {
  public static func render(_ reports: [DiagnosticReport]) -> String {
    reports.flatMap { report in report.diagnostics.map { line($0, report) } }.joined()
  }

  private static func line(_ diagnostic: Diagnostic, _ report: DiagnosticReport) -> String {
    let command =
      switch diagnostic.severity {
      case .error: "error"
      case .warning: "warning"
      case .info: "notice"
      }
    var properties = ["file=\(property(report.file))"]
    if let span = diagnostic.span {
      let source = report.sources.sources[span.file]
      let (start, end) = (source.position(at: span.range.lowerBound), source.position(at: span.range.upperBound))
      properties = ["file=\(property(source.path))", "line=\(start.line)", "col=\(start.column)"]
      properties += ["endLine=\(end.line)"]
      if start.line == end.line { properties.append("endColumn=\(end.column)") }
    }
    properties.append("title=\(property(diagnostic.code))")
    return "::\(command) \(properties.joined(separator: ","))::\(data(diagnostic.wholeText))\n"
  }

  private static func data(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "%": "%25"
      case "\r": "%0D"
      case "\n": "%0A"
      default: String(Character(scalar))
      }
    }.joined()
  }

  private static func property(_ text: String) -> String {
    data(text).unicodeScalars.map { $0 == ":" ? "%3A" : $0 == "," ? "%2C" : String(Character($0)) }.joined()
  }
}
