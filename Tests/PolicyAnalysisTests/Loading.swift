import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import Testing

/// A policy from text, which must load.
func load(_ text: String) throws -> LoadedPolicy {
  let result = PolicyLoader.load("policy.yaml") { _ in .success(Array(text.utf8)) }
  return try #require(result.loaded, "\(result.diagnostics.map(\.message))")
}
