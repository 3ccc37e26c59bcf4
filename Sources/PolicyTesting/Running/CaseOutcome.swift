public import PolicyCore

/// What came of a case.
public struct CaseOutcome: Sendable {
  public let test: PolicyCase
  public let plan: Plan
  /// Planned, and not expected.
  public let surplus: [Expectation]
  /// Expected, and not planned.
  public let missing: [Expectation]
  /// The same fate for other rules: planned, expected.
  public let otherwise: [(planned: Expectation, expected: Expectation)]

  /// Planned, with the rules that do it, though the case says never.
  public let forbidden: [Expectation]

  public var passed: Bool { surplus.isEmpty && missing.isEmpty && otherwise.isEmpty && forbidden.isEmpty }

  /// Runs a case on a policy that was loaded with its params.
  public init(_ test: PolicyCase, on policy: Policy) {
    self.test = test
    plan = Planner.plan(policy, on: test.snapshot)
    let whole = Self.outcome(of: plan)
    forbidden = whole.filter { act in
      test.never.contains { $0.fate == act.fate && ByteString($0.path).isAtOrBelow(ByteString(act.path)) }
    }
    // Where nothing is expected, everything else may be.
    var planned = test.isExhaustive ? whole : []
    var missing: [Expectation] = []
    for expected in test.expected {
      let match = planned.firstIndex {
        $0.fate == expected.fate && $0.path == expected.path && (expected.rules.isEmpty || $0.rules == expected.rules)
      }
      if let match { planned.remove(at: match) } else { missing.append(expected) }
    }
    var otherwise: [(planned: Expectation, expected: Expectation)] = []
    for expected in missing {
      guard let twin = planned.firstIndex(where: { $0.fate == expected.fate && $0.path == expected.path }) else {
        continue
      }
      otherwise.append((planned.remove(at: twin), expected))
    }
    surplus = planned
    self.missing = missing.filter { expected in !otherwise.contains { $0.expected == expected } }
    self.otherwise = otherwise
  }

  /// Everything that a plan does or holds, in the words of `expect`; sorted.
  public static func outcome(of plan: Plan) -> [Expectation] {
    var list: [Expectation] = plan.actions.map { action in
      let fate: Expectation.Fate =
        switch action.verb {
        case .backup: .backup
        case .archive: .archive
        case .trash: .trash
        case .purge: .purge
        }
      return Expectation(fate, action.path.displayText, action.because.map(\.rule))
    }
    list += plan.held.map { Expectation(.keep, $0.path.displayText, $0.by.map(\.rule)) }
    list += plan.undecided.map { Expectation(.undecided, $0.path.displayText, $0.questions.map(\.rule)) }
    list += plan.unmet.map { Expectation(.unmet, $0.id) }
    list += plan.checks.filter { !$0.holds }.map { Expectation(.refused, $0.name) }
    return Set(list).sorted()
  }
}
