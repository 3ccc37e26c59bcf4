internal import PolicyCore

/// All that one call of `policy test` found out, for the renderers.
public struct TestReport: Sendable {
  public struct File: Sendable {
    public let path: String
    public let outcomes: [CaseOutcome]
    public init(path: String, outcomes: [CaseOutcome]) {
      self.path = path
      self.outcomes = outcomes
    }
  }
  /// What the cases of one policy cover and catch.
  public struct Policy: Sendable {
    public let path: String
    public let coverage: Coverage?
    public let mutation: MutationRun?
    public init(path: String, coverage: Coverage?, mutation: MutationRun?) {
      self.path = path
      self.coverage = coverage
      self.mutation = mutation
    }
  }
  public var files: [File] = []
  public var policies: [Policy] = []
  public init() {}

  public var count: Int { files.reduce(0) { $0 + $1.outcomes.count } }
  public var failed: Int { files.reduce(0) { $0 + $1.outcomes.count { !$0.passed } } }
}

extension CaseOutcome {
  /// The difference between what was expected and what was planned, a line each, in order of paths.
  public var difference: [String] {
    var lines: [(path: String, line: String)] = []
    for item in surplus { lines.append((item.path, "+ \(item.words)\(reason(item))  (planned, not expected)")) }
    for item in missing { lines.append((item.path, "- \(item.words)  (expected, not planned\(instead(item)))")) }
    for item in forbidden { lines.append((item.path, "! \(item.words)  (planned, and must never be)")) }
    for pair in otherwise {
      lines.append(
        (
          pair.planned.path,
          "~ \(pair.planned.fate.rawValue) \(pair.planned.path)  by \(pair.planned.ruleWords), expected "
            + pair.expected.ruleWords
        ))
    }
    return lines.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }.map(\.line)
  }

  /// The near misses of an action: why nothing kept it.
  private func reason(_ item: Expectation) -> String {
    guard let action = plan.actions.first(where: { $0.path.displayText == item.path }) else { return "" }
    let near = action.notKept.compactMap { miss -> String? in
      if let rank = miss.rank, let keeps = miss.keeps { return "\(miss.rule) keeps \(keeps), this is number \(rank)" }
      return nil
    }
    return near.isEmpty ? "" : "; \(near.joined(separator: "; "))"
  }

  private func instead(_ item: Expectation) -> String {
    if let held = plan.held.first(where: { $0.path.displayText == item.path }) {
      return "; held by \(Set(held.by.map(\.rule)).sorted().joined(separator: ", "))"
    }
    if plan.undecided.contains(where: { $0.path.displayText == item.path }) { return "; undecided" }
    return ""
  }
}

extension Expectation {
  var ruleWords: String { rules.isEmpty ? "any rule" : rules.joined(separator: ", ") }
  var words: String { "\(fate.rawValue) \(path)\(rules.isEmpty ? "" : "  by " + ruleWords)" }
}
