import Foundation
import PolicyDiagnostics
import PolicyLSP
import PolicyTestSupport
import PolicyYAML
import Testing

@Suite struct SchemaTests {
  /// Codes about structure: each of their wrong cases is refused by the schema as well, except those below.
  static let structural = [
    "P0001", "P0002", "P0010", "P0012", "P0013", "P0014", "P0015", "P0016", "P0030", "P0031", "P0032", "P0033", "P0034",
    "P0035", "P0036", "P0043",
  ]

  /// What a schema cannot see, each with its reason.
  static let beyond: [String: String] = [
    "P0002/wrong-override": "the keys of an override are those of whatever the id names",
    "P0030/wrong-override": "the keys of an override are those of whatever the id names",
    "P0035/wrong-layout": "names of layouts may be the policy's own",
    "P0043/wrong-pointer": "a pointer is text with a grammar of its own",
    "P0043/wrong-take": "the type of the fact says what can be the best",
    "P0036/wrong": "a duration is compared with another, and has many spellings",
  ]

  static func schema() throws -> SchemaValidator {
    let json = try JSONSerialization.jsonObject(with: Data(PolicySchema.render()))
    return SchemaValidator(root: try #require(json as? [String: Any]))
  }

  static func value(_ path: String) throws -> Any? {
    let bytes = Array(try Data(contentsOf: URL(filePath: path)))
    return YAMLReader.read(SourceText(path: path, bytes: bytes), file: 0).root.map { CoreYAML.value($0) }
  }

  static func files(_ folder: String) -> [String] {
    let root = repositoryRoot + "/" + folder
    let found = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
  }

  @Test func acceptsEveryGoodPolicy() throws {
    let schema = try Self.schema()
    var count = 0
    let corpus = Self.files("Tests/Corpus/check").filter { !$0.contains("/wrong") }
    for file in Self.files("policies").filter({ $0.hasSuffix("policy.yaml") }) + Self.files("Tests/Corpus/analysis")
      + corpus
    {
      guard let value = try Self.value(repositoryRoot + "/" + file) else { continue }
      count += 1
      #expect(schema.accepts(value), "\(file)")
    }
    #expect(count > 80)
  }

  @Test func refusesEveryStructuralMistake() throws {
    let schema = try Self.schema()
    var refused = 0
    var accepted: Set<String> = []
    for code in Self.structural {
      for file in Self.files("Tests/Corpus/check/\(code)") where file.contains("/wrong") {
        guard let value = try Self.value(repositoryRoot + "/" + file) else { continue }
        if schema.accepts(value) {
          let parts = file.split(separator: "/")
          accepted.insert("\(code)/\(parts[4].replacing(".yaml", with: ""))")
        } else {
          refused += 1
        }
      }
    }
    #expect(accepted == Set(Self.beyond.keys))
    #expect(refused > 60)
  }

  /// Beside the examples, for editors that read it from there.
  @Test func theSchemaInTheRepositoryIsCurrent() throws {
    let path = repositoryRoot + "/policies/policy.schema.json"
    if ProcessInfo.processInfo.environment["POLICY_UPDATE_PAGES"] == "1" {
      try Data(PolicySchema.render()).write(to: URL(filePath: path))
    }
    #expect((try? Array(Data(contentsOf: URL(filePath: path)))) == PolicySchema.render())
  }
}
