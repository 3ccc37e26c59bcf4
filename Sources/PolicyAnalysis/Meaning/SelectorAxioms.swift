internal import PolicyCore

/// What holds of "is chosen by this selector" in every snapshot, whatever else is in it.
///
/// INVARIANT: each of these is a theorem of language.md §6; an axiom too many would make "proved" a lie, one too few
/// only costs "not decided".
struct SelectorAxioms {
  let compiler: ConditionCompiler
  private var diagrams: Diagrams { compiler.diagrams }

  private struct Term {
    let selection: Selection
    let scope: Diagram
    let chosen: Diagram
    /// The key (or number) has a value.
    let present: Diagram
  }

  func all() throws(BudgetSpent) -> Diagram {
    var terms: [Term] = []
    for (index, selection) in compiler.universe.selections.enumerated() {
      let kind = selection.subject.kind
      let truth = try compiler.truth(selection.condition, on: kind)
      terms.append(
        Term(
          selection: selection, scope: try diagrams.not(truth.no), chosen: try compiler.flag(.selected(index)),
          present: try compiler.facts(FactKey(selection.key, on: kind)) { $0.isPresent }))
    }
    // A checkpoint lies where its run lies, or packed away with it.
    var axioms = try diagrams.not(
      try diagrams.differ(try compiler.flag(.tier(.run)), try compiler.flag(.tier(.checkpoint))))
    // Where there is no run, nothing can be read of it.
    let loose = try compiler.flag(.loose)
    for variable in compiler.universe.variables {
      guard case .fact(let key) = variable.meaning, key.subject == .run else { continue }
      axioms = try diagrams.and(axioms, try implies(loose, try compiler.facts(key) { $0 == .unreadable }))
    }
    for term in terms {
      axioms = try diagrams.and(axioms, try single(term))
      for other in terms where other.selection != term.selection && other.selection.subject == term.selection.subject {
        axioms = try diagrams.and(axioms, try entailment(term, other))
      }
    }
    return axioms
  }

  private func implies(_ left: Diagram, _ right: Diagram) throws(BudgetSpent) -> Diagram {
    try diagrams.or(try diagrams.not(left), right)
  }

  private func single(_ term: Term) throws(BudgetSpent) -> Diagram {
    let kind = term.selection.subject.kind
    let notChosen = try diagrams.not(term.chosen)
    let key = FactKey(term.selection.key, on: kind)
    let unreadable = try compiler.facts(key) { $0 == .unreadable }
    let missing = try compiler.facts(key) { $0 == .missing }
    var axioms = [
      try implies(try diagrams.not(term.scope), notChosen),
      try implies(try diagrams.and(term.scope, unreadable), term.chosen),
    ]
    let ranked = try diagrams.and(term.scope, term.present)
    switch term.selection.selector {
    case .every(let step, _):
      axioms.append(try implies(try diagrams.and(term.scope, missing), term.chosen))
      let divisible = try compiler.facts(key) { region in Self.isMultiple(region, of: step) == true }
      let indivisible = try compiler.facts(key) { region in Self.isMultiple(region, of: step) == false }
      axioms.append(try implies(try diagrams.and(ranked, divisible), term.chosen))
      axioms.append(try implies(try diagrams.and(ranked, indivisible), notChosen))
    case .ranked(let ranking):
      let keyless = try diagrams.and(term.scope, missing)
      axioms.append(try implies(keyless, ranking.missing == .keep ? term.chosen : notChosen))
      switch ranking.count {
      case .none: axioms.append(try implies(ranked, notChosen))
      case .all: axioms.append(try implies(ranked, term.chosen))
      case .limited:
        // Without a value of `per` it is a group of its own, and first in it.
        if term.selection.per.contains(.run) {
          axioms.append(try implies(try diagrams.and(ranked, try compiler.flag(.loose)), term.chosen))
        }
        for case .fact(let reference) in term.selection.per {
          let alone = try compiler.facts(FactKey(reference, on: kind)) { !$0.isPresent }
          axioms.append(try implies(try diagrams.and(ranked, alone), term.chosen))
        }
      }
    }
    return try diagrams.all(axioms)
  }

  /// Chosen by the one in a group that is at least as large, with at least as many rivals, for as many places or fewer:
  /// then chosen by the other too. Whether one is before another depends on these two alone, also where stamps are equal.
  private func entailment(_ one: Term, _ other: Term) throws(BudgetSpent) -> Diagram {
    let both = try diagrams.all([one.chosen, one.scope, other.scope, one.present])
    switch (one.selection.selector, other.selection.selector) {
    case (.every(let n, let by), .every(let m, let otherBy)):
      guard by == otherBy, n.isMultiple(of: m) else { return .everything }
      return try implies(both, other.chosen)
    case (.ranked(let a), .ranked(let b)):
      guard a.key == b.key, a.better == b.better, a.ties == b.ties, a.isLaterFirst == b.isLaterFirst,
        one.selection.stamp == other.selection.stamp,
        one.selection.per.isSubset(of: other.selection.per), Self.fits(a.count, b.count),
        try diagrams.implies(other.scope, one.scope)
      else { return .everything }
      return try implies(both, other.chosen)
    case (.every, .ranked), (.ranked, .every): return .everything
    }
  }

  private static func fits(_ a: Count, _ b: Count) -> Bool {
    switch (a, b) {
    case (.none, _), (_, .all): true
    case (.limited(let n), .limited(let m)): n <= m
    case (.limited, .none), (.all, .none), (.all, .limited): false
    }
  }

  /// `nil` where a region holds numbers of both sorts.
  private static func isMultiple(_ region: Region, of step: Int) -> Bool? {
    if step == 1 { return region.isPresent }
    // Only the regions at the cuts hold one number, and those cannot be told from the others here.
    return nil
  }
}

extension Selection {
  /// What it ranks by, or the number that it divides.
  var key: FactReference {
    switch selector {
    case .ranked(let ranking): ranking.key
    case .every(_, let by): by
    }
  }
}
