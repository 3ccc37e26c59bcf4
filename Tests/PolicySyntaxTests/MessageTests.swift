import PolicyDiagnostics
import PolicySyntax
import Testing

/// One mistake, one message; many mistakes, one run.
@Suite struct MessageTests {
  /// The empty condition that the tag leaves behind is no second mistake.
  @Test func aTagIsOneMistake() {
    let result = Loading.load(Loading.head + "rules:\n  - id: a\n    trash: runs\n    where: !missing(mAP50)\n")
    #expect(result.diagnostics.map(\.code) == ["P0005"])
  }

  /// Keys of other languages, with what does the same here.
  @Test(arguments: [("unless: pinned", "and not (…)"), ("priority: 10", "order of rules never matters")])
  func foreignKeysOfRules(_ line: String, _ words: String) {
    let rule = "rules:\n  - id: a\n    trash: runs\n    where: state == failed\n    \(line)\n"
    let result = Loading.load(Loading.head + rule)
    #expect(result.diagnostics.map(\.code) == ["P0002"])
    #expect(result.diagnostics.first?.help?.contains(words) == true, "\(result.diagnostics)")
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
