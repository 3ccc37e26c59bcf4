extension Votes {
  /// Who holds an entity: protects of itself and of everything above and below it, keeps of itself and of nested runs,
  /// archives that go first, a backup that is waited for. By rule id, each rule once.
  func holders(of entity: Int) -> [Held.Holder] {
    var holders: [Held.Holder] = []
    func add(_ outcome: RuleOutcome, _ holder: Int) {
      guard !holders.contains(where: { $0.rule == outcome.rule.id }) else { return }
      let standing = outcome.standing(holder)
      let isUnknown = outcome.truth[holder] == .unknown
      holders.append(
        Held.Holder(
          rule: outcome.rule.id, rank: standing?.rank, of: standing?.of,
          unknown: isUnknown ? outcome.unknowns(of: holder, facts).map(\.fact) : [],
          via: holder == entity ? nil : entities[holder].path))
    }
    let own = lineage(entity)
    let below = tree.allAtOrBelow(entity).filter { $0 != entity }.sorted()
    let nested = below.filter { entities[$0].kind == .run }
    for outcome in outcomes {
      switch outcome.rule.verb {
      case .protect: for holder in own + below where outcome.picked[holder] { add(outcome, holder) }
      case .keep:
        let voters = entities[entity].kind == .run ? [entity] + nested : [entity]
        for holder in voters where outcome.picked[holder] { add(outcome, holder) }
      case .archive:
        let run = entities[entity].kind == .checkpoint ? facts.parents[entity] : nil
        for holder in [entity, run].compactMap({ $0 })
        where outcome.truth[holder].may && outcome.aged(holder).may { add(outcome, holder) }
      case .trash, .backup: break
      }
    }
    return holders
  }

  /// The entity and everything above it.
  private func lineage(_ entity: Int) -> [Int] {
    var line = [entity]
    while let parent = line.last.flatMap({ facts.parents[$0] }) { line.append(parent) }
    return line
  }

  /// Keeps and protects that speak of the kind and did not take hold, with how near they were.
  func nearMisses(of entity: Int) -> [NearMiss] {
    outcomes.compactMap { outcome in
      let rule = outcome.rule
      guard rule.verb == .keep || rule.verb == .protect, rule.kind == entities[entity].kind,
        !outcome.picked[entity], !rule.isBuiltIn
      else { return nil }
      guard outcome.truth[entity].may else {
        return NearMiss(rule: rule.id, readings: outcome.readings(of: entity, facts))
      }
      if let standing = outcome.standing(entity) {
        return NearMiss(rule: rule.id, rank: standing.rank, of: standing.of, keeps: standing.keeps)
      }
      switch rule.selector {
      case .ranked(let ranking)?: return NearMiss(rule: rule.id, missing: [ranking.key.spelled])
      case .every(_, let by)?:
        let number = BoundOperand(fact: facts.bind(by, on: rule.kind), isAge: false, spelled: by.spelled)
        return NearMiss(
          rule: rule.id, readings: [FactReading(fact: by.spelled, value: number.words(entity, facts))])
      case nil: return NearMiss(rule: rule.id)
      }
    }
  }

  /// The reasons of the rules of one verb that take hold.
  func reasons(_ entity: Int, _ verb: Verb, where counts: (Rule) -> Bool = { _ in true }) -> [Reason] {
    picking(entity, verb).filter { counts($0.rule) }.map { outcome in
      var readings = outcome.readings(of: entity, facts)
      if outcome.rule.after != nil, !readings.contains(where: { $0.fact == "age" }) {
        let stamp = policy.defaultStamp(outcome.rule.kind)
        let age = BoundOperand(
          fact: facts.bind(stamp, on: outcome.rule.kind), isAge: true, spelled: "age")
        readings.append(FactReading(fact: "age", value: age.words(entity, facts)))
      }
      return Reason(rule: outcome.rule.id, readings: readings, text: outcome.rule.because)
    }
  }

  /// What trash and archive rules could not decide about an entity.
  func questions(of entity: Int) -> [Undecided.Question] {
    outcomes.compactMap { outcome in
      guard outcome.rule.verb == .trash || outcome.rule.verb == .archive, !outcome.picked[entity],
        outcome.truth[entity].may, outcome.aged(entity).may
      else { return nil }
      var unknown = outcome.unknowns(of: entity, facts)
      if outcome.aged(entity) == .unknown {
        let stamp = policy.defaultStamp(outcome.rule.kind)
        let operand = BoundOperand(
          fact: facts.bind(stamp, on: outcome.rule.kind), isAge: false, spelled: stamp.spelled)
        unknown.append(FactReading(fact: stamp.spelled, value: operand.words(entity, facts)))
      }
      return Undecided.Question(rule: outcome.rule.id, unknown: unknown)
    }
  }
}
