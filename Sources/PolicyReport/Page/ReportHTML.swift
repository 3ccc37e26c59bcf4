internal import PolicyCore
internal import PolicyFormats

/// A plan as one page for a browser: no other file, nothing from a network, safe to mail around.
public enum ReportHTML {
  /// How a page of ours begins, by which it is told from other files.
  public static let mark = "<meta name=\"generator\" content=\"policy-report/"

  /// Whether a file that begins like this is a page of ours.
  public static func isReport(_ beginning: [UInt8]) -> Bool {
    let text = String(decoding: beginning.prefix(4096), as: UTF8.self)
    return text.hasPrefix("<!doctype html>") && text.contains(mark)
  }

  /// Hands over the page in pieces.
  public static func render(_ report: PlanReport, _ write: ([UInt8]) -> Void) {
    let rows = ReportRows(report).rows
    let language = report.language == .chinese ? "zh-CN" : "en"
    var rest = ReportAssets.page[...]
    while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
      write(Array(rest[..<open.lowerBound].utf8))
      switch rest[open.upperBound..<close.lowerBound] {
      case "language": write(Array(language.utf8))
      case "security": write(Array(ReportAssets.security.utf8))
      case "title":
        let name = DisplayText.escape(report.sealed.policyHeader.name ?? "policy")
        write(Array(HTMLText.escape(name).utf8))
      case "style": write(Array(ReportAssets.style.utf8))
      case "summary": write(Array(ReportSummary.render(report, rows).utf8))
      case "data": write(ReportJSON.encode(rows, report))
      case "script": write(Array(ReportAssets.script.utf8))
      case let name: preconditionFailure("the page has a place `\(name)` that nothing belongs into")
      }
      rest = rest[close.upperBound...]
    }
    write(Array(rest.utf8))
  }
}

/// Text made fit for HTML, between tags and in quoted attributes.
enum HTMLText {
  static func escape(_ text: String) -> String {
    guard text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
