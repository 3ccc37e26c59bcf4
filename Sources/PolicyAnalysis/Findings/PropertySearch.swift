internal import PolicyCore

/// Looks for the smallest world in which a `never` is violated, on the real planner.
struct PropertySearch {
  let property: Property
  private let policy: Policy
  private let builder: SceneBuilder
  /// The same policy with nothing to look at but this property.
  private let narrowed: Policy
  /// Snapshots that were planned to find it.
  private(set) var tried = 0

  struct Found {
    let scene: Scene
    let way: PropertyWays.Way

    func isSmaller(than other: Found?) -> Bool { other.map { scene.size < $0.scene.size } ?? true }
  }

  init(_ property: Property, _ meaning: PolicyMeaning) {
    self.property = property
    policy = meaning.policy
    builder = SceneBuilder(
      universe: meaning.compiler.universe, compiler: meaning.compiler, axioms: meaning.axioms,
      root: Scene.root(of: policy))
    var narrowed = policy
    (narrowed.properties, narrowed.limits) = ([property], Limits())
    self.narrowed = narrowed
  }

  /// Over all the ways: what needs no rivals first, then what needs more and more of them, until nothing smaller is
  /// left to be found.
  mutating func smallest(of ways: [PropertyWays.Way]) throws(BudgetSpent) -> Found? {
    var best: Found?
    do throws(BudgetSpent) {
      let diagrams = builder.compiler.diagrams
      var done = Diagram.nothing
      for rivals in builder.rivalCounts {
        let least = Subject(property.kind).rawValue + 1 + rivals
        if let best, best.scene.drafts.count <= least { break }
        let level = try builder.needing(atMost: rivals)
        for way in ways {
          let open = try diagrams.minus(try diagrams.and(way.set, level), done)
          try look(in: open, way, least, &best)
          if let best, best.scene.drafts.count <= least { break }
        }
        done = level
      }
    } catch {
      // What was found is true, if perhaps not the smallest.
      guard best != nil else { throw error }
    }
    return best
  }

  private mutating func look(
    in set: Diagram, _ way: PropertyWays.Way, _ least: Int, _ best: inout Found?
  ) throws(BudgetSpent) {
    guard !set.isEmpty else { return }
    var found = 0
    for model in builder.compiler.diagrams.models(of: set, count: 12, cost: builder.universe.cost) {
      nextModel: for scene in try builder.scenes(model, way.subject) {
        for staged in try way.stage(scene, builder) {
          tried += 1
          guard violates(staged) else { continue }
          let small = Found(scene: shrunk(staged), way: way)
          if small.isSmaller(than: best) { best = small }
          found += 1
          break nextModel
        }
      }
      // Others like it are seldom smaller.
      if found >= 3 { return }
      if let best, best.scene.drafts.count <= least { return }
    }
  }

  private func shrunk(_ scene: Scene) -> Scene {
    var spare = 300
    // The reader wants to see what the property speaks of.
    let spoken = Set(property.condition.facts.map(\.name))
    return SceneShrinker.shrink(scene, budget: &spare, keeping: spoken) { violates($0) }
  }

  private func violates(_ scene: Scene) -> Bool {
    Planner.checks(narrowed, on: scene.snapshot).contains { $0.subject == .never && !$0.holds }
  }
}

extension Scene {
  /// How much a reader has to look at: things first, then what is known of them.
  struct Size: Comparable {
    let things: Int
    let facts: Int

    static func < (left: Size, right: Size) -> Bool { (left.things, left.facts) < (right.things, right.facts) }
  }

  var size: Size {
    Size(
      things: drafts.count,
      facts: drafts.reduce(0) { $0 + $1.facts.count + $1.unreadable.count + $1.backups.count })
  }
}
