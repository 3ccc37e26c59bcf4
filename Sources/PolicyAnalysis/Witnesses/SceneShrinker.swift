internal import PolicyCore

/// Leaves out of a scene whatever it does not need to show what it shows.
enum SceneShrinker {
  /// `keeping`: facts that the reader of the example wants to see, even where it would do without.
  static func shrink(_ scene: Scene, budget: inout Int, keeping: Set<String> = [], _ shows: (Scene) -> Bool) -> Scene {
    let fewest = withoutThings(scene, &budget, shows)
    let plain = withoutFacts(fewest, &budget, keeping, shows)
    // Without a fact a thing may be superfluous.
    return plain.size == fewest.size ? plain : withoutThings(plain, &budget, shows)
  }

  /// What one thing was needed for may have gone with another: again, until none can go.
  private static func withoutThings(_ scene: Scene, _ budget: inout Int, _ shows: (Scene) -> Bool) -> Scene {
    var best = scene
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      var index = best.drafts.count
      while index > 0, best.drafts.count > 1 {
        index -= 1
        var smaller = best
        let gone = smaller.drafts.remove(at: index)
        // What lies in a run goes with it.
        smaller.drafts.removeAll { $0.path != gone.path && $0.path.isAtOrBelow(gone.path) && gone.subject == .run }
        guard !smaller.drafts.isEmpty else { continue }
        if !tries(smaller, &budget, shows) {
          guard let heavier = inherited(gone, by: smaller, &budget, shows) else { continue }
          smaller = heavier
        }
        best = smaller
        isSmaller = true
        index = min(index, best.drafts.count)
      }
    }
    return best
  }

  /// What a thing was needed for may be its size alone, for a quota: another one can be as much larger.
  private static func inherited(
    _ gone: Draft, by scene: Scene, _ budget: inout Int, _ shows: (Scene) -> Bool
  ) -> Scene? {
    guard case .integer(let bytes)? = gone.facts["bytes"], bytes > 0 else { return nil }
    for heir in scene.drafts.indices where scene.drafts[heir].subject == gone.subject {
      guard case .integer(let own)? = scene.drafts[heir].facts["bytes"] else { continue }
      let (sum, overflow) = own.addingReportingOverflow(bytes)
      var heavier = scene
      heavier.drafts[heir].set("bytes", .integer(sum))
      if !overflow, tries(heavier, &budget, shows) { return heavier }
    }
    return nil
  }

  private static func withoutFacts(
    _ scene: Scene, _ budget: inout Int, _ keeping: Set<String>, _ shows: (Scene) -> Bool
  ) -> Scene {
    var best = scene
    let kept = keeping.union(["state", "modified_at", "bytes"])
    let names = Set(scene.drafts.flatMap { Array($0.facts.keys) + Array($0.unreadable) }).subtracting(kept)
    for name in names.sorted() {
      let holders = best.drafts.indices.filter {
        best.drafts[$0].facts[name] != nil || best.drafts[$0].unreadable.contains(name)
      }
      // Of all at once, which mostly does; else of one after the other.
      var bare = best
      for index in holders { bare.drafts[index].set(name, nil) }
      if tries(bare, &budget, shows) {
        best = bare
        continue
      }
      for index in holders where holders.count > 1 {
        var smaller = best
        smaller.drafts[index].set(name, nil)
        if tries(smaller, &budget, shows) { best = smaller }
      }
    }
    for index in best.drafts.indices where !best.drafts[index].backups.isEmpty {
      var smaller = best
      smaller.drafts[index].backups = []
      if tries(smaller, &budget, shows) { best = smaller }
    }
    return best
  }

  private static func tries(_ scene: Scene, _ budget: inout Int, _ shows: (Scene) -> Bool) -> Bool {
    guard budget > 0 else { return false }
    budget -= 1
    return shows(scene)
  }
}
