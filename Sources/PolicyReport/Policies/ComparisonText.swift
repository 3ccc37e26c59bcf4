public import PolicyAnalysis
internal import PolicyCore
internal import PolicyFormats

/// What `diff --semantic` found, as people read it, and as JSON (`policy-comparison/1.0`).
public enum ComparisonText {
  public static func render(
    _ result: PolicyComparison, before: String, after: String, style: TextStyle
  ) -> String {
    let names = (DisplayText.escape(before), DisplayText.escape(after))
    var lines: [String]
    switch result.verdict {
    case .equivalent:
      lines = DisplayText.wrap("equivalent (proved): no snapshot is treated differently", to: style.width)
    case .undecided:
      lines = DisplayText.wrap("not decided: neither proved equal nor shown to differ", to: style.width)
      lines += style.indented("because \(result.reason)", by: 2)
      lines += style.indented(
        result.searched > 0
          ? "\(Quantities.count(result.searched, "random snapshot")) tried, no difference among them"
          : "no random snapshots were tried: the policies speak of too much", by: 2)
    case .different(let difference):
      lines = DisplayText.wrap("different: here is a snapshot that they treat differently", to: style.width)
      lines += acts("only \(names.0)", difference.left, style) + acts("only \(names.1)", difference.right, style)
      lines += refusal(names.0, difference.leftRefusers, style) + refusal(names.1, difference.rightRefusers, style)
      lines += both(difference.both, style)
      lines += world(difference.snapshot, difference.act?.path, difference.facts, style)
    }
    // Of a verdict that is open they are among the reasons.
    if !result.settings.isEmpty, result.reason.isEmpty {
      let keys = result.settings.map { "`\($0)`" }.joined(separator: ", ")
      lines += style.indented("not the same in both: \(keys)", by: 2)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func acts(_ title: String, _ acts: [PlannedAct], _ style: TextStyle) -> [String] {
    acts.flatMap { act in
      let to = act.target.isEmpty ? "" : " to \(DisplayText.escape(act.target))"
      return style.indented("\(title): \(act.verb.rawValue) \(DisplayText.escape(act.path))\(to)", by: 2)
    }
  }

  private static func refusal(_ name: String, _ refusers: [String], _ style: TextStyle) -> [String] {
    if refusers.isEmpty { return [] }
    let words = refusers.map { "`\(DisplayText.escape($0))`" }.joined(separator: ", ")
    return style.indented("only \(name): the plan is refused by \(words)", by: 2)
  }

  /// What both would do; of many things, the first few.
  private static func both(_ acts: [PlannedAct], _ style: TextStyle) -> [String] {
    let shown = 3
    let rest = acts.count > shown ? style.indented("both: … and \(acts.count - shown) more", by: 2) : []
    return self.acts("both", Array(acts.prefix(shown)), style) + rest
  }

  /// What is in the snapshot, the thing at issue marked; facts that are the same for all are said once.
  private static func world(
    _ snapshot: Snapshot, _ marked: ByteString?, _ spoken: [EntityKind: [String]], _ style: TextStyle
  ) -> [String] {
    let rows = snapshot.entities.map { entity in
      let host = snapshot.roots[entity.root].host
      let place = snapshot.roots.count > 1 && !host.isEmpty ? ["host=\(DisplayText.escape(host))"] : []
      return (entity, facts(of: entity, snapshot.now) + place)
    }
    var shared = Set(rows.first?.1 ?? [])
    for row in rows { shared.formIntersection(row.1) }
    if rows.count < 2 { shared = [] }
    var lines = style.indented(
      "the snapshot, at \(snapshot.now.rfc3339):"
        + (shared.isEmpty ? "" : " all \(shared.sorted().joined(separator: ", "))"), by: 2)
    for (entity, facts) in rows {
      var own = facts.filter { !shared.contains($0) }
      if entity.path == marked {
        let derived = ["name", "path", "host", "root", "layout", "tags", "pinned", "in_use", "resumable", "referenced"]
        own += (spoken[entity.kind] ?? []).filter { name in
          entity.facts.fact(name) == .missing && !derived.contains(name)
        }.map { "\($0) missing" }
      }
      let mark = entity.path == marked ? style.paint("→", .yellow) : " "
      let path = DisplayText.escape(entity.path)
      lines += style.indented("\(mark) \(path)\(own.isEmpty ? "" : "  " + own.joined(separator: ", "))", by: 4)
    }
    for record in snapshot.trash {
      let age = snapshot.now.since(record.trashedAt)?.approximate ?? "0s"
      lines += style.indented("  \(DisplayText.escape(record.path))  in the trash for \(age)", by: 4)
    }
    for volume in snapshot.volumes {
      lines += style.indented(
        "  volume \(DisplayText.escape(volume.path)): \(Quantities.size(volume.used)) of "
          + "\(Quantities.size(volume.size)) used", by: 4)
    }
    return lines
  }

  private static func facts(of entity: Entity, _ now: Timestamp) -> [String] {
    var words = entity.facts.known.map { name, value in "\(name)=\(text(value, name, now))" }
    words += entity.facts.unreadable.map { "\($0)=unreadable" }
    if entity.tier == .archived { words.append("archived") }
    if !entity.backups.isEmpty { words.append("backed up") }
    return words
  }

  private static func text(_ value: FactValue, _ name: String, _ now: Timestamp) -> String {
    switch value {
    case .bool(let flag): return flag ? "true" : "false"
    case .number(let text): return text
    case .text(let text): return DisplayText.escape(text)
    case .set(let members): return "[" + members.map(DisplayText.escape).joined(separator: ", ") + "]"
    case .integer(let number):
      if name.hasSuffix("_at") {
        guard let age = now.since(Timestamp(nanoseconds: number)), age.nanoseconds >= 0 else { return "later" }
        return "\(age.spelled) ago"
      }
      return name == "bytes" ? Quantities.size(number) : String(number)
    }
  }

  // MARK: - JSON

  public static func json(_ result: PolicyComparison) -> [UInt8] {
    var object: JSONObject = ["format": .string("policy-comparison/1.0")]
    object["settings"] = .array(result.settings.map { .string($0) })
    object["searched"] = .integer(Int64(result.searched))
    switch result.verdict {
    case .equivalent: object["verdict"] = .string("equivalent")
    case .undecided:
      object["verdict"] = .string("undecided")
      object["reason"] = .string(result.reason)
    case .different(let difference):
      object["verdict"] = .string("different")
      object["before"] = .array(difference.left.map(json))
      object["after"] = .array(difference.right.map(json))
      // Only where one of them may not be applied.
      if !difference.leftRefusers.isEmpty || !difference.rightRefusers.isEmpty {
        object["before_refused_by"] = .array(difference.leftRefusers.map { .string($0) })
        object["after_refused_by"] = .array(difference.rightRefusers.map { .string($0) })
        object["both"] = .array(difference.both.map(json))
      }
      let lines = String(decoding: SnapshotCodec.encode(difference.snapshot), as: UTF8.self)
      object["snapshot"] = .array(lines.split(separator: "\n").map { .string(String($0)) })
    }
    return CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")]
  }

  private static func json(_ act: PlannedAct) -> JSONValue {
    var object: JSONObject = [
      "verb": .string(act.verb.rawValue), "kind": .string(act.kind.rawValue),
      "path": .string(DisplayText.escape(act.path)),
    ]
    if !act.target.isEmpty { object["to"] = .string(act.target) }
    return .object(object)
  }
}
