internal import PolicyCore

/// Quotas and pressure.
extension Contest {
  /// Worlds at the very edge of what each quota and watermark allows; of those that the first model makes, the smallest
  /// that shows a difference.
  mutating func levels(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    guard [left, right].contains(where: { !$0.quotas.isEmpty || !$0.pressures.isEmpty }) else { return nil }
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
}
