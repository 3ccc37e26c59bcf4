public import PolicyDiagnostics

/// What a YAML file is about, by its top keys: editors show every such file to a language server.
public enum DocumentKind: Sendable {
  case policy, cases, other

  public static func of(_ source: SourceText) -> DocumentKind {
    var names: Set<String> = []
    for number in source.lineStarts.indices {
      let line = String(decoding: source.lineBytes(number), as: UTF8.self)
      guard let first = line.first, !" #-".contains(first), let colon = line.firstIndex(of: ":") else { continue }
      names.insert(line[..<colon].filter { $0 != " " && $0 != "\"" && $0 != "'" && $0 != "\u{FEFF}" })
    }
    if names.contains("cases") { return .cases }
    // Nothing yet, or one document in braces: somebody may be about to write a policy.
    if names.isEmpty { return .policy }
    let keys = Keys.of(.top).map(\.name).filter { !Self.common.contains($0) }
    // Of `version` only ours is one number: `version: "3.8"` is that of something else.
    let isVersioned = names.contains("version") && names.isDisjoint(with: Self.foreign)
    return isVersioned || !names.isDisjoint(with: keys) ? .policy : .other
  }

  /// Keys of ours that any YAML file may have.
  private static let common: Set<String> = ["version", "name", "description", "defaults", "archive", "backup"]
  /// What files with a `version` that are no policies have beside it.
  private static let foreign: Set<String> = ["services", "jobs", "steps", "pipeline", "plugins", "repos", "updates"]
}
