internal import PolicyCore

/// A snapshot to which plans are applied on paper: what a scan would show had the plan been carried out at its `now`.
///
/// Backups and archives succeed at once. An archived run leaves an archived one in its place, without what lay in it, and
/// its files in the trash, as a trashed one does; what it takes up at its target is not counted.
struct PaperDisk {
  private(set) var snapshot: Snapshot
  private var serial = 0

  init(_ snapshot: Snapshot) { self.snapshot = snapshot }

  mutating func set(now: Timestamp) { snapshot.now = now }

  private struct Place: Hashable {
    let root: Int
    let kind: EntityKind
    let tier: Tier
    let path: ByteString
  }

  /// Carries out a plan made on this snapshot. Returns the bytes that purges free.
  mutating func apply(_ plan: Plan, _ policy: Policy) -> Int64 {
    guard !plan.actions.isEmpty else { return 0 }
    var backups: [Place: [Action]] = [:]
    var moves: [Place: Action] = [:]
    for action in plan.actions {
      guard let root = root(action) else { continue }
      let place = Place(root: root, kind: action.kind, tier: action.tier, path: action.path)
      switch action.verb {
      case .backup: backups[place, default: []].append(action)
      case .archive, .trash: moves[place] = action
      case .purge: break
      }
    }
    if !backups.isEmpty { back(backups) }
    if !moves.isEmpty { move(moves, policy) }
    let freed = purge(plan.actions.filter { $0.verb == .purge })
    snapshot.normalise()
    return freed
  }

  private func root(_ action: Action) -> Int? {
    snapshot.roots.firstIndex { $0.host == action.host && $0.path == action.root }
  }

  private func place(_ entity: Entity) -> Place {
    Place(root: entity.root, kind: entity.kind, tier: entity.tier, path: entity.path)
  }

  // MARK: Backups

  private mutating func back(_ backups: [Place: [Action]]) {
    for index in snapshot.entities.indices {
      for action in backups[place(snapshot.entities[index])] ?? [] {
        let digest = snapshot.entities[index].identity?.treeDigest
        snapshot.entities[index].backups.append(
          BackupRecord(target: action.target ?? "", at: snapshot.now, treeDigest: digest))
        if action.kind == .run { snapshot.entities[index].set("backed_up_at", snapshot.now.nanoseconds) }
      }
    }
  }

  // MARK: Trash and archive

  private mutating func move(_ moves: [Place: Action], _ policy: Policy) {
    let actions = snapshot.entities.map { moves[place($0)] }
    /// The entity that takes each along, itself among them.
    let movers = actions.indices.map { entity -> Int? in
      var place: Int? = entity
      while let here = place {
        if actions[here] != nil { return here }
        place = snapshot.entities[here].parent
      }
      return nil
    }
    for entity in actions.indices where actions[entity]?.kind == .checkpoint {
      if let run = snapshot.entities[entity].parent { shrink(run, snapshot.entities[entity]) }
    }
    var contents: [Int: [Entity]] = [:]
    for entity in movers.indices {
      guard let mover = movers[entity], mover != entity else { continue }
      contents[mover, default: []].append(snapshot.entities[entity])
    }
    var archived: [Entity] = []
    for entity in actions.indices {
      guard let action = actions[entity] else { continue }
      let subject = snapshot.entities[entity]
      if action.verb == .archive {
        var packed = subject
        packed.tier = .archived
        packed.links = []
        if packed.kind == .run { packed.set("archived_at", snapshot.now.nanoseconds) }
        archived.append(packed)
      }
      serial += 1
      let number = String(serial)
      snapshot.trash.append(
        TrashRecord(
          root: subject.root, path: subject.path, kind: subject.kind,
          record: "simulated-" + String(repeating: "0", count: max(0, 9 - number.utf8.count)) + number,
          owner: action.owner, bytes: subject.tier == .live ? action.bytes : 0, trashedAt: snapshot.now,
          purgeAfter: policy.trash.purgeAfter, contents: [subject] + (contents[entity] ?? [])))
    }
    let replaced = Set(archived.map(place))
    snapshot.entities = movers.indices.filter { movers[$0] == nil }.map { snapshot.entities[$0] }
      .filter { !replaced.contains(place($0)) }
    snapshot.entities += archived
  }

  /// A run without one of its checkpoints: smaller, unless another name in it holds the same inode, and of other content.
  private mutating func shrink(_ run: Int, _ checkpoint: Entity) {
    var links = snapshot.entities[run].links
    let linked = checkpoint.links.reduce(Int64(0)) { $0 &+ max(0, $1.bytes) }
    var gone = max(0, (checkpoint.facts.integer("bytes") ?? 0) - linked)
    for link in checkpoint.links {
      guard let place = links.firstIndex(where: { $0.device == link.device && $0.inode == link.inode }) else {
        continue
      }
      links[place].inside -= link.inside
      if links[place].inside <= 0 { gone += max(0, links.remove(at: place).bytes) }
    }
    if !checkpoint.links.isEmpty { snapshot.entities[run].links = links }
    let facts = snapshot.entities[run].facts
    if let bytes = facts.integer("bytes") { snapshot.entities[run].set("bytes", max(0, bytes - gone)) }
    if let files = facts.integer("files") { snapshot.entities[run].set("files", max(0, files - 1)) }
    if var identity = snapshot.entities[run].identity {
      identity.treeDigest += "-\(checkpoint.path.displayText)"
      snapshot.entities[run].identity = identity
    }
  }

  // MARK: Purging

  private mutating func purge(_ actions: [Action]) -> Int64 {
    var freed: Int64 = 0
    for action in actions {
      guard let root = root(action),
        let place = snapshot.trash.firstIndex(where: {
          $0.root == root && $0.record == action.record && $0.path == action.path
        })
      else { continue }
      let bytes = max(0, snapshot.trash.remove(at: place).bytes)
      let (sum, overflow) = freed.addingReportingOverflow(bytes)
      freed = overflow ? .max : sum
      if let volume = snapshot.volume(host: action.host, path: action.root) {
        snapshot.volumes[volume].used -= min(max(0, snapshot.volumes[volume].used), bytes)
      }
    }
    return freed
  }
}

extension Entity {
  fileprivate mutating func set(_ fact: String, _ value: Int64) {
    var values: [String: FactValue] = [:]
    for (name, value) in facts.known { values[name] = value }
    values[fact] = .integer(value)
    facts = FactRow(values, unreadable: facts.unreadable.filter { $0 != fact })
  }
}

extension FactRow {
  func integer(_ name: String) -> Int64? {
    guard case .value(.integer(let value)) = fact(name) else { return nil }
    return value
  }
}
