internal import Foundation
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyTestSupport
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

  @Test(arguments: caseFiles)
  func `cases come out as they say`(file: String) throws {
    let path = repositoryRoot + "/" + file
    let (policy, cases) = try PolicyCase.read(Self.bytes(path), path: file)
    for one in cases {
      let result = Self.load((path as NSString).deletingLastPathComponent + "/" + policy, one.params)
      let loaded = try #require(result.loaded, "\(file): \(result.diagnostics.map(\.message))")
      let outcome = PolicyCase.outcome(Planner.plan(loaded.policy, on: one.snapshot))
      let surplus = outcome.filter { !one.expected.contains($0) }
      let missing = one.expected.filter { !outcome.contains($0) }
      #expect(surplus.isEmpty && missing.isEmpty, "\(file): \(one.name)\nsurplus: \(surplus)\nmissing: \(missing)")
    }
  }
}
