internal import PolicyCore

/// What a plan destroys, by name: what it trashes, and everything in it.
struct Destruction {
  /// Names of all that goes.
  let names: Set<String>
  /// Of them, what is trashed itself and not with its run.
  let direct: Set<String>

  init(_ plan: Plan, _ snapshot: Snapshot) {
    var (names, direct): (Set<String>, Set<String>) = ([], [])
    for action in plan.actions where action.verb == .trash {
      for entity in snapshot.entities {
        let root = snapshot.roots[entity.root]
        guard root.host == action.host, root.path == action.root, entity.tier == action.tier else { continue }
        let isIt = entity.kind == action.kind && entity.path == action.path
        guard isIt || (action.kind == .run && entity.path != action.path && entity.path.isAtOrBelow(action.path)) else {
          continue
        }
        names.insert(Self.name(entity, snapshot))
        if isIt { direct.insert(Self.name(entity, snapshot)) }
      }
    }
    self.names = names
    self.direct = direct
  }

  static func name(_ entity: Entity, _ snapshot: Snapshot) -> String {
    ReferenceOutcome.name(entity.kind, snapshot.roots[entity.root], entity.path, entity.tier)
  }
}
