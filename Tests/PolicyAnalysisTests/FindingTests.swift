import Foundation
import PolicyAnalysis
import PolicyCore
import PolicyDiagnostics
import PolicyReport
import PolicySyntax
import PolicyTestSupport
import Testing

/// What `check` says of policies that mean something else than they seem to; `UPDATE_GOLDENS=1` records it anew.
@Suite struct FindingTests {
  static let folder = URL(filePath: repositoryRoot).appending(path: "Tests/Corpus/analysis")
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  static let now = Timestamp("2026-11-24T12:00:00Z") ?? Timestamp(nanoseconds: 0)

  static func analyze(_ name: String) throws -> (AnalysisResult, SourceSet, [Diagnostic]) {
    let text = try Data(contentsOf: folder.appending(path: name + ".yaml"))
    let result = PolicyLoader.load("\(name).yaml") { _ in .success(Array(text)) }
    let loaded = try #require(result.loaded, "\(result.diagnostics.map(\.message))")
    let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: now)
    return (analysis, result.sources, result.diagnostics)
  }

  @Test func thereAreCases() { #expect(Self.names.count > 20) }

  @Test(arguments: names) func saysWhatIsRecorded(_ name: String) throws {
    let (analysis, sources, _) = try Self.analyze(name)
    let text =
      DiagnosticText.render(analysis.diagnostics, sources, style: TextStyle(width: 100, color: false))
      + analysis.proved.map { "proved: \($0)\n" }.joined()
    let golden = Self.folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try Data(text.utf8).write(to: golden)
    }
    let recorded = try? String(contentsOf: golden, encoding: .utf8)
    #expect(text == recorded, "\(text)")
  }

  /// A case named after a code reports that code, and nothing that is worse.
  @Test(arguments: names.filter { $0.hasPrefix("P0") && !$0.hasSuffix("-holds") })
  func reportsItsCode(_ name: String) throws {
    let (analysis, _, _) = try Self.analyze(name)
    #expect(analysis.diagnostics.contains { $0.code == name.prefix(5) })
    #expect(!analysis.diagnostics.contains { $0.severity == .error && $0.code != name.prefix(5) })
  }

  /// Imports that bring nothing, or only what nobody uses; one that brings a used param through another is needed.
  @Test func importsThatDoNothingAreNamed() throws {
    let files = [
      "p.yaml": """
      version: 1
      roots: [runs]
      imports: [idle.yaml, chain.yaml, facts.yaml]
      trash: { purge_after: 7d }
      rules:
        - id: last
          keep: runs
          per: all
          latest: $recent
      """,
      "idle.yaml": "version: 1\nparams: { old: { default: 3 } }\n",
      "chain.yaml": "version: 1\nimports: [deep.yaml]\n",
      "deep.yaml": "version: 1\nparams: { recent: { default: 3 } }\n",
      "facts.yaml":
        "version: 1\nfacts:\n  dice: { type: ratio, better: higher, from: { file: results.csv, column: dice } }\n",
    ]
    let result = PolicyLoader.load("p.yaml") { path in
      files[path].map { .success(Array($0.utf8)) } ?? .failure(ReadFailure(reason: "no such file"))
    }
    let loaded = try #require(result.loaded, "\(result.diagnostics.map(\.message))")
    let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: Self.now)
    #expect(
      analysis.diagnostics.filter { $0.code == "P0380" }.map(\.message)
        == ["the import `idle.yaml` is not used", "the import `facts.yaml` is not used"])
  }

  /// What was not asked, for want of a snapshot or of time, cannot show that an `allow` is needless.
  @Test func allowancesAreJudgedOnlyByQuestionsThatWereAnswered() throws {
    func needless(_ snapshot: Snapshot?, _ extra: String = "") throws -> [String] {
      let loaded = try load(
        """
        version: 1
        roots: [/data/runs]
        trash: { purge_after: 7d }
        rules:
          - { id: paper, keep: runs, where: name == exp7, allow: [{ code: P0372 }] }
          - { id: last, keep: runs, per: user, latest: 1 }
          - { id: old, trash: runs, where: state == failed, allow: [{ code: P0330 }] }
        \(extra)
        """)
      return Analyzer.analyze(loaded.policy, loaded.sourceMap, SourceSet(), now: Self.now, snapshot: snapshot)
        .diagnostics.filter { $0.code == "P0380" }.map(\.caption)
    }
    let empty = Snapshot(now: Self.now, roots: [Root(path: "/data/runs")])
    var there = empty
    there.entities = [Entity(kind: .run, path: "exp7", facts: FactRow([:], unreadable: []))]
    there.normalise()
    #expect(try needless(nil) == ["`old` has no finding P0330"])
    #expect(try needless(empty) == ["`old` has no finding P0330"])
    #expect(try needless(there) == ["`paper` has no finding P0372", "`old` has no finding P0330"])
    let tags = (0..<8).map { "tags has t\($0)" }.joined(separator: " or ")
    #expect(try needless(nil, "  - { id: many, keep: runs, where: \(tags) }") == [])
  }

  /// A `best` that leaves runs without its key out is a floor under a rule that takes none of those.
  @Test func whatIsDroppedFromARankingHasNoFloor() throws {
    func proved(_ condition: String) throws -> [String] {
      let text = """
        version: 1
        roots: [/data/runs]
        trash: { purge_after: 7d }
        rules:
          - { id: k, keep: runs, per: user, best: { n: 1, by: mAP50, missing: drop } }
          - { id: t, trash: runs, where: \(condition) }
        """
      let result = PolicyLoader.load("policy.yaml") { _ in .success(Array(text.utf8)) }
      let loaded = try #require(result.loaded)
      return Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: Self.now).proved
    }
    #expect(try proved("state == failed") == [])
    #expect(try proved("mAP50 ?? 0 < 0.5") == [])
    let floor = "`t` has a floor: the best by mAP50 of each user stays (`k`)"
    #expect(try proved("mAP50 < 0.5") == [floor])
    #expect(try proved("state == failed and mAP50 is not missing") == [floor])
  }

  @Test func pinsThatMatchNothingAreNamed() throws {
    let loaded = try load("version: 1\nroots: [/data/runs]\nrules:\n  - { id: k, keep: runs, per: all, latest: 3 }\n")
    var snapshot = Snapshot(now: Self.now, roots: [Root(path: "/data/runs")])
    func messages() -> [String] {
      Analyzer.analyze(loaded.policy, loaded.sourceMap, SourceSet(), now: Self.now, snapshot: snapshot).diagnostics
        .filter { $0.code == "P0372" }.map(\.message)
    }
    #expect(messages().isEmpty)
    snapshot.unmatchedPins = [ReportedPlace(root: 0, path: "exp7", reason: "the paper")]
    #expect(messages() == ["the pin on `exp7` matches nothing"])
  }

  /// Sizes are said as a limit is written, not to the last byte.
  @Test func whatStaysAboveAQuotaIsSaidInItsUnits() throws {
    let loaded = try load(
      """
      version: 1
      roots: [/data/runs]
      rules:
        - { id: k, keep: runs, per: all, latest: 3 }
      quotas:
        - { id: q, of: runs, limit: 1MiB, evict: { where: state == finished } }
      """)
    let facts: [String: FactValue] = [
      "state": .text("finished"), "finished_at": .integer(1_700_000_000_000_000_000), "bytes": .integer(35_876 << 10),
    ]
    var snapshot = Snapshot(now: Self.now, roots: [Root(path: "/data/runs")])
    snapshot.entities = [Entity(kind: .run, path: "a", facts: FactRow(facts))]
    let found = Analyzer.analyze(loaded.policy, loaded.sourceMap, SourceSet(), now: Self.now, snapshot: snapshot)
    #expect(found.diagnostics.filter { $0.code == "P0363" }.map(\.caption) == ["35.0 MiB stay"])
  }

  /// A counterexample is one: the planner refuses what it shows.
  @Test(arguments: names.filter { $0.hasPrefix("P0350") }) func counterexamplesAreReal(_ name: String) throws {
    let (analysis, _, _) = try Self.analyze(name)
    let text = try Data(contentsOf: Self.folder.appending(path: name + ".yaml"))
    let policy = try load(String(decoding: text, as: UTF8.self)).policy
    #expect(!analysis.counterexamples.isEmpty)
    for example in analysis.counterexamples {
      let plan = Planner.plan(policy, on: example.snapshot)
      #expect(plan.checks.contains { $0.name == example.property && !$0.holds })
    }
  }
}
