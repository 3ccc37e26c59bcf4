import PolicyDiagnostics
import PolicySyntax
import Testing

/// The model messages of the language's design, part by part.
@Suite struct MessageTests {
  private func only(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> (
    Diagnostic, LoadResult
  ) {
    let result = Loading.load(text)
    #expect(result.diagnostics.count == 1, "\(CheckCorpus.findings(result))", sourceLocation: sourceLocation)
    return (try #require(result.diagnostics.first, sourceLocation: sourceLocation), result)
  }

  private func rule(_ lines: String) -> String {
    Loading.head + "facts:\n  mAP50: { type: ratio, better: higher }\nrules:\n  - id: a\n" + lines
  }

  @Test func unknownKey() throws {
    let (diagnostic, result) = try only(rule("    trash: runs\n    filter: state == failed\n"))
    #expect(diagnostic.code == "P0002")
    #expect(diagnostic.message == "unknown key `filter` in a rule")
    #expect(Loading.written(diagnostic.span, result) == "filter")
    #expect(diagnostic.caption == "not a key of `trash` rules")
    #expect(diagnostic.notes == ["without a condition this rule would match every run"])
    #expect(diagnostic.help == "did you mean `where`?")
  }

  @Test func aSelectorWithoutAGroup() throws {
    let (diagnostic, result) = try only(rule("    keep: runs\n    latest: 5\n"))
    #expect(diagnostic.code == "P0014")
    #expect(diagnostic.message == "`latest: 5` of what?")
    #expect(Loading.written(diagnostic.span, result) == "latest: 5")
    #expect(diagnostic.caption == "needs `per`")
    #expect(diagnostic.help == "add `per: user`, `per: [user, project]`, or `per: all` for one group")
  }

  @Test func aBareNumber() throws {
    let (diagnostic, result) = try only(rule("    trash: runs\n    where: true\n    after: 24\n"))
    #expect(diagnostic.code == "P0202")
    #expect(diagnostic.message == "a duration needs a unit")
    #expect(Loading.written(diagnostic.span, result) == "24")
    #expect(diagnostic.caption == "a bare number")
    #expect(diagnostic.help == "write `24h`, `24d` or `24w`")
  }

  @Test func anUnknownFact() throws {
    let (diagnostic, result) = try only(rule("    trash: runs\n    where: mAP5O > 0.8\n"))
    #expect(diagnostic.code == "P0201")
    #expect(Loading.written(diagnostic.span, result) == "mAP5O")
    #expect(diagnostic.caption == "letter O")
    #expect(diagnostic.notes == ["facts declared in this file: `mAP50`"])
    #expect(diagnostic.help == "did you mean `mAP50`?")
  }

  @Test func outsideTheRange() throws {
    let (diagnostic, result) = try only(rule("    trash: runs\n    where: mAP50 > 80\n"))
    #expect(diagnostic.code == "P0301")
    #expect(Loading.written(diagnostic.span, result) == "80")
    #expect(diagnostic.labels.map { Loading.written($0.span, result) } == ["{ type: ratio, better: higher }"])
    #expect(diagnostic.labels.map(\.text) == ["declared here"])
  }

  /// The empty condition that the tag leaves behind is no second mistake.
  @Test func aTagIsOneMistake() throws {
    let (diagnostic, _) = try only(rule("    trash: runs\n    where: !missing(mAP50)\n"))
    #expect(diagnostic.code == "P0005")
  }

  @Test func manyMistakesInOneRunInTheOrderOfTheFile() {
    let result = Loading.load(
      """
      version: 1
      roots: [~/runs]
      trahs: { purge_after: 7d }
      rules:
        - id: a
          trash: run
          where: true
        - id: b
          keep: runs
          latest: 0
          per: user
        - id: b
          trash: runs
          where: mAP50 >
      """)
    #expect(result.loaded == nil)
    #expect(result.diagnostics.map(\.code) == ["P0040", "P0002", "P0013", "P0202", "P0011", "P0102"])
  }
}
