internal import PolicyCore

/// Whether the rules of two policies vote alike on everything that could exist.
///
/// Then quotas and pressure that are the same in both start from the same state, find the same candidates and take
/// the same of them: nothing is left to compare by trying.
enum VoteAgreement {
  static func holds(_ a: PolicyMeaning, _ b: PolicyMeaning) throws(BudgetSpent) -> Bool {
    let (left, right) = (a.policy, b.policy)
    guard left.decisions.quotas == right.decisions.quotas, left.decisions.pressures == right.decisions.pressures,
      // Plain `age` in their conditions and orders means the same stamp.
      left.ageOf == right.ageOf
    else { return false }
    for subject in Subject.allCases {
      for (one, other) in zip(try votes(a, subject), try votes(b, subject)) {
        if try a.isPossible(try a.diagrams.differ(one, other)) { return false }
      }
    }
    return true
  }

  /// P, K, S for each set of what it yields to, A°, D, what waits for a backup, and the acts that follow.
  private static func votes(_ it: PolicyMeaning, _ subject: Subject) throws(BudgetSpent) -> [Diagram] {
    var votes = [
      it.protects(subject), it.firmlyKeeps(subject), it.awaits(subject), it.wants(subject),
      try it.trashed(subject), try it.archived(subject),
    ]
    let reliefs: [Set<Relief>] = [[.quota], [.pressure], [.quota, .pressure]]
    for yielding in reliefs {
      votes.append(try picks(it, subject) { $0.verb == .keep && $0.yieldsTo == yielding })
    }
    votes.append(try picks(it, subject) { $0.verb == .trash && $0.requiresBackup })
    return votes
  }

  private static func picks(
    _ it: PolicyMeaning, _ subject: Subject, _ counts: (Rule) -> Bool
  ) throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for rule in it.rules where rule.subject == subject && counts(rule.rule) {
      result = try it.diagrams.or(result, rule.picks)
    }
    return result
  }
}
