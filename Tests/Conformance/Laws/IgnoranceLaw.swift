internal import PolicyCore
internal import Testing

/// Law 5: turning a fact unreadable, or missing where nothing reads its absence, never adds a destruction.
@Suite("law 5: ignorance keeps") struct IgnoranceLaw {
  /// One fact of one entity taken away.
  private struct Loss {
    let entity: Int
    let fact: String
    let isUnreadable: Bool
    let snapshot: Snapshot

    init?(_ it: GeneratedCase, _ dice: inout Dice) {
      let entity = dice.below(it.snapshot.entities.count)
      let known = it.snapshot.entities[entity].facts.known.map(\.name)
      guard !known.isEmpty else { return nil }
      let fact = dice.pick(known)
      let isUnreadable = dice.chance(65)
      var snapshot = it.snapshot
      let row = snapshot.entities[entity].facts
      snapshot.entities[entity].facts = isUnreadable ? row.spoiling(fact) : row.without(fact)
      (self.entity, self.fact, self.isUnreadable, self.snapshot) = (entity, fact, isUnreadable, snapshot)
    }
  }

  /// Whether the policy makes something of the fact's absence: a default, a `drop`, an `is missing` or a tie.
  private static func absenceMatters(_ loss: Loss, _ it: GeneratedCase) -> Bool {
    let kind = it.snapshot.entities[loss.entity].kind
    let definition = it.policy.schema.definition(of: FactReference(loss.fact), on: kind)
    if !loss.isUnreadable, definition?.isOptional != true { return true }
    return it.policy.rules.contains { rule in
      if case .ranked(let ranking) = rule.selector {
        if !loss.isUnreadable, ranking.missing == .drop, ranking.key.name == loss.fact { return true }
        if it.policy.defaultStamp(rule.kind).name == loss.fact { return true }
        // Of checkpoints without any, the path decides.
        let isProgress = ["epoch", "step", "number"].contains(loss.fact)
        if !loss.isUnreadable, rule.kind == .checkpoint, isProgress { return true }
      }
      return !loss.isUnreadable && absenceMatters(loss.fact, rule.condition)
    }
  }

  private static func absenceMatters(_ fact: String, _ condition: Condition) -> Bool {
    switch condition {
    case .always: false
    case .all(let parts), .any(let parts): parts.contains { absenceMatters(fact, $0) }
    case .not(let part): absenceMatters(fact, part)
    case .isMissing(let reference): reference.name == fact
    case .compare(let operand, _, _), .member(let operand, _), .matches(let operand, _), .has(let operand, _),
      .flag(let operand):
      operand.fact.name == fact && operand.fallback != nil
    }
  }

  @Test func neverAddsADestruction() {
    var figures = Figures()
    let count = CaseCount.scaled(4000)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(5_000_000 + seed, seed.isMultiple(of: 2) ? .rulesOnly : .cleaning)
      var dice = Dice(seed)
      guard let loss = Loss(it, &dice), !Self.absenceMatters(loss, it) else {
        figures.add("outside the law")
        continue
      }
      let before = Destruction(Planner.plan(it.policy, on: it.snapshot), it.snapshot)
      let after = Destruction(Planner.plan(it.policy, on: loss.snapshot), loss.snapshot)
      figures.add("unreadable", if: loss.isUnreadable)
      figures.add("missing", if: !loss.isUnreadable)
      figures.add("destroying", if: !before.names.isEmpty)
      figures.add("saved", if: after.names.count < before.names.count)
      let name = Destruction.name(it.snapshot.entities[loss.entity], it.snapshot)
      #expect(
        after.names.isSubset(of: before.names),
        "\(name) without \(loss.fact) (unreadable: \(loss.isUnreadable)) adds \(after.names.subtracting(before.names)): \(it.description)"
      )
    }
    print("law 5: \(count) cases: \(figures.line)")
    #expect(figures["unreadable"] * 4 > count)
    #expect(figures["missing"] * 20 > count)
    #expect(figures["destroying"] * 8 > count)
    #expect(figures["saved"] * 200 > count)
  }

  /// With quotas and pressure others may go in its place, but not the entity itself.
  @Test func neverDestroysWhatIsLessKnown() {
    var figures = Figures()
    let count = CaseCount.scaled(2000)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(6_000_000 + seed)
      var dice = Dice(seed)
      guard let loss = Loss(it, &dice), loss.isUnreadable, !Self.absenceMatters(loss, it) else {
        figures.add("outside the law")
        continue
      }
      let name = Destruction.name(it.snapshot.entities[loss.entity], it.snapshot)
      let before = Destruction(Planner.plan(it.policy, on: it.snapshot), it.snapshot)
      let after = Destruction(Planner.plan(it.policy, on: loss.snapshot), loss.snapshot)
      figures.add("destroyed before", if: before.names.contains(name))
      figures.add("saved", if: before.names.contains(name) && !after.names.contains(name))
      #expect(
        before.names.contains(name) || !after.names.contains(name),
        "\(name) without \(loss.fact) is destroyed: \(it.description)")
    }
    print("law 5 with quotas and pressure: \(count) cases: \(figures.line)")
    #expect(figures["destroyed before"] * 50 > count)
    #expect(figures["saved"] * 200 > count)
  }
}
