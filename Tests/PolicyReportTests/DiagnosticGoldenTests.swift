internal import PolicyDiagnostics
internal import PolicyReport
internal import Testing

/// Excerpts keep the user's own lines, so these may be wider than the terminal where a caption is.
struct DiagnosticGoldenTests {
  private func check(_ name: String, _ text: String, _ build: ((String) -> SourceSpan) -> Diagnostic) throws {
    var sources = SourceSet()
    let bytes = Array(text.utf8)
    _ = sources.add(SourceText(path: "policies/box.yaml", bytes: bytes))
    let diagnostic = build { wanted in
      let needle = Array(wanted.utf8)
      let start = (0...(bytes.count - needle.count)).first { Array(bytes[$0..<($0 + needle.count)]) == needle }
      return SourceSpan(file: 0, range: (start ?? 0)..<((start ?? 0) + needle.count))
    }
    try Golden.check("diagnostic-" + name, mayBeWider: true) {
      DiagnosticText.render([diagnostic], sources, style: $0) + DiagnosticText.compact([diagnostic], sources)
    }
  }

  @Test func `wide characters and tabs`() throws {
    try check("wide", "rules:\n\t- id: 特征级融合\n\t  where: 名字 == \"特征\" and mAP50 >\t0.8\n") { span in
      Diagnostic(
        "P0201", .error, "there is no fact `名字`", at: span("名字"), caption: "not a fact",
        labels: [.init(span("特征级融合"), "in this rule"), .init(span("0.8"), "here")], help: "write `name`")
    }
  }

  @Test func `at the end of the file`() throws {
    try check("end", "rules:\n  - id: stale\n    where: \"") { span in
      let quote = span("\"")
      return Diagnostic(
        "P0101", .error, "the text ends inside a string",
        at: SourceSpan(file: 0, range: quote.range.upperBound..<quote.range.upperBound),
        caption: "ends here", labels: [.init(quote, "begun here")], notes: ["a string ends where it began"],
        help: "close it with `\"`")
    }
  }

  @Test func `over several lines, and two marks in one`() throws {
    try check("lines", "rules:\n  - id: a\n    where: x and\n      y or z\n") { span in
      Diagnostic(
        "P0107", .warning, "`and` and `or` are mixed", at: span("x and\n      y or z"), caption: "which binds first",
        labels: [.init(span("and"), "this"), .init(span("or"), "and this")],
        help: "write\n`(x and y) or z`")
    }
  }
}
