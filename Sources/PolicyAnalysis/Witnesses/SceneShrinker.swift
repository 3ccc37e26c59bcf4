internal import PolicyCore

/// Leaves out of a scene whatever it does not need to show what it shows.
enum SceneShrinker {
  /// `keeping`: facts that the reader of the example wants to see, even where it would do without.
  static func shrink(_ scene: Scene, budget: inout Int, keeping: Set<String> = [], _ shows: (Scene) -> Bool) -> Scene {
    var best = scene
    // What one thing was needed for may have gone with another: again, until none can go.
    while let smaller = withoutOne(best, &budget, shows) { best = smaller }
    for index in best.drafts.indices {
      for name in best.drafts[index].facts.keys.sorted() + best.drafts[index].unreadable.sorted()
      where !["state", "modified_at", "bytes"].contains(name) && !keeping.contains(name) {
        var smaller = best
        smaller.drafts[index].set(name, nil)
        if tries(smaller, &budget, shows) { best = smaller }
      }
      if !best.drafts[index].backups.isEmpty {
        var smaller = best
        smaller.drafts[index].backups = []
        if tries(smaller, &budget, shows) { best = smaller }
      }
    }
    // Without a fact a thing may be superfluous.
    while let smaller = withoutOne(best, &budget, shows) { best = smaller }
    return best
  }

  /// The scene without one thing, or with one thing alone and what it lies in; `nil` where everything is needed.
  private static func withoutOne(_ scene: Scene, _ budget: inout Int, _ shows: (Scene) -> Bool) -> Scene? {
    guard scene.drafts.count > 1 else { return nil }
    for index in scene.drafts.indices.reversed() {
      var smaller = scene
      let gone = smaller.drafts.remove(at: index)
      // What lies in a run goes with it.
      smaller.drafts.removeAll { $0.path != gone.path && $0.path.isAtOrBelow(gone.path) && gone.subject == .run }
      if !smaller.drafts.isEmpty, tries(smaller, &budget, shows) { return smaller }
    }
    return nil
  }

  private static func tries(_ scene: Scene, _ budget: inout Int, _ shows: (Scene) -> Bool) -> Bool {
    guard budget > 0 else { return false }
    budget -= 1
    return shows(scene)
  }
}
