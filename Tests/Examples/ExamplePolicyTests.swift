internal import Foundation
internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyTestSupport
internal import PolicyTesting
internal import Testing

/// Every example in `policies/` loads without findings, has a page, and does what its cases say.
struct ExamplePolicyTests {
  static let names: [String] = {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/policies")) ?? []
    return found.filter { !$0.contains(".") }.sorted()
  }()

  static let caseFiles: [String] = names.flatMap { name in
    let folder = "policies/\(name)/cases"
    let found = (try? FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/" + folder)) ?? []
    return found.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  static func load(_ path: String, _ set: [(name: String, value: String)] = []) -> LoadResult {
    PolicyLoader.load(path, set: set) { path in
      (try? bytes(path)).map { .success($0) } ?? .failure(ReadFailure(reason: "it is not there"))
    }
  }

  @Test func `the examples are there`() { #expect(Self.names.count >= 5) }

  @Test(arguments: names)
  func `an example has a policy without findings, a page and cases`(name: String) throws {
    let folder = repositoryRoot + "/policies/" + name
    let result = Self.load(folder + "/policy.yaml")
    #expect(result.diagnostics.map(\.message) == [])
    #expect(result.loaded?.policy.name == name)
    #expect(FileManager.default.fileExists(atPath: folder + "/README.md"))
    #expect(Self.caseFiles.contains { $0.hasPrefix("policies/\(name)/") })
  }

  static func suites(_ name: String) throws -> [TestSuite] {
    try caseFiles.filter { $0.hasPrefix("policies/\(name)/") }.map { file in
      let path = repositoryRoot + "/" + file
      let policy = repositoryRoot + "/policies/\(name)/policy.yaml"
      return try TestSuite.open(SourceText(path: file, bytes: bytes(path)), policyPath: policy) { load(policy, $0) }
        .get()
    }
  }

  @Test(arguments: names)
  func `cases come out as they say`(name: String) throws {
    let outcomes = try Self.suites(name).flatMap { $0.run() }
    #expect(outcomes.count >= 3)
    for outcome in outcomes { #expect(outcome.passed, "\(outcome.test.name): \(outcome.difference)") }
  }

  @Test(arguments: names)
  func `every rule is covered and every mistake is noticed`(name: String) throws {
    let suites = try Self.suites(name)
    var coverage = Coverage()
    for suite in suites { suite.cover(&coverage) }
    #expect(coverage.items(.rule).filter { !$0.isWhole } == [])
    let run = MutationRun(suites)
    #expect(run.killed >= 10)
    #expect(run.unexplained.map(\.mutant.name) == [])
    #expect(run.needless.map(\.mutant) == [])
  }

  @Test(arguments: names)
  func `an example means what it seems to`(name: String) throws {
    let result = Self.load(repositoryRoot + "/policies/" + name + "/policy.yaml")
    let loaded = try #require(result.loaded)
    let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
    #expect(analysis.diagnostics.map(\.message) == [])
  }

  /// How long the analyses take is printed, and depends on the machine; what they cost does not.
  @Test func `an analysis is cheap`() throws {
    let folder = "Tests/Corpus/check/examples"
    let found = (try? FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/" + folder)) ?? []
    let paths = Self.names.map { "policies/\($0)/policy.yaml" } + found.sorted().map { "\(folder)/\($0)" }
    var worst: (path: String, taken: Duration) = ("", .zero)
    let clock = ContinuousClock()
    for path in paths {
      let result = Self.load(repositoryRoot + "/" + path)
      let loaded = try #require(result.loaded)
      let start = clock.now
      let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
      let taken = clock.now - start
      if taken > worst.taken { worst = (path, taken) }
      #expect(!analysis.diagnostics.contains { $0.code == "P0391" }, "\(path)")
    }
    print("analyses: \(paths.count) example policies, the slowest \(worst.path) in \(worst.taken)")
    #expect(paths.count >= 9)
  }
}
