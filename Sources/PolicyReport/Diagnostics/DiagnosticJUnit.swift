public import PolicyDiagnostics

/// Findings as JUnit XML: a suite a file, a failed case a finding.
public enum DiagnosticJUnit {
  /// Findings that are less severe than `threshold` are printed in the case and do not fail it.
  public static func render(_ reports: [DiagnosticReport], failing threshold: Diagnostic.Severity) -> String {
    var suites = ""
    var (total, failures) = (0, 0)
    for report in reports {
      var cases = ""
      let failed = report.diagnostics.filter { $0.severity >= threshold }.count
      for diagnostic in report.diagnostics {
        let place = diagnostic.span.map { report.sources.position(at: $0) }
        let name = "\(diagnostic.code)\(place.map { " line \($0.line)" } ?? "")"
        let inside =
          diagnostic.severity >= threshold
          ? "<failure type=\"\(XMLText.escape(diagnostic.code))\" message=\"\(XMLText.escape(diagnostic.message))\">"
            + "\(XMLText.escape(text(diagnostic, report)))</failure>"
          : "<system-out>\(XMLText.escape(text(diagnostic, report)))</system-out>"
        cases +=
          "    <testcase name=\"\(XMLText.escape(name))\" classname=\"\(XMLText.escape(report.file))\">\(inside)</testcase>\n"
      }
      if report.diagnostics.isEmpty {
        cases = "    <testcase name=\"check\" classname=\"\(XMLText.escape(report.file))\"/>\n"
      }
      let count = max(1, report.diagnostics.count)
      suites += "  <testsuite name=\"\(XMLText.escape(report.file))\" tests=\"\(count)\" failures=\"\(failed)\">\n"
      suites += cases + "  </testsuite>\n"
      total += count
      failures += failed
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"policy check\" tests=\"\(total)\" failures=\"\(failures)\">\n\(suites)</testsuites>\n"
  }

  private static func text(_ diagnostic: Diagnostic, _ report: DiagnosticReport) -> String {
    DiagnosticText.render([diagnostic], report.sources, style: TextStyle(width: 100, color: false))
  }
}

/// Text that stands in XML.
public enum XMLText {
  /// Characters that XML 1.0 cannot carry become U+FFFD.
  public static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
