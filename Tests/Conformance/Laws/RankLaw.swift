internal import PolicyCore
internal import Testing

/// Law 6: on its own level and for firm keeps no kept entity ranks below a destroyed one, floors hold, bytes reconcile.
@Suite("law 6: ranks, floors, sums") struct RankLaw {
  @Test func noKeptEntityRanksBelowADestroyedOne() {
    var figures = Figures()
    let count = CaseCount.scaled(2000)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(9_000_000 + seed, seed.isMultiple(of: 2) ? .everything : .cleaning)
      let plan = Planner.plan(it.policy, on: it.snapshot)
      let world = ReferenceWorld(it.snapshot, entities: it.snapshot.entities, policy: it.policy, fault: nil)
      let direct = Destruction(plan, it.snapshot).direct
      for rule in it.policy.rules where rule.verb == .keep && rule.yieldsTo.isEmpty {
        guard case .ranked(let ranking) = rule.selector, let wanted = ranking.count.number else { continue }
        for group in Self.groups(rule, it, world) {
          let keyed = group.filter { world.read(ranking.key, of: $0).value != nil }
          let gone = keyed.filter { direct.contains(Destruction.name(it.snapshot.entities[$0], it.snapshot)) }
          figures.add("groups")
          figures.add("with destroyed and staying", if: !gone.isEmpty && gone.count < keyed.count)
          figures.add("at the floor", if: !gone.isEmpty && keyed.count - gone.count == min(wanted, keyed.count))
          #expect(keyed.count - gone.count >= min(wanted, keyed.count), "floor of \(rule.id): \(it.description)")
          for lost in gone {
            let better = keyed.filter { Self.isBetter($0, than: lost, ranking, world) }
            #expect(better.count >= wanted, "\(rule.id) loses one of its first: \(it.description)")
          }
        }
      }
    }
    print("law 6: \(count) cases: \(figures.line)")
    #expect(figures["groups"] * 5 > count)
    #expect(figures["with destroyed and staying"] * 25 > count)
    #expect(figures["at the floor"] * 25 > count)
  }

  /// Not worse by the key alone, whatever the ties say.
  private static func isBetter(_ entity: Int, than other: Int, _ ranking: Ranking, _ world: ReferenceWorld) -> Bool {
    guard entity != other, let a = world.read(ranking.key, of: entity).value,
      let b = world.read(ranking.key, of: other).value, let order = a.compared(to: b)
    else { return false }
    return ranking.better == .higher ? order >= 0 : order <= 0
  }

  /// The rule's scope, grouped by walking it pair by pair.
  private static func groups(_ rule: Rule, _ it: GeneratedCase, _ world: ReferenceWorld) -> [[Int]] {
    let scope = it.snapshot.entities.indices.filter {
      it.snapshot.entities[$0].kind == rule.kind && world.truth(rule.condition, of: $0).isPossible
    }
    var groups: [[Int]] = []
    for entity in scope {
      let place = groups.firstIndex { group in
        let other = group[0]
        guard it.snapshot.entities[entity].tier == it.snapshot.entities[other].tier else { return false }
        return rule.per.allSatisfy { key in
          guard let mine = world.groupName(key, entity), let theirs = world.groupName(key, other) else { return false }
          return mine == theirs
        }
      }
      if let place { groups[place].append(entity) } else { groups.append([entity]) }
    }
    return groups
  }

  @Test func sumsReconcile() {
    var figures = Figures()
    let count = CaseCount.scaled(2000)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(9_500_000 + seed)
      let plan = Planner.plan(it.policy, on: it.snapshot)
      for (kind, counts) in [(EntityKind.run, plan.counts.runs), (.checkpoint, plan.counts.checkpoints)] {
        let all = it.snapshot.entities.filter { $0.kind == kind }.count
        let parts = [
          counts.trash, counts.archive, counts.withRun, counts.protected, counts.undecided, counts.kept,
        ]
        #expect(counts.total == all && parts.reduce(0, +) == all, "\(counts): \(it.description)")
        #expect(counts.trash == plan.actions.filter { $0.verb == .trash && $0.kind == kind }.count)
        #expect(counts.archive == plan.actions.filter { $0.verb == .archive && $0.kind == kind }.count)
        figures.add("going with a run", counts.withRun)
        figures.add("protected", counts.protected)
        figures.add("undecided", counts.undecided)
      }
      // Nothing is moved twice: no move lies in another.
      let moves = plan.actions.filter { $0.verb == .trash || $0.verb == .archive }
      for inner in moves {
        let outer = moves.filter {
          $0 != inner && $0.kind == .run && $0.host == inner.host && $0.root == inner.root && $0.tier == inner.tier
            && $0.path != inner.path && inner.path.isAtOrBelow($0.path)
        }
        #expect(outer.isEmpty, "\(it.description)")
      }
      figures.add("moves", moves.count)
    }
    print("law 6, sums: \(count) cases: \(figures.line)")
    for name in ["going with a run", "protected", "undecided", "moves"] { #expect(figures[name] * 20 > count) }
  }
}

extension Count {
  fileprivate var number: Int? {
    if case .limited(let number) = self { return number }
    return nil
  }
}
