internal import PolicyCore
internal import PolicyDiagnostics

/// P0350: a `never` that does not hold, with a snapshot that shows it.
enum Properties {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    for property in it.policy.properties {
      it.diagrams.renewBudget()
      do throws(BudgetSpent) {
        try decide(property, it, &outcome)
      } catch {
        outcome.findings.append(undecided(property, it.place))
      }
    }
    return outcome
  }

  private static func decide(
    _ property: Property, _ it: CheckContext, _ outcome: inout ProofOutcome
  ) throws(BudgetSpent) {
    // P0310 says that it speaks of nothing but what cannot be read.
    if try !it.speaks(of: property) { return }
    let ways = try PropertyWays(property, it.meaning).all()
    guard !ways.isEmpty else {
      outcome.proved.append("`\(property.id)` holds: nothing that could exist violates it")
      return
    }
    var tried = 0
    if let shown = try show(property, ways, it, &tried) {
      outcome.counterexamples.append(shown.counterexample)
      outcome.findings.append(it.place.finding(nil, diagnostic(property, shown, it)))
    } else {
      let snapshots = tried == 1 ? "1 snapshot was" : "\(tried) snapshots were"
      outcome.findings.append(
        undecided(
          property, it.place,
          because: "it is not proved to hold, and \(snapshots) tried without one that violates it"))
    }
  }

  /// Nobody should take a promise for proved that was not: this is more than a remark.
  static func undecided(
    _ property: Property, _ place: PolicyPlace,
    because reason: String = "the search took more than its budget, so nothing is claimed either way"
  ) -> Finding {
    place.finding(
      nil,
      Diagnostic(
        "P0391", .warning, "not decided: whether `\(property.id)` always holds", at: place.condition(property.id),
        caption: "neither proved nor refuted",
        notes: [reason, "every plan is checked for it all the same, and refused where it does not hold"],
        help: "fewer different constants and patterns in the rules and here make the search smaller"))
  }

  private struct Shown {
    let counterexample: Counterexample
    let facts: String
    let way: PropertyWays.Way
  }

  /// The smallest snapshot in which the real planner does what it must never do.
  private static func show(
    _ property: Property, _ ways: [PropertyWays.Way], _ it: CheckContext, _ tried: inout Int
  ) throws(BudgetSpent) -> Shown? {
    var search = PropertySearch(property, it.meaning)
    defer { tried = search.tried }
    guard let found = try search.smallest(of: ways), let shown = counterexample(property, found.scene, it.policy)
    else { return nil }
    return Shown(counterexample: shown, facts: words(found.scene, shown, property, it.policy), way: found.way)
  }

  private static func counterexample(_ property: Property, _ scene: Scene, _ policy: Policy) -> Counterexample? {
    let snapshot = scene.snapshot
    let plan = Planner.plan(policy, on: snapshot)
    let verb: ActionVerb = property.subject == .destroy ? .trash : .archive
    guard let action = plan.actions.first(where: { $0.verb == verb }) else { return nil }
    return Counterexample(
      property: property.id, snapshot: snapshot, act: PlannedAct(action), by: action.because.map(\.rule))
  }

  /// The facts of what is lost, as people write them; of the run around it, apart.
  private static func words(
    _ scene: Scene, _ shown: Counterexample, _ property: Property, _ policy: Policy
  ) -> String {
    let spoken = Set((policy.rules.map(\.condition) + policy.properties.map(\.condition)).flatMap(\.facts).map(\.name))
    let own = scene.drafts.filter { $0.path.isAtOrBelow(shown.act.path) }
    let lost = own.last { $0.subject.kind == property.kind } ?? own.last
    // The run that a checkpoint lies in has a name in conditions, the ones around that have none.
    let near = own.last { $0.subject.kind == .run }
    var groups: [String] = []
    for draft in own.reversed() {
      let isLost = draft.path == lost?.path
      let isNear = !isLost && property.kind == .checkpoint && draft.path == near?.path
      let prefix = isNear ? "run." : ""
      var parts = Set(draft.facts.keys).union(draft.unreadable).sorted().compactMap { name -> String? in
        guard spoken.contains(name) || name == "state" else { return nil }
        if draft.unreadable.contains(name) { return "\(prefix)\(name)=unreadable" }
        return draft.facts[name].map { "\(prefix)\(name)=\($0.words(name, scene.now))" }
      }
      // Not among the facts of a draft.
      if isLost, !spoken.isDisjoint(with: ["path", "name"]) { parts.insert("path=\(draft.path.displayText)", at: 0) }
      guard !parts.isEmpty else { continue }
      let isAround = !isLost && !isNear
      groups.append((isAround ? "in a run with " : "") + parts.joined(separator: ", "))
    }
    return groups.joined(separator: ", ")
  }

  /// The part of a rule's condition that does it, where a part alone would.
  private static func responsible(
    _ id: String, _ property: Property, _ shown: Shown, _ it: CheckContext
  ) -> SourceSpan? {
    guard let index = it.policy.rules.firstIndex(where: { $0.id == id }), let spans = it.place.entry(id)?.conditionNodes
    else { return it.place.condition(id) }
    for part in it.disjuncts(it.policy.rules[index].condition, spans) {
      var narrowed = it.policy
      narrowed.rules[index].condition = part.condition
      let plan = Planner.plan(narrowed, on: shown.counterexample.snapshot)
      if plan.checks.contains(where: { $0.subject == .never && $0.name == property.id && !$0.holds }) {
        return part.span
      }
    }
    return it.place.condition(id)
  }

  private static func diagnostic(_ property: Property, _ shown: Shown, _ it: CheckContext) -> Diagnostic {
    let by = shown.counterexample.by
    let what = property.subject == .destroy ? "trashes" : "archives"
    var labels: [Diagnostic.Label] = []
    for id in by {
      guard let span = responsible(id, property, shown, it) else { continue }
      labels.append(.init(span, "but this \(what) it"))
    }
    let names = by.map { "`\($0)`" }.joined(separator: ", ")
    let act = shown.counterexample.act
    let through = act.kind != property.kind ? " with its run" : shown.way.isNested ? " with the run around it" : ""
    let text = it.place.text(it.place.condition(property.id))
    let verb = property.subject == .archive || property.kind == .checkpoint ? "protect" : "keep"
    var help = "add `\(verb): \(property.kind.plural)` with `where: \(text)`"
    if let whole = Undecidable.decided(
      property.condition, on: property.kind, it.place.entry(property.id)?.conditionNodes, it.place)
    {
      // The same words in both: what the one asks about the other holds.
      help = "write `\(whole)` here, and add `\(verb): \(property.kind.plural)` with the same `where`"
    }
    return Diagnostic(
      "P0350", .error, "`\(property.id)` does not hold", at: it.place.condition(property.id),
      caption: "must never be \(property.subject == .destroy ? "destroyed" : "archived")", labels: labels,
      notes: ["counterexample: \(shown.facts) (replayed: \(names) \(what) it\(through))"],
      help: help)
  }
}

extension FactValue {
  /// As people write it, stamps as ages.
  func words(_ name: String, _ now: Timestamp) -> String {
    switch self {
    case .bool(let flag): return flag ? "true" : "false"
    case .number(let text): return text
    case .text(let text): return text.displayText
    case .set(let members): return members.map(\.displayText).joined(separator: ",")
    case .integer(let value):
      if name.hasSuffix("_at") {
        let age = now.nanoseconds - value
        return age >= 0 ? "\(TimeSpan(nanoseconds: age).approximate) ago" : "later"
      }
      return name == "bytes" ? Constant.bytes(value).written : String(value)
    }
  }
}
