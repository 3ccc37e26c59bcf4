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

  /// What lies in the trash says what it was, and a `never` holds it by that.
  @Test func writesWhatLiesInTheTrash() throws {
    let text = """
      version: 1
      roots: [runs]
      trash: { purge_after: 1d }
      never: [{ id: good, destroy: checkpoints, where: role == best and run.mAP50 ?? 0 > 0.8 }]
      """
    let result = PolicyLoader.load("p.yaml") { _ in .success(Array(text.utf8)) }
    let policy = try #require(result.loaded).policy
    let cases = """
      version: 1
      policy: p.yaml
      cases:
        - name: a good one stays
          now: 2027-01-15T08:00:00Z
          trash:
            - path: a
              age: 3d
              runs: [{ path: a, state: finished, mAP50: 0.9 }]
              checkpoints: [{ path: "a/{best,last}.pt", role: best }]
            - { path: b, age: 3d, runs: [{ path: b, mAP50: 0.9 }] }
          expect: { keep: { a: good }, purge: { b: trash.purge_after } }
      """
    func read(_ text: String) throws -> PolicyCase {
      let (file, diagnostics) = CaseReader.read(
        SourceText(path: "c.yaml", bytes: Array(text.utf8)), schema: policy.schema, policy: policy)
      return try #require(file?.cases.first, "\(diagnostics.map(\.message))\n\(text)")
    }
    let test = try read(cases)
    #expect(test.snapshot.trash.map(\.contents.count) == [3, 1])
    #expect(CaseOutcome(test, on: policy).difference == [])
    let again = try read(
      CaseWriter.file(name: "a good one stays", policy: "p.yaml", snapshot: test.snapshot, expected: test.expected))
    #expect(again.snapshot == test.snapshot)
    #expect(again.expected == test.expected)
  }
}
