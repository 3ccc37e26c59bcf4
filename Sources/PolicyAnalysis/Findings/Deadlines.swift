internal import PolicyCore
internal import PolicyDiagnostics

/// P0340: a backup or archive that comes after the trash or the purge. P0341: a `requires: [backup]` that no backup rule
/// can meet.
enum Deadlines {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    for trash in it.ownRules where trash.rule.verb == .trash && trash.rule.tier == .live {
      for saver in it.ownRules where saver.subject == trash.subject {
        guard saver.rule.verb == .backup || saver.rule.verb == .archive, !trash.rule.requiresBackup,
          let finding = try inversion(saver, trash, it)
        else { continue }
        outcome.findings.append(finding)
      }
    }
    for rule in it.ownRules where rule.rule.requiresBackup {
      if try isMeetable(rule, it) { continue }
      outcome.findings.append(it.place.finding(rule.rule.id, unmeetable(rule.rule, it)))
    }
    return outcome
  }

  // MARK: - Too late

  private static func inversion(
    _ saver: RuleMeaning, _ trash: RuleMeaning, _ it: CheckContext
  ) throws(BudgetSpent) -> Finding? {
    let stamp = FactKey(it.policy.defaultStamp(trash.rule.kind), on: trash.rule.kind)
    // Do both speak of some thing, each at its own age?
    let saved = try it.forget(stamp, in: try it.diagrams.and(it.meaning.axioms, saver.scope))
    let gone = try it.forget(stamp, in: try it.diagrams.and(it.meaning.axioms, trash.scope))
    let held = try it.diagrams.any([
      it.meaning.protects(trash.subject), it.meaning.firmlyKeeps(trash.subject), it.meaning.softlyKeeps(trash.subject),
    ])
    let both = try it.diagrams.all([saved, gone, try it.forget(stamp, in: try it.diagrams.not(held))])
    guard try it.meaning.isPossible(both),
      let savedAt = try leastAge(try it.diagrams.and(saver.scope, both), stamp, it),
      let goneAt = try leastAge(try it.diagrams.and(trash.scope, both), stamp, it), savedAt > goneAt
    else { return nil }
    let noun = saver.rule.verb == .backup ? "backup" : "archive"
    let past = saver.rule.verb == .backup ? "backed up" : "archived"
    let purge = it.policy.trash.purgeAfter
    let purgedAt = purge.map { goneAt + $0.nanoseconds }
    let isPurged = purgedAt.map { $0 <= savedAt } ?? false
    var labels: [Diagnostic.Label] = []
    if let span = span(trash.rule, it) { labels.append(.init(span, "… trashed at \(words(goneAt))")) }
    if let purgedAt, let span = it.place.map.clauses["trash.purge_after"] {
      labels.append(.init(span, "… and gone at \(words(purgedAt))"))
    }
    var help =
      "write `age > \(spelled(goneAt))` or less in `\(saver.rule.id)`, or `requires: [backup]` on `\(trash.rule.id)`"
    if saver.rule.verb == .archive {
      help = "write `after: \(spelled(goneAt))` or less on `\(saver.rule.id)`, or a later `after` on `\(trash.rule.id)`"
    }
    return it.place.finding(
      saver.rule.id,
      Diagnostic(
        "P0340", .warning, "the \(noun) comes after the \(isPurged ? "purge" : "trash")",
        at: span(saver.rule, it), caption: "\(past) after \(words(savedAt)) …", labels: labels, help: help))
  }

  /// The youngest that a thing of the set can be.
  private static func leastAge(_ set: Diagram, _ stamp: FactKey, _ it: CheckContext) throws(BudgetSpent) -> Int64? {
    guard let variable = it.universe.variable(stamp) else { return nil }
    var least: Int64?
    for (index, region) in it.universe.variables[variable].regions.enumerated() {
      guard case .stamp(let age, _) = region, age.lowerBound < least ?? .max,
        try it.meaning.isPossible(try it.diagrams.restrict(set, variable, to: index))
      else { continue }
      least = age.lowerBound
    }
    return least
  }

  /// Where the age was written: `after`, or the first test of the age in the condition.
  private static func span(_ rule: Rule, _ it: CheckContext) -> SourceSpan? {
    if let after = it.place.clause(rule.id, "after"), rule.after != nil { return after }
    guard let spans = it.place.entry(rule.id)?.conditionNodes else { return it.place.verb(rule.id) }
    let stamp = it.policy.defaultStamp(rule.kind)
    var index = 0
    var found: SourceSpan?
    func walk(_ condition: Condition) {
      let own = index
      index += 1
      switch condition {
      case .all(let parts), .any(let parts): for part in parts { walk(part) }
      case .not(let part): walk(part)
      case .compare(let operand, _, _) where operand.isAge && operand.fact == stamp:
        if found == nil, spans.indices.contains(own) { found = spans[own] }
      case .always, .compare, .member, .matches, .has, .isMissing, .flag: break
      }
    }
    walk(rule.condition)
    return found ?? it.place.verb(rule.id)
  }

  /// Whole hours and days lose the nanosecond that `>` adds.
  private static func rounded(_ age: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: age % 1_000_000_000 == 1 ? age - 1 : age)
  }

  private static func spelled(_ age: Int64) -> String { rounded(age).spelled }

  private static func words(_ age: Int64) -> String {
    let span = rounded(age)
    if span.nanoseconds == 0 { return "once" }
    let day = TimeSpan.days(1).nanoseconds
    guard span.nanoseconds.isMultiple(of: day) else { return span.spelled }
    let days = span.nanoseconds / day
    return days == 1 ? "1 day" : "\(days) days"
  }

  // MARK: - Never

  private static func isMeetable(_ rule: RuleMeaning, _ it: CheckContext) throws(BudgetSpent) -> Bool {
    let kind = rule.rule.kind
    let stamp = FactKey(it.policy.defaultStamp(kind), on: kind)
    // What is backed up once can wait for its time, and a later backup can follow an earlier one.
    let copied = FactKey(.run, "backed_up_at")
    let wanted = try it.forget(copied, in: try it.forget(stamp, in: rule.scope))
    for backup in it.meaning.rules where backup.rule.verb == .backup && backup.subject == rule.subject {
      let saved = try it.forget(copied, in: try it.forget(stamp, in: backup.scope))
      if try it.meaning.isPossible(try it.diagrams.and(wanted, saved)) { return true }
    }
    return false
  }

  private static func unmeetable(_ rule: Rule, _ it: CheckContext) -> Diagnostic {
    let hasBackups = it.policy.rules.contains { $0.verb == .backup && $0.kind == rule.kind }
    return Diagnostic(
      "P0341", .error, "`\(rule.id)` waits for a backup that never comes",
      at: it.place.clause(rule.id, "requires") ?? it.place.verb(rule.id),
      caption: hasBackups ? "no backup rule matches what this rule does" : "no rule backs up \(rule.kind.plural)",
      help: hasBackups
        ? "widen the condition of a `backup` rule, or delete `requires`"
        : "add a rule with `backup: \(rule.kind.plural)`, or delete `requires`")
  }
}
