internal import PolicyDiagnostics
internal import PolicyFormats

/// Findings as SARIF 2.1.0, which code scanning reads.
public enum DiagnosticSARIF {
  /// - Parameter title: one line about a code.
  public static func render(_ reports: [DiagnosticReport], title: (String) -> String?) -> [UInt8] {
    let codes = Set(reports.flatMap { $0.diagnostics.map(\.code) }).sorted()
    let rules = codes.map { code -> JSONValue in
      var rule: JSONObject = ["id": .string(code)]
      rule["shortDescription"] = text(title(code) ?? "see `policy explain \(code)`")
      rule["help"] = text("run `policy explain \(code)`")
      return .object(rule)
    }
    let results = reports.flatMap { report in
      report.diagnostics.map { result($0, report, codes) }
    }
    let driver: JSONObject = [
      "name": .string("policy"), "semanticVersion": .string("0.1.0"), "rules": .array(rules),
    ]
    let run: JSONObject = [
      "tool": .object(["driver": .object(driver)]), "columnKind": .string("utf16CodeUnits"),
      "results": .array(results),
    ]
    let document: JSONObject = [
      "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"),
      "runs": .array([.object(run)]),
    ]
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }

  private static func text(_ text: String) -> JSONValue { .object(["text": .string(text)]) }

  private static func result(_ diagnostic: Diagnostic, _ report: DiagnosticReport, _ codes: [String]) -> JSONValue {
    let level =
      switch diagnostic.severity {
      case .error: "error"
      case .warning: "warning"
      case .info: "note"
      }
    var result: JSONObject = [
      "ruleId": .string(diagnostic.code), "level": .string(level), "message": text(diagnostic.wholeText),
    ]
    if let index = codes.firstIndex(of: diagnostic.code) { result["ruleIndex"] = .integer(Int64(index)) }
    if let span = diagnostic.span {
      result["locations"] = .array([.object(["physicalLocation": place(span, report.sources)])])
    } else {
      let artifact: JSONObject = ["artifactLocation": .object(["uri": .string(uri(report.file))])]
      result["locations"] = .array([.object(["physicalLocation": .object(artifact)])])
    }
    if !diagnostic.labels.isEmpty {
      result["relatedLocations"] = .array(
        diagnostic.labels.enumerated().map { index, label in
          .object([
            "id": .integer(Int64(index + 1)), "physicalLocation": place(label.span, report.sources),
            "message": text(label.text.isEmpty ? "see here" : label.text),
          ])
        })
    }
    if !diagnostic.fixes.isEmpty {
      result["fixes"] = .array(diagnostic.fixes.map { .object(fix($0, diagnostic, report.sources)) })
    }
    return .object(result)
  }

  private static func fix(_ fix: Diagnostic.Fix, _ diagnostic: Diagnostic, _ sources: SourceSet) -> JSONObject {
    let files = Set(fix.edits.map(\.span.file)).sorted()
    let changes = files.map { file -> JSONValue in
      let replacements = fix.edits.filter { $0.span.file == file }.map { edit -> JSONValue in
        .object([
          "deletedRegion": region(edit.span, sources), "insertedContent": text(edit.replacement),
        ])
      }
      return .object([
        "artifactLocation": .object(["uri": .string(uri(sources.sources[file].path))]),
        "replacements": .array(replacements),
      ])
    }
    return [
      "description": text(diagnostic.help ?? "apply the \(fix.applicability.rawValue) fix"),
      "artifactChanges": .array(changes),
    ]
  }

  private static func place(_ span: SourceSpan, _ sources: SourceSet) -> JSONValue {
    .object([
      "artifactLocation": .object(["uri": .string(uri(sources.sources[span.file].path))]),
      "region": region(span, sources),
    ])
  }

  private static func region(_ span: SourceSpan, _ sources: SourceSet) -> JSONValue {
    let source = sources.sources[span.file]
    let (start, end) = (source.position(at: span.range.lowerBound), source.position(at: span.range.upperBound))
    return .object([
      "startLine": .integer(Int64(start.line)), "startColumn": .integer(Int64(start.utf16 + 1)),
      "endLine": .integer(Int64(end.line)), "endColumn": .integer(Int64(end.utf16 + 1)),
      "byteOffset": .integer(Int64(span.range.lowerBound)), "byteLength": .integer(Int64(span.range.count)),
    ])
  }

  /// A path as a relative (or `file:`) reference.
  private static func uri(_ path: String) -> String {
    let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in path.utf8 {
      if unreserved.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    let encoded = String(decoding: bytes, as: UTF8.self)
    return path.hasPrefix("/") ? "file://" + encoded : encoded
  }
}
