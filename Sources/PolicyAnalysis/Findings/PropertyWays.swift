internal import PolicyCore

/// All the ways in which a property could be violated; none left is a proof.
struct PropertyWays {
  let property: Property
  let meaning: PolicyMeaning
  private var diagrams: Diagrams { meaning.diagrams }

  init(_ property: Property, _ meaning: PolicyMeaning) {
    self.property = property
    self.meaning = meaning
  }

  /// How a scene has to be set so that the act happens.
  enum Stage {
    /// As it stands.
    case plain
    /// Quotas are exceeded and volumes full.
    case need
    /// Inside another run, which goes.
    case nested(outer: Diagram, need: Bool)
  }

  struct Way {
    let set: Diagram
    let subject: Subject
    let stage: Stage
    let policy: Policy

    var isNested: Bool { if case .nested = stage { true } else { false } }

    func stage(_ scene: Scene, _ builder: SceneBuilder) throws(BudgetSpent) -> [Scene] {
      switch stage {
      case .plain: return [scene]
      case .need: return scene.needing(policy)
      case .nested(let outer, let need):
        var scenes: [Scene] = []
        let models = builder.compiler.diagrams.models(of: outer, count: 4, cost: builder.universe.cost)
        for model in models {
          for around in try builder.scenes(model, .run) where around.now == scene.now {
            guard let both = around.holding(scene) else { continue }
            scenes += need ? both.needing(policy) : [both]
          }
        }
        return scenes
      }
    }
  }

  func all() throws(BudgetSpent) -> [Way] {
    let subject = Subject(property.kind)
    let caught = try diagrams.not(try meaning.compiler.truth(property.condition, on: property.kind).no)
    let isDestroy = property.subject == .destroy
    let byRules = isDestroy ? try meaning.trashed(.run) : try meaning.archived(.run)
    let byNeed = isDestroy ? try meaning.evictable(.run) : try meaning.archivedUnderPressure()
    // A protected checkpoint shields its run.
    let unshielded = subject == .checkpoint ? try diagrams.not(meaning.protects(.checkpoint)) : .everything
    var ways: [Way] = []
    func add(_ set: Diagram, _ stage: Stage) throws(BudgetSpent) {
      let open = try diagrams.all([meaning.axioms, set, caught, unshielded])
      if !open.isEmpty { ways.append(Way(set: open, subject: subject, stage: stage, policy: meaning.policy)) }
    }
    if subject == .checkpoint {
      try add(isDestroy ? try meaning.trashed(.checkpoint) : try meaning.archived(.checkpoint), .plain)
    }
    try add(byRules, .plain)
    let unheld = try unheldInside(isDestroy)
    let outer = try diagrams.and(meaning.axioms, byRules)
    if !outer.isEmpty { try add(unheld, .nested(outer: outer, need: false)) }
    if subject == .checkpoint, isDestroy { try add(try meaning.evictable(.checkpoint), .need) }
    try add(byNeed, .need)
    let outerInNeed = try diagrams.and(meaning.axioms, byNeed)
    if !outerInNeed.isEmpty { try add(unheld, .nested(outer: outerInNeed, need: true)) }
    return ways
  }

  /// Runs that do not keep the run around them from going.
  private func unheldInside(_ isDestroy: Bool) throws(BudgetSpent) -> Diagram {
    var votes = [meaning.protects(.run)]
    if isDestroy { votes.append(meaning.firmlyKeeps(.run)) }
    return try diagrams.not(try diagrams.any(votes))
  }
}

extension Scene {
  /// The same world in great need: over every quota, on full volumes. Several, because a root is on one volume.
  func needing(_ policy: Policy) -> [Scene] {
    var scenes: [Scene] = []
    if !policy.quotas.isEmpty {
      // Too much by themselves: the smallest world in need.
      var alone = self
      for index in drafts.indices {
        let limits = policy.quotas.filter { $0.kind == drafts[index].subject.kind }.map(\.limit)
        guard let most = limits.max() else { continue }
        alone.drafts[index].set("bytes", .integer(most > Int64.max / 4 ? most : most * 2))
      }
      scenes.append(alone)
      var scene = self
      for quota in policy.quotas {
        // Something large that must stay, in every group that is there.
        for (index, draft) in drafts.enumerated() where draft.subject == .run {
          var filler = draft
          filler.path = ByteString("zz/\(quota.id)-\(index)")
          filler.set("state", .text("running"))
          filler.set("bytes", .integer(quota.limit > Int64.max / 4 ? quota.limit : quota.limit * 2))
          filler.backups = []
          scene.drafts.append(filler)
          guard quota.kind == .checkpoint else { continue }
          var inside = Draft(subject: .checkpoint, path: ByteString(filler.path.displayText + "/weights/last.pt"))
          inside.facts = ["bytes": .integer(quota.limit * 2), "modified_at": .integer(now.nanoseconds)]
          if let like = drafts.first(where: { $0.subject == .checkpoint }) {
            inside.facts.merge(like.facts.filter { $0.key != "bytes" }) { $1 }
          }
          scene.drafts.append(inside)
        }
      }
      if scene.isSound { scenes.append(scene) }
    }
    for pressure in policy.pressures {
      var scene = self
      let volume = pressure.volume.displayText
      let size: Int64 = 1 << 50
      scene.volumes = [Volume(host: host, path: pressure.volume, size: size, used: size)]
      if !scene.root.isAtOrBelow(pressure.volume) {
        scene.root = ByteString(volume == "/" ? "/runs" : volume + "/runs")
      }
      scenes.append(scene)
    }
    return scenes
  }
}
