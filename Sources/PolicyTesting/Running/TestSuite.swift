internal import PolicyAnalysis
public import PolicyCore
public import PolicyDiagnostics
public import PolicySyntax

/// A file of cases with the policy that it is about, ready to run.
public struct TestSuite: Sendable {
  /// Path of the file of cases, for display.
  public let path: String
  /// Path of the policy.
  public let policyPath: String
  public let file: CaseFile
  /// The policy without the params of any case.
  public let loaded: LoadedPolicy
  /// The policy of each case.
  public let policies: [Policy]

  public enum Failure: Error {
    /// The file of cases, or the policy under some case's params, has mistakes.
    case findings([Diagnostic], SourceSet)
  }

  /// - Parameters:
  ///   - load: loads the policy with params.
  public static func open(
    _ source: SourceText, policyPath: String, load: ([(name: String, value: String)]) -> LoadResult
  ) -> Result<TestSuite, Failure> {
    let result = load([])
    guard let loaded = result.loaded else {
      return .failure(.findings(result.diagnostics.filter { $0.severity == .error }, result.sources))
    }
    let (file, diagnostics) = CaseReader.read(source, schema: loaded.policy.schema, policy: loaded.policy)
    guard let file else {
      var sources = SourceSet()
      _ = sources.add(source)
      return .failure(.findings(diagnostics, sources))
    }
    var policies: [Policy] = []
    for test in file.cases {
      if test.params.isEmpty {
        policies.append(loaded.policy)
        continue
      }
      let own = load(test.params)
      guard let policy = own.loaded?.policy else {
        return .failure(misfit(own, test, source))
      }
      policies.append(policy)
    }
    return .success(
      TestSuite(path: source.path, policyPath: policyPath, file: file, loaded: loaded, policies: policies))
  }

  /// What a case's params break, shown where they stand in the case.
  private static func misfit(_ result: LoadResult, _ test: PolicyCase, _ source: SourceText) -> Failure {
    var sources = result.sources
    let file = sources.add(source)
    let diagnostics = result.diagnostics.filter { $0.severity == .error }.map { diagnostic in
      guard let span = diagnostic.span, result.sources.sources[span.file].path == "--set" else { return diagnostic }
      let set = result.sources.sources[span.file]
      let name = String(decoding: set.bytes.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
      let place = test.params.lastIndex { $0.name == name || $0.value == String(decoding: set.bytes, as: UTF8.self) }
      let written = place.map { test.paramSpans[$0] } ?? test.span
      var moved = diagnostic
      moved.span = SourceSpan(file: file, range: written.range)
      (moved.labels, moved.fixes) = ([], [])
      return moved
    }
    return .findings(diagnostics, sources)
  }

  /// - Parameter filter: runs the cases whose names hold it.
  public func run(filter: String? = nil) -> [CaseOutcome] {
    zip(file.cases, policies).filter { test, _ in filter.map { test.name.contains($0) } ?? true }
      .map { CaseOutcome($0, on: $1) }
  }

  /// Adds what these cases cover.
  public func cover(_ coverage: inout Coverage) {
    for (test, policy) in zip(file.cases, policies) {
      coverage.add(policy, test.snapshot, Planner.plan(policy, on: test.snapshot))
    }
  }
}

/// All suites of one policy against its mutants.
public struct MutationRun: Sendable {
  public struct Survivor: Sendable {
    public let mutant: Mutant
    /// From `survivors`, when somebody has explained it.
    public let because: String?
  }
  public private(set) var killed = 0
  /// Proved to mean the same as the policy: no case could tell them apart.
  public private(set) var equivalent = 0
  public private(set) var survivors: [Survivor] = []
  /// Entries of `survivors` whose mutant does not survive, or does not exist.
  public private(set) var needless: [ExpectedSurvivor] = []
  /// How many cases fail on the policy itself: they would fail on every mutant, and so say nothing of any.
  public private(set) var leftOut = 0

  public var total: Int { killed + survivors.count }
  public var unexplained: [Survivor] { survivors.filter { $0.because == nil } }

  public init(_ suites: [TestSuite]) {
    guard let policy = suites.first?.loaded.policy else { return }
    let explained = suites.flatMap(\.file.survivors)
    var used: Set<String> = []
    // Each case's params make another policy, with its own mutants in the same order.
    let tests = suites.flatMap { suite in
      zip(suite.file.cases, suite.policies).filter { CaseOutcome($0, on: $1).passed }
        .map { (test: $0, mutants: Mutator.slots(of: $1)) }
    }
    leftOut = suites.reduce(0) { $0 + $1.file.cases.count } - tests.count
    for (index, slot) in Mutator.slots(of: policy).enumerated() {
      guard let mutant = slot else { continue }
      let isKilled = tests.contains { test in
        guard index < test.mutants.count, let own = test.mutants[index] else { return false }
        return !CaseOutcome(test.test, on: own.policy).passed
      }
      if isKilled {
        killed += 1
      } else if case .equivalent = PolicyComparer.compare(policy, mutant.policy).verdict {
        equivalent += 1
      } else {
        let reason = explained.first { $0.mutant == mutant.name }
        if let reason { used.insert(reason.mutant) }
        survivors.append(Survivor(mutant: mutant, because: reason?.because))
      }
    }
    needless = explained.filter { !used.contains($0.mutant) }
  }
}
