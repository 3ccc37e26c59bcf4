public import PolicyCore
internal import PolicySyntax

/// Writes a snapshot down as a case that `policy test` reads back.
public enum CaseWriter {
  /// A file with one case. What the case format cannot say (identities, hard links, several roots) is left out.
  ///
  /// - Parameters:
  ///   - policy: path of the policy, relative to where the file will be.
  ///   - expected: everything that must come of it.
  ///   - never: what must not, in place of all of that.
  public static func file(
    name: String, policy: String, snapshot: Snapshot, expected: [Expectation] = [], never: [Expectation] = []
  ) -> String {
    var lines = ["version: 1", "policy: \(quoted(policy))", "cases:", "  - name: \(quoted(name))"]
    lines.append("    now: \(snapshot.now.rfc3339)")
    if let root = snapshot.roots.first { lines.append("    root: \(quoted(root.path.displayText))") }
    for (kind, key) in [(EntityKind.run, "runs"), (.checkpoint, "checkpoints")] {
      let entities = snapshot.entities.filter { $0.kind == kind }
      if !entities.isEmpty { lines.append("    \(key):") }
      for entity in entities { lines.append("      - { \(fixture(entity).joined(separator: ", ")) }") }
    }
    if !snapshot.volumes.isEmpty { lines.append("    volumes:") }
    for volume in snapshot.volumes {
      lines.append(
        "      - { path: \(quoted(volume.path.displayText)), size: \(volume.size)B, used: \(volume.used)B }")
    }
    if !snapshot.trash.isEmpty { lines.append("    trash:") }
    for record in snapshot.trash {
      let age = snapshot.now.since(record.trashedAt)?.spelled ?? "0s"
      var parts = ["path: \(quoted(record.path.displayText))", "age: \(age)", "bytes: \(record.bytes)B"]
      parts.append("kind: \(record.kind.rawValue)")
      if let wait = record.purgeAfter { parts.append("purge_after: \(wait.spelled)") }
      for (kind, key) in [(EntityKind.run, "runs"), (.checkpoint, "checkpoints")] {
        let inside = record.contents.filter { $0.kind == kind }.map { "{ \(fixture($0).joined(separator: ", ")) }" }
        if !inside.isEmpty { parts.append("\(key): [\(inside.joined(separator: ", "))]") }
      }
      lines.append("      - { \(parts.joined(separator: ", ")) }")
    }
    if never.isEmpty { lines += expectations(expected) }
    for fate in Expectation.Fate.allCases where never.contains(where: { $0.fate == fate }) {
      if !lines.contains("    never:") { lines.append("    never:") }
      let paths = never.filter { $0.fate == fate }.map { quoted($0.path) }
      lines.append("      \(fate.rawValue): [\(paths.joined(separator: ", "))]")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String { LiteralPrinter.quoted(ByteString(text)) }

  private static func fixture(_ entity: Entity) -> [String] {
    var parts = ["path: \(quoted(entity.path.displayText))"]
    if entity.tier == .archived { parts.append("tier: archived") }
    for (name, value) in entity.facts.known { parts.append("\(name): \(text(value, name))") }
    for name in entity.facts.unreadable { parts.append("\(name): unreadable") }
    let targets = entity.backups.filter { $0.treeDigest == nil }.map { quoted($0.target) }
    if !targets.isEmpty { parts.append("backed_up_to: [\(targets.joined(separator: ", "))]") }
    return parts
  }

  private static func text(_ value: FactValue, _ name: String) -> String {
    switch value {
    case .bool(let flag): return flag ? "true" : "false"
    case .number(let text): return text
    case .text(let text): return quoted(text.displayText)
    case .set(let members): return "[\(members.map { quoted($0.displayText) }.joined(separator: ", "))]"
    case .integer(let number):
      if name.hasSuffix("_at") { return Timestamp(nanoseconds: number).rfc3339 }
      return name == "bytes" ? "\(number)B" : String(number)
    }
  }

  private static func expectations(_ expected: [Expectation]) -> [String] {
    guard !expected.isEmpty else { return [] }
    var lines = ["    expect:"]
    for fate in Expectation.Fate.allCases {
      let own = expected.filter { $0.fate == fate }.sorted()
      guard !own.isEmpty else { continue }
      if fate == .unmet || fate == .refused {
        lines.append("      \(fate.rawValue): [\(own.map(\.path).joined(separator: ", "))]")
        continue
      }
      lines.append("      \(fate.rawValue):")
      for item in own {
        let rules = item.rules.isEmpty ? "any" : "[\(item.rules.map { quoted($0) }.joined(separator: ", "))]"
        lines.append("        \(quoted(item.path)): \(rules)")
      }
    }
    return lines
  }
}
