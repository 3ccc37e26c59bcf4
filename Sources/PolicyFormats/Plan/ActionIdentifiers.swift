internal import PolicyCore
internal import PolicyDigest

/// Short names for actions: independent of policy and reasons, so that two plans can be compared by them.
package enum ActionIdentifiers {
  static let shortest = 8

  /// The first letters of a digest over (host, root, verb, kind, path, record), and of backups the target: eight, or as many as tell it apart.
  static func of(_ actions: [Action]) -> [String] {
    var full: [String] = []
    full.reserveCapacity(actions.count)
    OrderedPieces(items: actions.count, of: 256) { range in
      var hash = SHA256Digest()
      var writer = JSONWriter()
      return range.map { index in
        write(actions[index], &writer)
        hash.update(writer.empty())
        return Base32.encode(hash.finish())
      }
    }.handOn { full += $0 }
    return shorten(full)
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

  private static func write(_ action: Action, _ writer: inout JSONWriter) {
    writer.openList()
    name(action.host, &writer)
    name(action.root, &writer)
    text(action.verb.rawValue, &writer)
    text(action.kind.rawValue, &writer)
    name(action.path, &writer)
    text(action.record, &writer)
    // One thing may be backed up to several places.
    if action.verb == .backup { text(action.target, &writer) }
    // An archive of a run, and a run of the same path that lives.
    if action.tier == .archived { text(action.tier.rawValue, &writer) }
    writer.closeList()
  }

  private static func text(_ text: String?, _ writer: inout JSONWriter) {
    writer.item()
    if let text { writer.text(text) } else { writer.null() }
  }

  /// An escaped name must not collide with one that is spelled like it.
  private static func name(_ name: ByteString, _ writer: inout JSONWriter) {
    writer.item()
    let (text, isEscaped) = EscapedName.escape(name)
    guard isEscaped else { return writer.text(text) }
    writer.open()
    writer.member("escaped", text)
    writer.close()
  }
}
