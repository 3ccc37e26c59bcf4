internal import PolicyCore

/// Where a condition is true, and where it is false; it is unknown elsewhere.
struct TruthSets {
  var yes: Diagram
  var no: Diagram
}

/// Turns conditions into sets of assignments.
struct ConditionCompiler {
  let universe: Universe
  let diagrams: Diagrams

  func truth(_ condition: Condition, on kind: EntityKind) throws(BudgetSpent) -> TruthSets {
    switch condition {
    case .always: return TruthSets(yes: .everything, no: .nothing)
    case .all(let parts):
      var result = TruthSets(yes: .everything, no: .nothing)
      for part in parts {
        let inner = try truth(part, on: kind)
        result = TruthSets(yes: try diagrams.and(result.yes, inner.yes), no: try diagrams.or(result.no, inner.no))
      }
      return result
    case .any(let parts):
      var result = TruthSets(yes: .nothing, no: .everything)
      for part in parts {
        let inner = try truth(part, on: kind)
        result = TruthSets(yes: try diagrams.or(result.yes, inner.yes), no: try diagrams.and(result.no, inner.no))
      }
      return result
    case .not(let part):
      let inner = try truth(part, on: kind)
      return TruthSets(yes: inner.no, no: inner.yes)
    case .compare(let operand, let comparison, let constant):
      return try test(operand, kind) { value in comparison.holds(value, constant) }
    case .member(let operand, let constants):
      return try test(operand, kind) { value in constants.contains(value) }
    case .matches(let operand, let glob):
      return try test(operand, kind) { value in
        if case .text(let text) = value { glob.matches(text) } else { nil }
      }
    case .flag(let operand):
      return try test(operand, kind) { value in
        if case .bool(let flag) = value { flag } else { nil }
      }
    case .has(let operand, let element):
      return try sets(FactKey(operand.fact, on: kind)) { region in
        if case .members(let members) = region { members.contains(element) } else { nil }
      }
    case .isMissing(let fact):
      return try sets(FactKey(fact, on: kind)) { region in region == .unreadable ? nil : region == .missing }
    }
  }

  /// `age(stamp) ≥ span`, as `after` asks it.
  func isAged(_ stamp: FactReference, on kind: EntityKind, _ span: TimeSpan) throws(BudgetSpent) -> TruthSets {
    try truth(.compare(Operand(stamp, isAge: true), .greaterOrEqual, .duration(span)), on: kind)
  }

  private func test(
    _ operand: Operand, _ kind: EntityKind, _ holds: (Constant) -> Bool?
  ) throws(BudgetSpent) -> TruthSets {
    try sets(FactKey(operand.fact, on: kind)) { region in
      switch region {
      case .known(let constant): return operand.isAge ? nil : holds(constant)
      case .stamp(let age, let time):
        return operand.isAge
          ? holds(.duration(TimeSpan(nanoseconds: age.lowerBound)))
          : holds(.time(Timestamp(nanoseconds: time.lowerBound)))
      case .missing: return operand.fallback.flatMap { holds($0) }
      case .members, .unreadable, .flag: return nil
      }
    }
  }

  private func sets(_ key: FactKey, _ holds: (Region) -> Bool?) throws(BudgetSpent) -> TruthSets {
    // INVARIANT: every fact of every condition has a variable, from the same policies.
    guard let variable = universe.variable(key) else { return TruthSets(yes: .nothing, no: .nothing) }
    let truths = universe.variables[variable].regions.map(holds)
    return TruthSets(
      yes: try diagrams.among(variable, truths.map { $0 == true }),
      no: try diagrams.among(variable, truths.map { $0 == false }))
  }

  /// Where a fact has one of the regions that `holds` accepts.
  func facts(_ key: FactKey, where holds: (Region) -> Bool) throws(BudgetSpent) -> Diagram {
    guard let variable = universe.variable(key) else { return .everything }
    return try diagrams.among(variable, universe.variables[variable].regions.map(holds))
  }

  /// Where what is no fact is so.
  func flag(_ meaning: Variable.Meaning, _ value: Bool = true) throws(BudgetSpent) -> Diagram {
    guard let variable = universe.variable(meaning) else { return .nothing }
    return try diagrams.among(variable, [!value, value])
  }
}
