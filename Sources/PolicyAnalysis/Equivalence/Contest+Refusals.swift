internal import PolicyCore

/// Plans that do the same, of which one may not be applied.
extension Contest {
  mutating func refusals(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    // What the questions before took is not missed here.
    replays = max(replays, 300)
    if let difference = try violated(a, b, builder) { return difference }
    if let difference = try violated(b, a, builder) { return difference }
    return left.limits == right.limits ? nil : try exceeded(a, b, builder)
  }

  /// What violates a `never` of the one policy and none of the other.
  private mutating func violated(
    _ it: PolicyMeaning, _ other: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    let diagrams = it.diagrams
    let known = Set(other.policy.properties.map(\.decided))
    for property in it.policy.properties where !known.contains(property.decided) {
      // What the other refuses as well shows nothing.
      var refused = Diagram.nothing
      for rival in other.policy.properties where rival.subject == property.subject && rival.kind == property.kind {
        let holds = try it.compiler.truth(rival.condition, on: rival.kind).no
        refused = try diagrams.or(refused, try diagrams.not(holds))
      }
      let ways = try PropertyWays(property, it).all()
      var done = refused
      for rivals in builder.rivalCounts {
        let need = try builder.needing(atMost: rivals)
        for way in ways {
          let open = try diagrams.minus(try diagrams.and(way.set, need), done)
          for model in diagrams.models(of: open, count: budget.models, cost: builder.universe.cost) {
            for scene in try builder.scenes(model, way.subject) {
              for staged in try way.stage(scene, builder) {
                if let difference = tell(staged) { return difference }
              }
            }
          }
        }
        done = try diagrams.or(done, need)
      }
    }
    return nil
  }

  /// Just more than the stricter limits allow. Many things are not made fewer by trying: that could take long, and none
  /// can be left out.
  private mutating func exceeded(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    let diagrams = a.diagrams
    for subject in Subject.allCases.sorted(by: { $0 < $1 }) {
      for going in [
        try diagrams.and(try a.trashed(subject), try b.trashed(subject)),
        try diagrams.and(try a.archived(subject), try b.archived(subject)),
      ] {
        var done = Diagram.nothing
        for rivals in builder.rivalCounts {
          let need = try builder.needing(atMost: rivals)
          let open = try diagrams.minus(try diagrams.all([a.axioms, going, need]), done)
          done = need
          for model in diagrams.models(of: open, count: 2, cost: builder.universe.cost) {
            for scene in try builder.scenes(model, subject) {
              for crowd in scene.overLimits(left.limits, right.limits, subject) {
                guard replays > 0 else { return nil }
                replays -= 1
                if let difference = crowd.drafts.count > 20 ? difference(crowd) : tell(crowd) { return difference }
              }
            }
          }
        }
      }
    }
    return nil
  }
}
