public import PolicyCore

/// The part of a plan that concerns one user. The decision is over everybody; only what is shown of it is less, and so it
/// has no form that could be saved or applied.
public struct UserView: Sendable {
  public let user: ByteString
  let plan: Plan

  /// Whether a snapshot holds anything of a user's.
  public static func knows(_ user: ByteString, _ snapshot: Snapshot) -> Bool {
    snapshot.entities.contains { $0.kind == .run && $0.facts.fact("user") == .value(.text(user)) }
      || snapshot.trash.contains { $0.owner == user }
  }

  public init(of plan: Plan, for user: ByteString, in snapshot: Snapshot) {
    self.user = user
    let places = Places(user, snapshot)
    var part = plan
    part.actions = plan.actions.filter { action in
      if let record = action.record, action.verb == .purge { return places.records.contains(record) }
      return places.hold(action.host, action.root, action.path)
    }
    part.held = plan.held.filter { held in
      if let record = held.record { return places.records.contains(record) }
      return places.hold(held.host, held.root, held.path)
    }
    part.undecided = plan.undecided.filter { places.hold($0.host, $0.root, $0.path) }
    // A group that names no user is everybody's.
    part.unmet = plan.unmet.filter { unmet in
      unmet.group.first { $0.fact == "user" }.map { ByteString($0.value) == user } ?? true
    }
    self.plan = part
  }

  /// Where a user's things are.
  private struct Places {
    private struct Place: Hashable {
      let host: ByteString
      let root: ByteString
      let path: ByteString
    }
    private var runs: Set<Place> = []
    var records: Set<String> = []

    init(_ user: ByteString, _ snapshot: Snapshot) {
      let mine = Fact.value(.text(user))
      for entity in snapshot.entities {
        let run = entity.kind == .run ? entity : entity.parent.map { snapshot.entities[$0] }
        guard let run, run.facts.fact("user") == mine else { continue }
        let root = snapshot.roots[entity.root]
        runs.insert(Place(host: root.host, root: root.path, path: entity.path))
      }
      for record in snapshot.trash {
        let first = record.contents.first { $0.kind == .run }?.facts.fact("user")
        if first == mine || first == nil && record.owner == user { records.insert(record.record) }
      }
    }

    func hold(_ host: ByteString, _ root: ByteString, _ path: ByteString) -> Bool {
      runs.contains(Place(host: host, root: root, path: path))
    }
  }
}
