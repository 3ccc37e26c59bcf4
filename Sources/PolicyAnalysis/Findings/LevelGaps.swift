internal import PolicyCore
internal import PolicyDiagnostics

/// P0324: a keep on checkpoints does not stop the trash of their run.
enum LevelGaps {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    for rule in it.ownRules {
      // What thinning leaves is meant beside the thinning only.
      guard rule.rule.verb == .keep, rule.subject == .checkpoint, rule.rule.sugar == nil else { continue }
      for trash in it.ownRules where trash.rule.verb == .trash && trash.subject == .run {
        let held = try it.diagrams.any([
          it.meaning.protects(.run), it.meaning.protects(.checkpoint), it.meaning.firmlyKeeps(.run),
          it.meaning.softlyKeeps(.run), it.meaning.awaits(.run),
        ])
        let caught = try it.diagrams.minus(try it.diagrams.and(rule.picks, trash.picks), held)
        guard try it.meaning.isPossible(caught) else { continue }
        outcome.findings.append(it.place.finding(rule.rule.id, diagnostic(rule.rule, trash.rule, it)))
        break
      }
    }
    return outcome
  }

  private static func diagnostic(_ rule: Rule, _ trash: Rule, _ it: CheckContext) -> Diagnostic {
    Diagnostic(
      "P0324", .warning, "`\(rule.id)` does not keep checkpoints whose run goes", at: it.place.verb(rule.id),
      caption: "keeps checkpoints from rules about checkpoints only",
      labels: it.place.verb(trash.id).map { [.init($0, "trashes runs with everything in them")] } ?? [],
      help: "write `protect: checkpoints` if their runs must stay as well, or accept it with "
        + "`allow: [{ code: P0324 }]`")
  }
}
