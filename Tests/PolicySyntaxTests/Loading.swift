import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import Testing

/// Loads policies from texts.
enum Loading {
  static let head = "version: 1\nroots: [runs]\ntrash: { purge_after: 7d }\n"

  static func load(
    _ text: String, set: [(name: String, value: String)] = [], files: [String: String] = [:],
    as path: String = "box.yaml"
  ) -> LoadResult {
    PolicyLoader.load(path, set: set) { name in
      if name == path { return .success(Array(text.utf8)) }
      guard let other = files[name] else { return .failure(ReadFailure(reason: "no such file")) }
      return .success(Array(other.utf8))
    }
  }

  /// The policy of a text that has no mistakes.
  static func policy(
    _ text: String, set: [(name: String, value: String)] = [], files: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Policy {
    let result = load(text, set: set, files: files)
    return try #require(
      result.loaded?.policy, "\(CheckCorpus.findings(result))", sourceLocation: sourceLocation)
  }

  /// What stands at a span.
  static func written(_ span: SourceSpan?, _ result: LoadResult) -> String {
    guard let span else { return "" }
    return String(decoding: result.sources.sources[span.file].bytes[span.range], as: UTF8.self)
  }
}
