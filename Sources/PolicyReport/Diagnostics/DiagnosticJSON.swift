public import PolicyDiagnostics
internal import PolicyFormats

/// `policy-diagnostics/1.0`: findings for other tools.
public enum DiagnosticJSON {
  /// One object for all files of a run.
  ///
  /// - Parameter proved: what was proved, of which file; `nil` where nobody asked.
  public static func render(
    _ reports: [(diagnostics: [Diagnostic], sources: SourceSet)], proved: [(file: String, text: String)]? = nil
  ) -> [UInt8] {
    let list = reports.flatMap { report in report.diagnostics.map { json($0, report.sources) } }
    var document: JSONObject = ["format": .string("policy-diagnostics/1.0"), "diagnostics": .array(list)]
    if let proved {
      document["proved"] = .array(
        proved.map { .object(["file": .string(DisplayText.escape($0.file)), "text": .string($0.text)]) })
    }
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }

  private static func json(_ diagnostic: Diagnostic, _ sources: SourceSet) -> JSONValue {
    var members: JSONObject = [
      "code": .string(diagnostic.code), "severity": .string(diagnostic.severity.rawValue),
      "message": .string(diagnostic.message), "notes": .array(diagnostic.notes.map { .string($0) }),
      "labels": .array(
        diagnostic.labels.map { label in
          .object(place(label.span, sources, ["text": .string(label.text)]))
        }),
      "fixes": .array(
        diagnostic.fixes.map { fix in
          .object([
            "applicability": .string(fix.applicability.rawValue),
            "edits": .array(
              fix.edits.map { edit in
                .object(place(edit.span, sources, ["replacement": .string(edit.replacement)]))
              }),
          ])
        }),
    ]
    if let help = diagnostic.help { members["help"] = .string(help) }
    if !diagnostic.caption.isEmpty { members["caption"] = .string(diagnostic.caption) }
    return .object(diagnostic.span.map { place($0, sources, members) } ?? members)
  }

  private static func place(_ span: SourceSpan, _ sources: SourceSet, _ members: JSONObject) -> JSONObject {
    let source = sources.sources[span.file]
    func position(_ offset: Int) -> JSONValue {
      let position = source.position(at: offset)
      return .object([
        "line": .integer(Int64(position.line)), "column": .integer(Int64(position.column)),
        "byte": .integer(Int64(position.byte)), "utf16": .integer(Int64(position.utf16)),
      ])
    }
    var members = members
    members["file"] = .string(source.path)
    members["start"] = position(span.range.lowerBound)
    members["end"] = position(span.range.upperBound)
    return members
  }
}
