internal import PolicyCore
internal import PolicyDigest

/// Short names for actions: independent of policy and reasons, so that two plans can be compared by them.
package enum ActionIdentifiers {
  static let shortest = 8

  /// The first letters of a digest over (host, root, verb, kind, path, record), and of backups the target: eight, or as many as tell it apart.
  static func of(_ actions: [Action]) -> [String] {
    shorten(actions.map { Base32.encode(SHA256Digest.hash(CanonicalJSON.encode(key($0)))) })
  }

  /// Each name cut to eight letters, or to as many as tell it from every other.
  package static func shorten(_ full: [String]) -> [String] {
    let order = full.indices.sorted { full[$0].utf8.lexicographicallyPrecedes(full[$1].utf8) }
    var lengths = [Int](repeating: shortest, count: full.count)
    // In sorted order only neighbours can share the longest beginning.
    for (a, b) in zip(order, order.dropFirst()) {
      let shared = zip(full[a].utf8, full[b].utf8).prefix { $0 == $1 }.count
      lengths[a] = max(lengths[a], shared + 1)
      lengths[b] = max(lengths[b], shared + 1)
    }
    return zip(full, lengths).map { String($0.prefix($1)) }
  }

  private static func key(_ action: Action) -> JSONValue {
    var parts = [
      name(action.host), name(action.root), .string(action.verb.rawValue), .string(action.kind.rawValue),
      name(action.path), action.record.map { .string($0) } ?? .null,
    ]
    // One thing may be backed up to several places.
    if action.verb == .backup { parts.append(action.target.map { .string($0) } ?? .null) }
    // An archive of a run, and a run of the same path that lives.
    if action.tier == .archived { parts.append(.string(action.tier.rawValue)) }
    return .array(parts)
  }

  /// An escaped name must not collide with one that is spelled like it.
  private static func name(_ name: ByteString) -> JSONValue {
    let (text, isEscaped) = EscapedName.escape(name)
    return isEscaped ? ["escaped": .string(text)] : .string(text)
  }
}
