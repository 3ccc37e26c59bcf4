/// What changed between two snapshots: things that came, went, or have other facts.
public struct SnapshotDiff: Sendable {
  public struct Change: Sendable {
    public var kind: EntityKind
    public var root: ByteString
    public var path: ByteString
    /// Fact, old value and new value in words; `missing` where there is none.
    public var facts: [(name: String, before: String, after: String)]
  }
  public struct Item: Sendable, Equatable {
    public var kind: EntityKind
    public var root: ByteString
    public var path: ByteString
    public var bytes: Int64
  }
  public var added: [Item]
  public var removed: [Item]
  public var changed: [Change]
  public var volumes: [(path: ByteString, before: Int64, after: Int64)]

  public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty && volumes.isEmpty }

  public static func between(_ before: Snapshot, _ after: Snapshot) -> SnapshotDiff {
    struct Key: Hashable {
      let host: ByteString, root: ByteString, path: ByteString
      let kind: EntityKind
      let tier: Tier
    }
    func keys(_ snapshot: Snapshot) -> [Key] {
      snapshot.entities.map { entity in
        let root = snapshot.roots[entity.root]
        return Key(host: root.host, root: root.path, path: entity.path, kind: entity.kind, tier: entity.tier)
      }
    }
    func item(_ entity: Entity, _ key: Key) -> Item {
      Item(kind: entity.kind, root: key.root, path: entity.path, bytes: entity.storedBytes)
    }
    let (oldKeys, newKeys) = (keys(before), keys(after))
    let old = Dictionary(zip(oldKeys, before.entities), uniquingKeysWith: { first, _ in first })
    let new = Set(newKeys)
    var diff = SnapshotDiff(added: [], removed: [], changed: [], volumes: [])
    for (key, entity) in zip(oldKeys, before.entities) where !new.contains(key) {
      diff.removed.append(item(entity, key))
    }
    for (key, entity) in zip(newKeys, after.entities) {
      guard let was = old[key] else {
        diff.added.append(item(entity, key))
        continue
      }
      let facts = Self.facts(was.facts, entity.facts)
      if !facts.isEmpty {
        diff.changed.append(Change(kind: key.kind, root: key.root, path: key.path, facts: facts))
      }
    }
    for volume in after.volumes {
      let was = before.volumes.first { $0.host == volume.host && $0.path == volume.path }
      // A disk is never quite as full as a second ago; less than a thousandth of it is no news.
      if let was, (was.used - volume.used).magnitude > (volume.size / 1000).magnitude {
        diff.volumes.append((volume.path, was.used, volume.used))
      }
    }
    return diff
  }

  private static func facts(_ before: FactRow, _ after: FactRow) -> [(name: String, before: String, after: String)] {
    let names = FactShape(before.shape.names + after.shape.names + before.unreadable + after.unreadable).names
    return names.compactMap { name in
      let (old, new) = (before.fact(name), after.fact(name))
      return old == new ? nil : (name, words(old, name), words(new, name))
    }
  }

  private static func words(_ fact: Fact, _ name: String) -> String {
    switch fact {
    case .missing: return "missing"
    case .unreadable: return "unreadable"
    case .value(.bool(let flag)): return flag ? "true" : "false"
    case .value(.integer(let integer)):
      return name.hasSuffix("_at") ? Timestamp(nanoseconds: integer).rfc3339 : String(integer)
    case .value(.number(let text)): return text
    case .value(.text(let text)): return text.displayText
    case .value(.set(let members)): return members.map(\.displayText).joined(separator: ",")
    }
  }
}
