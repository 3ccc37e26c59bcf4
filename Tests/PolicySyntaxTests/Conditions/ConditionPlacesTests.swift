import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyYAML
import Testing

/// Places in the source where the value and the source differ, and what a scalar's style says.
@Suite struct ConditionPlacesTests {
  private func parse(_ text: ScalarText) -> (ParsedCondition?, [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let read = ConditionParser.parse(text, ConditionFixture.context(.run), &diagnostics)
    return (read, diagnostics)
  }

  /// `"mAP50 > 80\n and pinned"` with a folded line: one blank of the value stands for a line break and four blanks.
  @Test func spansGoThroughFoldedLines() throws {
    let value = "pinned and mAP50 > 80"
    let fold = 10  // the blank before `mAP50`
    let offsets = (0...value.utf8.count).map { $0 <= fold ? 50 + $0 : 50 + $0 + 4 }
    let text = ScalarText(bytes: Array(value.utf8), offsets: offsets, file: 3, style: .doubleQuoted)
    let (read, diagnostics) = parse(text)
    #expect(read == nil)
    let span = try #require(diagnostics.first?.span)
    #expect(diagnostics.map(\.code) == ["P0301"])
    #expect(span == SourceSpan(file: 3, range: 73..<75))
  }

  /// An escape in double quotes: one byte of the value was written with more.
  @Test func nodesGoThroughEscapes() throws {
    let value = "name == \"a\" or pinned"  // written: name == \"a\" or pinned
    var offsets: [Int] = []
    var place = 0
    for byte in value.utf8 {
      offsets.append(place)
      place += byte == UInt8(ascii: "\"") ? 2 : 1
    }
    offsets.append(place)
    let (read, diagnostics) = parse(
      ScalarText(bytes: Array(value.utf8), offsets: offsets, file: 0, style: .doubleQuoted))
    #expect(diagnostics.isEmpty)
    #expect(try #require(read).nodeSpans.map(\.range) == [0..<23, 0..<13, 17..<23])
  }

  /// The tree `not (a or b) and c is not missing`, node by node.
  @Test func nodesAreInPreOrder() throws {
    let value = "not (pinned or in_use) and project is not missing"
    let (read, _) = parse(ConditionFixture.scalar(value))
    let parsed = try #require(read)
    let bytes = Array(value.utf8)
    let texts = parsed.nodeSpans.map { span in
      let (lower, upper) = (
        span.range.lowerBound - ConditionFixture.base, span.range.upperBound - ConditionFixture.base
      )
      return String(decoding: bytes[lower..<upper], as: UTF8.self)
    }
    #expect(
      texts == [
        value, "not (pinned or in_use)", "pinned or in_use", "pinned", "in_use", "project is not missing",
        "project is not missing",
      ])
  }

  @Test func commentsThatCutAStringAreNamed() throws {
    let value = "name matches \"sweep"
    let text = ConditionFixture.scalar(Array(value.utf8), style: .plain, comment: 1020..<1023)
    let (_, diagnostics) = parse(text)
    let mistake = try #require(diagnostics.first)
    #expect(diagnostics.count == 1 && mistake.code == "P0101")
    #expect(mistake.span?.range == 1013..<1019)
    #expect(mistake.caption == "opened here")
    #expect(mistake.labels == [.init(SourceSpan(file: 0, range: 1020..<1023), "YAML starts a comment here")])
    #expect(mistake.help == "quote the whole condition: 'name matches \"sweep #…\"'")
    let inSingle = ConditionFixture.scalar(Array("name matches 'it".utf8), style: .plain, comment: 1020..<1023)
    #expect(parse(inSingle).1.first?.help == "quote the whole condition: \"name matches 'it #…'\"")
    // In quotes of YAML no comment begins: the string was simply not closed.
    let quoted = ConditionFixture.scalar(Array(value.utf8), style: .singleQuoted)
    #expect(parse(quoted).1.first?.labels == [])
    #expect(parse(quoted).1.first?.help == "close it with `\"`")
  }

  @Test(arguments: [ScalarText.Style.literal, .folded])
  func blocksOfTextAreRefused(_ style: ScalarText.Style) {
    let (read, diagnostics) = parse(ConditionFixture.scalar("pinned\n", style: style))
    #expect(read == nil && diagnostics.map(\.code) == ["P0009"])
  }

  @Test func plainConditionsStayOnOneLine() {
    let value = "pinned and in_use"
    let offsets = (0...value.utf8.count).map { $0 <= 6 ? $0 : $0 + 3 }
    func text(_ style: ScalarText.Style) -> ScalarText {
      ScalarText(bytes: Array(value.utf8), offsets: offsets, file: 0, style: style)
    }
    let (read, diagnostics) = parse(text(.plain))
    #expect(read == nil && diagnostics.map(\.code) == ["P0110"])
    #expect(diagnostics.first?.span?.range == 6..<10)
    #expect(parse(text(.singleQuoted)).0 != nil)
  }

  @Test func lengthIsBounded() {
    let fits = String(repeating: "pinned or ", count: (ConditionParser.maximumLength - 6) / 10) + "pinned"
    #expect(fits.utf8.count <= ConditionParser.maximumLength)
    #expect(parse(ConditionFixture.scalar(fits)).0 != nil)
    let padded = fits + String(repeating: " ", count: ConditionParser.maximumLength + 1 - fits.utf8.count)
    let (read, diagnostics) = parse(ConditionFixture.scalar(padded))
    #expect(read == nil && diagnostics.map(\.code) == ["P0109"])
  }

  @Test func usedParamsAreNamedOnceInOrder() {
    let (read, _) = parse(ConditionFixture.scalar("age > $week and mAP50 > $good and age < $week and user in [$who]"))
    #expect(read?.usedParams == ["week", "good", "who"])
  }

  @Test func runAgeCountsFromTheStampOfRuns() {
    let context = ConditionContext(
      kind: .checkpoint, schema: FactSchema(), defaultStamp: FactReference("modified_at"),
      runStamp: FactReference("created_at"))
    var diagnostics: [Diagnostic] = []
    let read = ConditionParser.parse(ConditionFixture.scalar("run.age > 1d"), context, &diagnostics)
    let operand = Operand(FactReference("created_at", scope: .run), isAge: true)
    #expect(read?.condition == .compare(operand, .greater, .duration(.days(1))))
  }

  /// A fix marked safe gives a right condition.
  @Test func safeFixesAreRight() throws {
    var applied = 0
    for entry in ConditionCorpusTests.cases where entry.form == "runs" && entry.expectations.count == 1 {
      let (_, _, diagnostics, _) = entry.run(entry.text)
      guard let fix = diagnostics.first?.fixes.first, fix.applicability == .safe, fix.edits.count == 1 else { continue }
      let edit = fix.edits[0]
      var bytes = Array(entry.text.utf8)
      let range = edit.span.range
      bytes.replaceSubrange(
        range.lowerBound - ConditionFixture.base..<range.upperBound - ConditionFixture.base,
        with: Array(edit.replacement.utf8))
      let fixed = String(decoding: bytes, as: UTF8.self)
      let codes = entry.run(fixed).diagnostics.map(\.code)
      #expect(codes.allSatisfy { $0 != diagnostics[0].code } || fixed.contains("\u{A0}"), "\(entry.text) → \(fixed)")
      applied += 1
    }
    print("\(applied) safe fixes applied")
    #expect(applied >= 15)
  }
}
