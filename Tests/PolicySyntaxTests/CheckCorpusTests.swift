import PolicyCore
import PolicyDiagnostics
import Testing

@testable import PolicySyntax

@Suite struct CheckCorpusTests {
  @Test(arguments: CheckCorpus.cases) func reportsExactlyWhatIsExpected(_ example: CheckCorpus.Case) {
    let result = CheckCorpus.load(example.path)
    #expect(CheckCorpus.findings(result) == CheckCorpus.expectations(result))
    let hasErrors = result.diagnostics.contains { $0.severity == .error }
    #expect((result.loaded == nil) == hasErrors)
  }

  @Test(arguments: Code.allCases) func everyCodeFailsOnceAndHasAPassingNeighbour(_ code: Code) {
    let cases = CheckCorpus.cases.filter { $0.code == code.rawValue }
    let expectations = cases.map { CheckCorpus.expectations(CheckCorpus.load($0.path)) }
    #expect(expectations.contains { $0.contains { $0.hasSuffix(" " + code.rawValue) } }, "no failing case")
    #expect(expectations.contains { $0.isEmpty }, "no passing case")
  }

  @Test(arguments: CheckCorpus.cases) func messagesFollowTheStyle(_ example: CheckCorpus.Case) {
    for diagnostic in CheckCorpus.load(example.path).diagnostics {
      for text in [diagnostic.message] + diagnostic.notes + [diagnostic.help ?? ""] {
        #expect(!text.hasSuffix("."), "\(text)")
        #expect(
          text.first.map { !$0.isUppercase || text.hasPrefix("YAML") || text.hasPrefix("JSON") } ?? true, "\(text)")
        #expect(!text.contains("\n"))
      }
      #expect(!diagnostic.message.isEmpty)
    }
  }

  /// Loading cannot depend on anything but its input.
  @Test(arguments: CheckCorpus.cases) func isReproducible(_ example: CheckCorpus.Case) {
    let (first, second) = (CheckCorpus.load(example.path), CheckCorpus.load(example.path))
    #expect(first.diagnostics == second.diagnostics)
    #expect(first.loaded?.policy == second.loaded?.policy)
  }
}
