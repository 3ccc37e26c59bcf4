import Foundation
import PolicyAnalysis
import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyTestSupport
import PolicyTesting
import Testing

/// A counterexample that is written down as a case is the same when it is read again.
@Suite struct CaseWriterTests {
  @Test(arguments: ["P0350", "P0350-quota", "P0350-nested"]) func readsBackWhatItWrote(_ name: String) throws {
    let path = repositoryRoot + "/Tests/Corpus/analysis/\(name).yaml"
    let bytes = Array(try Data(contentsOf: URL(filePath: path)))
    let result = PolicyLoader.load("p.yaml") { _ in .success(bytes) }
    let loaded = try #require(result.loaded)
    let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
    let example = try #require(analysis.counterexamples.first)
    let outcome = CaseOutcome.outcome(of: Planner.plan(loaded.policy, on: example.snapshot))
    let text = CaseWriter.file(name: "a: \"b\"", policy: "p.yaml", snapshot: example.snapshot, expected: outcome)
    let (file, diagnostics) = CaseReader.read(
      SourceText(path: "c.yaml", bytes: Array(text.utf8)), schema: loaded.policy.schema)
    let test = try #require(file?.cases.first, "\(diagnostics.map(\.message))\n\(text)")
    #expect(test.name == "a: \"b\"")
    #expect(test.expected == outcome)
    #expect(CaseOutcome(test, on: loaded.policy).passed, "\(text)")
  }
}
