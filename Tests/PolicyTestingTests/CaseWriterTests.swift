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

  private static let head = "version: 1\nroots: [/data/runs]\ntrash: { purge_after: 1d }\narchive: { to: /mnt/a }\n"
  private static let good = "where: mAP50 ?? 0 > 0.9"

  /// A case of a `never` fails, and passes after any fix that holds what was lost.
  @Test(arguments: [
    ("trash", "trash: runs, where: state == failed", ""), ("archive", "archive: runs, where: state == failed", ""),
    (
      "trash", "keep: runs, where: state == failed",
      "quotas: [{ id: q, of: runs, per: user, limit: 1GiB, evict: { where: state == interrupted } }]\n"
    ),
    (
      "trash", "keep: runs, where: state == failed",
      "pressure: [{ id: p, volume: /data, high: 90%, low: 80%, relieve: [{ trash: runs, where: state == interrupted }] }]\n"
    ),
  ])
  func aNeverFailsUntilThePolicyIsMended(_ verb: String, _ rule: String, _ relief: String) throws {
    let never = "never: [{ id: n, \(verb == "trash" ? "destroy" : verb): runs, \(Self.good) }]\n"
    func load(_ rules: String) throws -> (policy: Policy, example: Counterexample?) {
      let bytes = Array((Self.head + "rules: [\(rules)]\n" + relief + never).utf8)
      let result = PolicyLoader.load("p.yaml") { _ in .success(bytes) }
      let loaded = try #require(result.loaded, "\(result.diagnostics.map(\.message))")
      let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
      return (loaded.policy, analysis.counterexamples.first)
    }
    let (policy, found) = try load("{ id: r, \(rule) }")
    let example = try #require(found)
    let text = CaseWriter.file(
      name: "n", policy: "p.yaml", snapshot: example.snapshot,
      never: [Expectation(verb == "archive" ? .archive : .trash, example.act.path.displayText)])
    let (file, diagnostics) = CaseReader.read(
      SourceText(path: "c.yaml", bytes: Array(text.utf8)), schema: policy.schema, policy: policy)
    let test = try #require(file?.cases.first, "\(diagnostics.map(\.message))\n\(text)")
    let before = CaseOutcome(test, on: policy)
    #expect(!before.passed)
    #expect(before.difference.contains { $0.hasSuffix("(planned, and must never be)") }, "\(before.difference)")
    var mendings = 0
    for fix in verb == "archive" ? ["protect"] : ["protect", "keep"] {
      let (mended, left) = try load("{ id: r, \(rule) }, { id: fix, \(fix): runs, \(Self.good) }")
      // A `keep` gives way to nothing that evicts.
      guard left == nil else { continue }
      let after = CaseOutcome(test, on: mended)
      mendings += 1
      #expect(after.passed, "\(fix): \(after.difference)")
    }
    #expect(mendings > 0)
  }

  @Test func whatMustNeverBeHasItsOwnMistakes() throws {
    let text =
      "version: 1\npolicy: p.yaml\ncases:\n  - name: a\n    now: 2027-01-15T08:00:00Z\n"
      + "    runs: [{ path: a/r1 }]\n    never: { trash: [a/r2], keep: [a/r1], archive: { a/r1: any } }\n"
    let (_, diagnostics) = CaseReader.read(SourceText(path: "c.yaml", bytes: Array(text.utf8)), schema: FactSchema())
    #expect(diagnostics.map(\.code).sorted() == ["P0450", "P0451", "P0453"])
  }
}
