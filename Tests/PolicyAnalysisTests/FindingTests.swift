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
