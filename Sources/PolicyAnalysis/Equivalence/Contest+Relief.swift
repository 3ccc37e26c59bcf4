internal import PolicyCore

/// Quotas and pressure.
extension Contest {
  /// Worlds at the very edge of what each quota and watermark allows; of those that the first model makes, the smallest
  /// that shows a difference.
  mutating func levels(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    guard [left, right].contains(where: { !$0.quotas.isEmpty || !$0.pressures.isEmpty }) else { return nil }
    if left.decisions.quotas != right.decisions.quotas, let difference = try orders(a, b, builder) { return difference }
    if left.decisions.pressures != right.decisions.pressures, let difference = try steps(a, b, builder) {
      return difference
    }
    for subject in Subject.allCases {
      var candidates = try a.diagrams.or(try a.evictable(subject), try b.evictable(subject))
      if subject == .run {
        candidates = try a.diagrams.any([candidates, try a.archivedUnderPressure(), try b.archivedUnderPressure()])
      }
      let open = try a.diagrams.and(a.axioms, candidates)
      for model in a.diagrams.models(of: open, count: 4, cost: builder.universe.cost) {
        var best: Difference?
        for scene in try builder.scenes(model, subject) {
          for edge in scene.atLevels(of: [left, right]) {
            guard best.map({ $0.size > subject.rawValue + 1 }) ?? true, let difference = tell(edge) else { continue }
            if difference.size < best?.size ?? .max { best = difference }
          }
        }
        if let best { return best }
      }
    }
    return nil
  }

  /// Two things that one step may take, of which one is enough.
  private mutating func steps(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    let diagrams = a.diagrams
    for pressure in left.pressures + right.pressures {
      for case .trash(let kind, let eviction, let minimumAge) in pressure.relieve {
        let both = try diagrams.and(try a.evictable(Subject(kind)), try b.evictable(Subject(kind)))
        let open = try diagrams.all([a.axioms, both, try a.taken(eviction, kind, minimumAge)])
        for model in diagrams.models(of: open, count: 2, cost: builder.universe.cost) {
          for scene in try builder.scenes(model, Subject(kind)) {
            for edge in scene.atMarks(of: pressure, [left, right]) {
              if let difference = tell(edge) { return difference }
            }
          }
        }
      }
    }
    return nil
  }

  /// Two things of which one is too much: which of them goes shows the order, also where one lacks what is compared.
  private mutating func orders(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    let diagrams = a.diagrams
    for quota in left.quotas + right.quotas {
      let subject = Subject(quota.kind)
      // Rules leave these to the quota.
      let gone = try diagrams.or(try a.trashed(subject), try b.trashed(subject))
      let both = try diagrams.and(try a.evictable(subject), try b.evictable(subject))
      let open = try diagrams.minus(try diagrams.and(a.axioms, both), gone)
      for case .fact(let operand, _, _) in quota.evict.order where operand.fact.scope == .own && !operand.isAge {
        let present = try a.compiler.facts(FactKey(operand.fact, on: quota.kind)) { $0.isPresent }
        let set = try diagrams.and(open, present)
        for model in diagrams.models(of: set, count: 3, cost: builder.universe.cost) {
          for scene in try builder.scenes(model, subject) {
            for pair in scene.pairs(quota, operand.fact.name, builder.universe.schema) {
              if let difference = tell(pair) { return difference }
            }
          }
        }
      }
    }
    return nil
  }
}
