internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyYAML

/// Names in a case that the policy has to know.
extension CaseReader {
  mutating func params(_ block: CaseBlock) -> [(name: String, value: String, span: SourceSpan)] {
    var params: [(name: String, value: String, span: SourceSpan)] = []
    for (name, pair) in block["params"]?.value.pairs?.all ?? [] {
      if let policy, !policy.params.contains(where: { $0.name == name }) {
        let near = Spelling.nearest(name, among: policy.params.map(\.name))
        report(
          "P0455", "`\(name)` is no param of the policy", at: pair.key.span,
          help: near.map { "did you mean `\($0)`?" } ?? "declare it under `params` in the policy, or leave it out")
      }
      params.append((name, pair.value.text ?? "", pair.value.span))
    }
    return params
  }

  /// A rule, or whatever else can be the reason for what a case expects.
  mutating func check(_ name: String, _ fate: Expectation.Fate, _ span: SourceSpan) {
    guard let policy else { return }
    let names = Self.reasons(policy, fate)
    guard !names.contains(name) else { return }
    let near = Spelling.nearest(name, among: names)
    let what =
      switch fate {
      case .unmet: "quota or pressure entry"
      case .refused: "limit or `never`"
      case .backup, .archive, .trash, .purge, .keep, .undecided: "rule"
      }
    report(
      "P0455", "`\(name)` is no \(what) of the policy", at: span,
      help: near.map { "did you mean `\($0)`?" }
        ?? (names.isEmpty ? "the policy has none" : "they are \(Self.listed(names.sorted()))"))
  }

  private static func reasons(_ policy: Policy, _ fate: Expectation.Fate) -> [String] {
    let relief = policy.quotas.map(\.id) + policy.pressures.map(\.id)
    let properties = policy.properties.map(\.id)
    switch fate {
    case .unmet: return relief
    case .refused: return properties + ["max_trash", "max_archive", "max_trash_bytes", "max_share"]
    case .purge: return relief + ["trash.purge_after"]
    // A record is held by a `never`; a thing by what must come first.
    case .keep: return policy.rules.map(\.id) + properties + ["archive", "backup"]
    case .backup, .archive, .trash, .undecided: return policy.rules.map(\.id) + relief
    }
  }
}
