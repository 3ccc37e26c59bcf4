internal import PolicyCore

/// Leaves out of a scene whatever it does not need to show what it shows.
enum SceneShrinker {
  /// `keeping`: facts that the reader of the example wants to see, even where it would do without.
  static func shrink(_ scene: Scene, budget: inout Int, keeping: Set<String> = [], _ shows: (Scene) -> Bool) -> Scene {
    var best = scene
    var index = best.drafts.count - 1
    while index >= 0, best.drafts.count > 1 {
      var smaller = best
      let gone = smaller.drafts.remove(at: index)
      // What lies in a run goes with it.
      smaller.drafts.removeAll { $0.path != gone.path && $0.path.isAtOrBelow(gone.path) && gone.subject == .run }
      if tries(smaller, &budget, shows) { best = smaller }
      index = min(index - 1, best.drafts.count - 1)
    }
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
    return best
  }

  private static func tries(_ scene: Scene, _ budget: inout Int, _ shows: (Scene) -> Bool) -> Bool {
    guard budget > 0 else { return false }
    budget -= 1
    return shows(scene)
  }
}
