internal import PolicyCore

/// One rule as sets of assignments.
struct RuleMeaning {
  let rule: Rule
  let subject: Subject
  /// Of the condition alone.
  let truth: TruthSets
  /// may(where), of the tiers that the rule looks at: what a selector ranks.
  let scope: Diagram
  /// e ∈ pick(r): in scope, old enough, and chosen by the selector.
  let picks: Diagram
  /// Of an archive rule: where it holds the trash back (A°).
  let awaits: Diagram
  /// `picks`, and `requires` is met.
  let acts: Diagram

  var isSelective: Bool { rule.selector != nil }

  init(_ rule: Rule, _ policy: Policy, _ compiler: ConditionCompiler) throws(BudgetSpent) {
    let diagrams = compiler.diagrams
    self.rule = rule
    subject = Subject(rule.kind)
    truth = try compiler.truth(rule.condition, on: rule.kind)
    let may = try diagrams.not(truth.no)
    let live = try compiler.flag(.tier(Subject(rule.kind)), false)
    let aged: TruthSets
    if let after = rule.after {
      aged = try compiler.isAged(policy.defaultStamp(rule.kind), on: rule.kind, after)
    } else {
      aged = TruthSets(yes: .everything, no: .nothing)
    }
    switch rule.verb {
    case .protect, .keep: scope = may
    case .backup: scope = try diagrams.and(may, live)
    case .archive: scope = try diagrams.all([truth.yes, aged.yes, live])
    case .trash:
      let tier = try compiler.flag(.tier(Subject(rule.kind)), rule.tier == .archived)
      scope = try diagrams.all([truth.yes, aged.yes, tier])
    }
    if let selection = Selection(rule, policy), let place = compiler.universe.place(of: selection) {
      picks = try diagrams.and(scope, try diagrams.among(place, [false, true]))
    } else {
      picks = scope
    }
    awaits =
      rule.verb == .archive ? try diagrams.all([may, try diagrams.not(aged.no), live]) : .nothing
    acts = rule.requiresBackup ? try diagrams.and(picks, try compiler.flag(.backedUp(Subject(rule.kind)))) : picks
  }
}
