internal import PolicyDiagnostics
internal import PolicyReport
internal import Testing

struct DiagnosticTextTests {
  /// Renders one finding, its spans found by their text by finding it in the source.
  private func render(_ text: String, _ build: ((String) -> SourceSpan) -> Diagnostic, width: Int = 80) -> String {
    var sources = SourceSet()
    let bytes = Array(text.utf8)
    _ = sources.add(SourceText(path: "policies/box.yaml", bytes: bytes))
    let diagnostic = build { wanted in
      let needle = Array(wanted.utf8)
      let start =
        (0...max(0, bytes.count - needle.count)).first { Array(bytes[$0..<($0 + needle.count)]) == needle } ?? 0
      return SourceSpan(file: 0, range: start..<(start + needle.count))
    }
    return DiagnosticText.render([diagnostic], sources, style: TextStyle(width: width))
  }

  @Test func `a tag`() {
    let source = "\n\n\n\n\n\n\n    where: ! mAP50 > 0.8\n"
    let shown = render(source) { span in
      Diagnostic(
        "P0005", .error, "a YAML tag would drop part of this condition", at: span("! mAP50"),
        caption: "YAML reads `!` as a tag: the condition left would be `mAP50 > 0.8`", help: "write `not (mAP50 > 0.8)`"
      )
    }
    #expect(
      shown == """
        error[P0005]: a YAML tag would drop part of this condition
         --> policies/box.yaml:8:12
          |
        8 |     where: ! mAP50 > 0.8
          |            ^^^^^^^ YAML reads `!` as a tag: the condition left would be
          |                    `mAP50 > 0.8`
          |
          = help: write `not (mAP50 > 0.8)`

        """)
  }

  @Test func `several places`() {
    let lines = (1...15).map { line in
      switch line {
      case 9: "    after: 14d"
      case 13: "    after: 1d"
      case 15: "  purge_after: 7d"
      default: ""
      }
    }
    let shown = render(lines.joined(separator: "\n")) { span in
      Diagnostic(
        "P0340", .warning, "the backup comes after the purge", at: span("after: 14d"),
        caption: "backed up at 14 days …",
        labels: [
          .init(span("after: 1d\n").shortened, "… trashed at 1 day"),
          .init(span("purge_after: 7d"), "… and gone at 8 days"),
        ],
        help: "write less")
    }
    #expect(
      shown == """
        warning[P0340]: the backup comes after the purge
          --> policies/box.yaml:9:5
           |
         9 |     after: 14d
           |     ^^^^^^^^^^ backed up at 14 days …
        ...
        13 |     after: 1d
           |     --------- … trashed at 1 day
        ...
        15 |   purge_after: 7d
           |   --------------- … and gone at 8 days
           |
           = help: write less

        """)
  }

  @Test func `wide characters keep the carets below the text`() {
    let shown = render("name: 特征 > 0.8\n") { Diagnostic("P0100", .error, "no", at: $0("> 0.8")) }
    #expect(shown.contains("1 | name: 特征 > 0.8\n  |            ^^^^^\n"))
  }

  @Test func `a line of a megabyte shows the neighbourhood`() {
    let source = String(repeating: "a", count: 500_000) + "HERE" + String(repeating: "b", count: 500_000)
    let shown = render(source) { Diagnostic("P0100", .error, "no", at: $0("HERE")) }
    #expect(shown.utf8.count < 1000)
    #expect(shown.contains("HERE"))
    #expect(shown.contains("^^^^\n"))
  }

  @Test func `an escape sequence in a policy does not reach the terminal`() {
    let shown = render("a: \u{1B}[31m\n") { Diagnostic("P0100", .error, "no", at: $0("a")) }
    #expect(!shown.contains("\u{1B}"))
  }
}

extension SourceSpan {
  fileprivate var shortened: SourceSpan { SourceSpan(file: file, range: range.lowerBound..<(range.upperBound - 1)) }
}
