internal import PolicyCore
internal import PolicyDiagnostics

/// What quotas and pressure could take if no rule held it: where rules always do, they never act.
struct HeldRelief {
  let it: CheckContext
  let subject: Subject
  /// What it asks for: trash, or archive under pressure.
  let verb: Verb
  let relief: Relief

  /// Who holds back everything, and what can be done about it.
  struct Holders {
    /// The smallest set of rules that is enough.
    let rules: [RuleMeaning]
    /// `, or let …` where they are keeps, and something is left once they give way; else empty.
    let alternative: String
  }

  /// `nil` where something of `taken` is left, or nothing was there.
  func holders(of taken: Diagram) throws(BudgetSpent) -> Holders? {
    let live = try it.diagrams.and(taken, try it.compiler.flag(.tier(subject), false))
    guard try it.meaning.isPossible(live) else { return nil }
    let all = it.meaning.rules.filter { holds($0) }
    // Those that nobody wrote first, so that a smallest set names what somebody did write.
    let candidates = all.filter(\.rule.isBuiltIn) + all.filter { !$0.rule.isBuiltIn }
    guard try isHeld(live, by: candidates) else { return nil }
    let few = try minimal(candidates) { (fewer: [RuleMeaning]) throws(BudgetSpent) -> Bool in
      try isHeld(live, by: fewer)
    }
    let ids = Set(few.map(\.rule.id))
    guard few.allSatisfy({ $0.rule.verb == .keep && !$0.rule.isBuiltIn }),
      !(try isHeld(live, by: candidates.filter { !ids.contains($0.rule.id) }))
    else { return Holders(rules: few, alternative: "") }
    let names = few.map { "`\($0.rule.id)`" }.joined(separator: " and ")
    return Holders(rules: few, alternative: ", or let \(names) give way with `yields_to: [\(relief.rawValue)]`")
  }

  /// Rules without a selector: what one picks depends on what else is there. A keep that gives way holds nothing here.
  private func holds(_ other: RuleMeaning) -> Bool {
    guard !other.isSelective else { return false }
    let isAbove = subject == .checkpoint && other.subject == .run
    guard other.subject == subject || isAbove else { return false }
    switch other.rule.verb {
    case .protect: return true
    case .keep: return verb == .trash && !isAbove && !other.rule.yieldsTo.contains(relief)
    case .archive: return verb == .trash
    case .trash, .backup: return false
    }
  }

  private func isHeld(_ taken: Diagram, by holders: [RuleMeaning]) throws(BudgetSpent) -> Bool {
    var held = Diagram.nothing
    for holder in holders {
      let own = holder.rule.verb == .archive ? holder.awaits : holder.picks
      held = try it.diagrams.or(held, holder.subject == subject ? own : try it.meaning.ofRun(own))
    }
    return try it.meaning.always(taken, held)
  }

  /// P0320 of a quota.
  static func quotas(_ it: CheckContext) throws(BudgetSpent) -> [Finding] {
    var findings: [Finding] = []
    for quota in it.policy.quotas {
      let taken = try it.compiler.truth(quota.evict.condition, on: quota.kind).yes
      let relief = HeldRelief(it: it, subject: Subject(quota.kind), verb: .trash, relief: .quota)
      guard let holders = try relief.holders(of: taken) else { continue }
      let (labels, notes) = Shadowing.places(holders.rules, it)
      findings.append(
        it.place.finding(
          nil,
          Diagnostic(
            "P0320", .warning, "quota `\(quota.id)` never evicts anything",
            at: it.place.condition(quota.id) ?? it.place.verb(quota.id),
            caption: "so nothing is left for this quota", labels: labels, notes: notes,
            help: "evict something else\(holders.alternative)")))
    }
    return findings
  }
}
