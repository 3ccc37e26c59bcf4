internal import PolicyCore

/// What a disk would look like after a plan was carried out, as far as a snapshot shows it.
enum AppliedSnapshot {
  static func apply(_ plan: Plan, policy: Policy, to snapshot: Snapshot, round: Int) -> Snapshot {
    var result = snapshot
    for (number, action) in plan.actions.enumerated() {
      switch action.verb {
      case .backup: back(action, &result)
      case .archive, .trash: move(action, policy, &result, record: "p\(round)-\(number)")
      case .purge: purge(action, &result)
      }
      result.normalise()
    }
    return result
  }

  /// The same with an identity for everything, as a scan gives it: a backup is known by its content.
  static func identified(_ snapshot: Snapshot) -> Snapshot {
    var snapshot = snapshot
    let old = Timestamp(nanoseconds: 0)
    for index in snapshot.entities.indices where snapshot.entities[index].identity == nil {
      snapshot.entities[index].identity = Identity(
        type: snapshot.entities[index].kind == .run ? .directory : .file, uid: 1, device: 7, inode: UInt64(index),
        mountID: nil, size: 0, modified: old, changed: old, born: nil, entries: 0, bytes: 0, newestModified: old,
        newestChanged: old, treeDigest: "aa")
    }
    return snapshot
  }

  private static func isAt(_ entity: Entity, _ action: Action, _ snapshot: Snapshot) -> Bool {
    let root = snapshot.roots[entity.root]
    return root.host == action.host && root.path == action.root && entity.tier == action.tier
      && entity.kind == action.kind && entity.path == action.path
  }

  private static func back(_ action: Action, _ snapshot: inout Snapshot) {
    for index in snapshot.entities.indices where isAt(snapshot.entities[index], action, snapshot) {
      let digest = snapshot.entities[index].identity?.treeDigest
      snapshot.entities[index].backups.append(
        BackupRecord(target: action.target ?? "", at: snapshot.now, treeDigest: digest))
      if action.kind == .run {
        snapshot.entities[index].facts = snapshot.entities[index].facts.setting(
          "backed_up_at", .integer(snapshot.now.nanoseconds))
      }
    }
  }

  /// The thing and all in it leave; a record of the trash stays, and of an archive the archived thing.
  private static func move(_ action: Action, _ policy: Policy, _ snapshot: inout Snapshot, record: String) {
    guard let place = snapshot.entities.firstIndex(where: { isAt($0, action, snapshot) }) else { return }
    let entity = snapshot.entities[place]
    let inside = snapshot.entities.filter { other in
      action.kind == .run && other.root == entity.root && other.tier == entity.tier && other.path != entity.path
        && other.path.isAtOrBelow(entity.path)
    }
    // The run around it shrinks: what two names of one inode share stays while one of them does.
    if action.kind == .checkpoint, let run = entity.parent {
      if case .value(.integer(let before)) = snapshot.entities[run].facts.fact("bytes"),
        case .value(.integer(let size)) = entity.facts.fact("bytes"), entity.links.isEmpty
      {
        snapshot.entities[run].facts = snapshot.entities[run].facts.setting("bytes", .integer(max(0, before - size)))
      }
    }
    let contents = [entity] + inside
    snapshot.entities.removeAll { other in contents.contains { $0 == other } }
    if action.verb == .archive {
      var archived = entity
      archived.tier = .archived
      archived.links = []
      snapshot.entities.removeAll { other in
        other.kind == archived.kind && other.root == archived.root && other.path == archived.path
          && other.tier == .archived
      }
      snapshot.entities.append(archived)
    }
    let onVolume = entity.tier == .live
    snapshot.trash.append(
      TrashRecord(
        root: entity.root, path: entity.path, kind: entity.kind, record: record, bytes: onVolume ? action.bytes : 0,
        trashedAt: snapshot.now, purgeAfter: policy.trash.purgeAfter, contents: contents))
  }

  private static func purge(_ action: Action, _ snapshot: inout Snapshot) {
    let found = snapshot.trash.firstIndex { record in
      let root = snapshot.roots[record.root]
      return root.host == action.host && root.path == action.root && record.record == action.record
        && record.path == action.path
    }
    guard let place = found else { return }
    let record = snapshot.trash.remove(at: place)
    let root = snapshot.roots[record.root]
    if let volume = snapshot.volume(host: root.host, path: root.path) {
      snapshot.volumes[volume].used = max(0, snapshot.volumes[volume].used - record.bytes)
    }
  }
}

extension FactRow {
  func setting(_ name: String, _ value: FactValue) -> FactRow {
    var facts = Dictionary(known.map { ($0.name, $0.value) }) { first, _ in first }
    facts[name] = value
    return FactRow(facts, unreadable: unreadable.filter { $0 != name })
  }
}
