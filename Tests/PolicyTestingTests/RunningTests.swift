import PolicyCore
import PolicyDiagnostics
import PolicyReport
import PolicySyntax
import PolicyTesting
import Testing

@Suite struct RunningTests {
  static let policy = """
    version: 1
    roots: [runs]
    trash: { purge_after: 7d }
    params: { recent: { default: 2 } }
    rules:
      - { id: recent, keep: runs, per: all, latest: $recent }
      - id: stale
        trash: runs
        where: state == finished and mAP50 ?? 0 < 0.5
        after: 24h
    """

  static func suite(_ cases: String) throws -> TestSuite {
    let source = SourceText(path: "cases.yaml", bytes: Array(("version: 1\npolicy: p.yaml\n" + cases).utf8))
    return try TestSuite.open(source, policyPath: "p.yaml") { set in
      PolicyLoader.load("p.yaml", set: set) { _ in .success(Array(policy.utf8)) }
    }.get()
  }

  static let whole = """
    cases:
      - name: the third goes
        now: 2027-01-15T08:00:00Z
        runs: [{ path: "r{1..3}", state: finished, age: "5d..3d", mAP50: 0.4 }]
        expect:
          trash: { r1: stale }
          keep: { "r{2..3}": recent }
    """

  @Test func passesOnlyWhenEverythingIsExpected() throws {
    #expect(try Self.suite(Self.whole).run().map(\.passed) == [true])
    let silent = Self.whole.replacing("      keep: { \"r{2..3}\": recent }", with: "")
    let outcome = try #require(try Self.suite(silent).run().first)
    #expect(outcome.surplus.map(\.path) == ["r2", "r3"])
    let greedy = Self.whole.replacing("trash: { r1: stale }", with: "trash: { r1: stale, r2: stale }")
    #expect(try Self.suite(greedy).run().first?.missing.map(\.path) == ["r2"])
    let blamed = Self.whole.replacing("r1: stale", with: "r1: recent")
    #expect(try Self.suite(blamed).run().first?.otherwise.map(\.planned.rules) == [["stale"]])
  }

  @Test func paramsBelongToTheirCase() throws {
    let one = Self.whole.replacing("    runs:", with: "    params: { recent: 1 }\n    runs:")
      .replacing("r1: stale", with: "\"r{1..2}\": stale").replacing("r{2..3}", with: "r3")
    #expect(try Self.suite(one).run().map(\.passed) == [true])
  }

  @Test func coverageNamesWhatWasNotTried() throws {
    var coverage = Coverage()
    try Self.suite(Self.whole).cover(&coverage)
    #expect(coverage.share(.rule).whole == 2)
    let score = try #require(coverage.items(.test).first { $0.subject.contains("mAP50") })
    #expect(score.missing == ["false", "at 0.5"])
  }

  @Test func mutantsSurviveWhereNoCaseLooks() throws {
    let run = MutationRun([try Self.suite(Self.whole)])
    #expect(run.killed > 0)
    let names = run.unexplained.map(\.mutant.name)
    #expect(names.contains("stale: mAP50 ?? 0 < 0.5 becomes <="))
    #expect(names.contains("stale: after 1d becomes more than 1d"))
    #expect(!names.contains("recent: dropped"))
  }

  /// A case that fails on the policy fails on every mutant too: it notices nothing.
  @Test func aFailingCaseScoresNothing() throws {
    let run = MutationRun([try Self.suite(Self.whole.replacing("r1: stale", with: "r2: stale"))])
    #expect(run.killed == 0 && run.leftOut == 1 && !run.survivors.isEmpty)
    let wrong = Self.whole.replacing("cases:\n", with: "").replacing("{ r1: stale }", with: "{ r2: any }")
    let good = Self.whole + "\n" + wrong
    let mixed = MutationRun([try Self.suite(good)])
    let alone = MutationRun([try Self.suite(Self.whole)])
    #expect(mixed.leftOut == 1 && mixed.killed == alone.killed)
    var report = TestReport()
    report.policies = [TestReport.Policy(path: "p.yaml", coverage: nil, mutation: mixed)]
    let text = TestText.render(report, listsPassed: false, style: TextStyle(width: 100, color: false))
    #expect(text.contains("no score: 1 case that fails is left out") && !text.contains("%"))
    let junit = TestFormats.junit(report)
    #expect(junit.contains("name=\"mutant: stale: mAP50 ?? 0 &lt; 0.5 becomes &lt;=\""))
    #expect(junit.contains("noticed, no score: 1 that fail left out"))
    #expect(junit.contains("failures=\"\(mixed.unexplained.count)\""))
  }

  /// Names that only the policy can know, and params that it does not take, are shown in the file of cases.
  @Test func namesOfThePolicyMustBeRight() throws {
    func mistakes(_ cases: String) -> [String] {
      let source = SourceText(path: "cases.yaml", bytes: Array(("version: 1\npolicy: p.yaml\n" + cases).utf8))
      let result = TestSuite.open(source, policyPath: "p.yaml") { set in
        PolicyLoader.load("p.yaml", set: set) { _ in .success(Array(Self.policy.utf8)) }
      }
      guard case .failure(.findings(let diagnostics, let sources)) = result else { return [] }
      return diagnostics.map { diagnostic in
        let place = diagnostic.span.map { (sources.sources[$0.file].path, sources.position(at: $0).line) }
        return "\(place?.0 ?? ""):\(place?.1 ?? 0) \(diagnostic.code) \(diagnostic.help ?? "")"
      }
    }
    #expect(mistakes(Self.whole).isEmpty)
    let rule = Self.whole.replacing("r1: stale", with: "r1: stael")
    #expect(mistakes(rule) == ["cases.yaml:8 P0455 did you mean `stale`?"])
    let param = Self.whole.replacing("    runs:", with: "    params: { recnet: 1 }\n    runs:")
    #expect(mistakes(param) == ["cases.yaml:6 P0455 did you mean `recent`?"])
    let value = Self.whole.replacing("    runs:", with: "    params: { recent: many }\n    runs:")
    #expect(mistakes(value).first?.hasPrefix("cases.yaml:6 P0") == true, "\(mistakes(value))")
  }

  @Test func anExplainedSurvivorIsNotHeldAgainstAnybody() throws {
    let text =
      Self.whole + "\nsurvivors:\n  - { mutant: \"stale: mAP50 ?? 0 < 0.5 becomes <=\", because: so }\n"
      + "  - { mutant: \"recent: dropped\", because: wrong }\n"
    let run = MutationRun([try Self.suite(text)])
    #expect(!run.unexplained.map(\.mutant.name).contains("stale: mAP50 ?? 0 < 0.5 becomes <="))
    #expect(run.needless.map(\.mutant) == ["recent: dropped"])
  }
}
