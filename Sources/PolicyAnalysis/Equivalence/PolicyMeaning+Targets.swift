internal import PolicyCore

extension PolicyMeaning {
  /// Where its rules archive to.
  var archiveTargets: Set<String> {
    Set(rules.filter { $0.rule.verb == .archive }.map { $0.rule.target ?? policy.archive?.to ?? "" })
  }

  /// act(e) = archive, to one place: that of the first rule that names one.
  func archived(_ subject: Subject, to target: String) throws(BudgetSpent) -> Diagram {
    var named = Diagram.nothing
    var there = Diagram.nothing
    for rule in rules where rule.subject == subject && rule.rule.verb == .archive {
      guard let own = rule.rule.target else { continue }
      if own == target { there = try diagrams.or(there, try diagrams.minus(rule.picks, named)) }
      named = try diagrams.or(named, rule.picks)
    }
    if policy.archive?.to ?? "" == target { there = try diagrams.or(there, try diagrams.not(named)) }
    return try diagrams.and(try archived(subject), there)
  }

  /// Where its rules back up to.
  var backupTargets: Set<String> {
    Set(rules.filter { $0.rule.verb == .backup }.map { $0.rule.target ?? policy.backup?.to ?? "" })
  }

  /// B(e) ≠ ∅ for a target.
  func backedUp(_ subject: Subject, _ target: String) throws(BudgetSpent) -> Diagram {
    var result = Diagram.nothing
    for rule in rules where rule.subject == subject && rule.rule.verb == .backup {
      guard (rule.rule.target ?? policy.backup?.to ?? "") == target else { continue }
      result = try diagrams.or(result, rule.picks)
    }
    // What may be being written is not copied.
    let settled = try compiler.facts(FactKey(.run, "state")) { region in
      guard case .known(.text(let state)) = region else { return false }
      return state != "running" && state != "unknown"
    }
    return try diagrams.and(result, settled)
  }
}
