public import PolicyCore
public import PolicyDiagnostics

/// A file of cases: which policy it is about, made-up snapshots, and everything that must come of each.
public struct CaseFile: Sendable {
  /// As written: relative to the file.
  public let policy: String
  public let policySpan: SourceSpan
  public let cases: [PolicyCase]
  /// Mutants that no case tells from the policy, and why that is right.
  public let survivors: [ExpectedSurvivor]
}

/// A mutant that is known to survive.
public struct ExpectedSurvivor: Sendable {
  public let mutant: String
  public let because: String
  public let span: SourceSpan
}

/// One case. `expected` is exhaustive both ways, unless all that the case says is what must never come of it.
public struct PolicyCase: Sendable {
  public let name: String
  public let span: SourceSpan
  /// Where each of `params` was written.
  public let paramSpans: [SourceSpan]
  /// As `--set` takes them.
  public let params: [(name: String, value: String)]
  public let snapshot: Snapshot
  /// Sorted, each once.
  public let expected: [Expectation]
  /// What must not be done, to these things or to what they lie in: backup, archive, trash or purge. Sorted, each once.
  public let never: [Expectation]
  /// `false`: there is a `never` and no `expect`, so whatever else the plan does is right.
  public let isExhaustive: Bool
}

/// Something that a case expects, or that a plan does.
public struct Expectation: Hashable, Sendable, Comparable {
  public enum Fate: String, Hashable, Sendable, CaseIterable {
    case backup, archive, trash, purge, keep, undecided, unmet, refused
  }
  public let fate: Fate
  /// Of the thing; the id of the quota, pressure entry, property or limit for `unmet` and `refused`.
  public let path: String
  /// Sorted; empty: whichever.
  public let rules: [String]

  public init(_ fate: Fate, _ path: String, _ rules: [String] = []) {
    self.fate = fate
    self.path = path
    self.rules = Set(rules).sorted()
  }

  private var place: Int { Fate.allCases.firstIndex(of: fate) ?? 0 }

  public static func < (left: Expectation, right: Expectation) -> Bool {
    if left.path != right.path { return left.path.utf8.lexicographicallyPrecedes(right.path.utf8) }
    return left.place == right.place ? left.rules.lexicographicallyPrecedes(right.rules) : left.place < right.place
  }
}
