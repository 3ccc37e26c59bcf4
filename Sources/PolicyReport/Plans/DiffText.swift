public import PolicyCore
internal import PolicyFormats

/// Differences as people read them, and as JSON (`policy-diff/1.0`).
public enum DiffText {
  public static func render(_ diff: PlanDiff, style: TextStyle) -> String {
    var lines = style.heading("plan diff  " + headline(diff), "")
    let phrases = Phrases()
    lines += diff.added.flatMap { line("+", .yellow, $0, note($0, diff, phrases), style) }
    lines += diff.removed.flatMap { line("-", .green, $0, note($0, diff, phrases), style) }
    lines += diff.changed.flatMap { pair in
      let before = pair.before.because.map(\.rule).joined(separator: " + ")
      let after = pair.after.because.map(\.rule).joined(separator: " + ")
      let text = before == after ? "was \(Quantities.size(pair.before.bytes))" : "was for \(before), now for \(after)"
      return line("~", .blue, pair.after, text, style)
    }
    lines += diff.keeps.flatMap { keep in
      let last = keep.after.count == 1 && keep.before.count > 1 ? "; that is the last vote for it" : ""
      let text =
        "was held by \(keep.before.joined(separator: ", ")), now by \(keep.after.joined(separator: ", "))\(last)"
      let lead = TextStyle.Lead(text: "  \(style.paint("~", .blue)) held               ", columns: 23)
      return style.row(lead, name: DisplayText.escape(keep.path), nameColumns: 0, [text], below: 23)
    }
    if let total = summary(diff) { lines += style.indented(total, by: 2) }
    lines += style.indented(
      "= \(Quantities.count(diff.unchanged, "action")) unchanged, trash "
        + "\(Quantities.size(diff.trashBefore)) → \(Quantities.size(diff.trashAfter))", by: 2)
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  private static func headline(_ diff: PlanDiff) -> String {
    if diff.causes.isEmpty { return diff.isEmpty ? "the same plan" : "same policy, snapshot and moment" }
    var parts: [String] = []
    for cause in PlanDiff.Cause.allCases {
      let changed = diff.causes.contains(cause)
      switch cause {
      case .policy:
        let rules = diff.changedRules.isEmpty ? "" : " (\(diff.changedRules.joined(separator: ", ")))"
        parts.append(changed ? "policy changed\(rules)" : "same policy")
      case .snapshot: parts.append(changed ? "another snapshot" : "same snapshot")
      case .now: if changed { parts.append("another moment") }
      }
    }
    return parts.joined(separator: "; ")
  }

  /// How many lines of each sign, where there are too many to count at a glance.
  private static func summary(_ diff: PlanDiff) -> String? {
    guard diff.added.count + diff.removed.count + diff.changed.count > 5 else { return nil }
    return "+ \(Quantities.count(diff.added.count, "new action")), - \(diff.removed.count) gone, "
      + "~ \(diff.changed.count) for other reasons"
  }

  private static func note(_ action: Action, _ diff: PlanDiff, _ phrases: Phrases) -> String {
    if let rules = diff.attribution[ActionKey(action)], !rules.isEmpty {
      return "because of \(rules.joined(separator: ", "))"
    }
    let miss = phrases.nearMisses(action.notKept)
    return action.because.map(\.rule).joined(separator: " + ") + (miss.isEmpty ? "" : "; not kept: \(miss)")
  }

  private static func line(
    _ sign: String, _ ink: TextStyle.Ink, _ action: Action, _ note: String, _ style: TextStyle
  ) -> [String] {
    let name = DisplayText.escape(action.path.isEmpty ? action.root : action.path)
    let size = DisplayText.padLeft(Quantities.size(action.bytes), to: 9)
    let verb = DisplayText.pad(action.verb.rawValue, to: 7)
    let lead = TextStyle.Lead(text: "  \(style.paint(sign, ink)) \(verb) \(size)  ", columns: 23)
    let fits = lead.columns + DisplayText.width(name) + 2 + DisplayText.width(note) <= style.width
    return style.row(lead, name: name, nameColumns: fits ? DisplayText.width(name) : 0, [note], below: 23)
  }

  // MARK: Snapshots

  public static func render(_ diff: SnapshotDiff, style: TextStyle) -> String {
    if diff.isEmpty { return "snapshot diff  nothing changed\n" }
    var lines = [style.paint("snapshot diff", .bold)]
    func row(_ sign: String, _ ink: TextStyle.Ink, _ kind: String, _ size: Int64?, _ path: ByteString) -> [String] {
      let size = DisplayText.padLeft(size.map(Quantities.size) ?? "", to: 9)
      let lead = "  \(style.paint(sign, ink)) \(DisplayText.pad(kind, to: 10))  \(size)  "
      return style.row(.init(text: lead, columns: 27), name: DisplayText.escape(path), nameColumns: 0, [])
    }
    for item in diff.added { lines += row("+", .green, item.kind.rawValue, item.bytes, item.path) }
    for item in diff.removed { lines += row("-", .yellow, item.kind.rawValue, item.bytes, item.path) }
    for change in diff.changed {
      lines += row("~", .blue, change.kind.rawValue, nil, change.path)
      for fact in change.facts {
        lines += style.indented(
          "\(fact.name): \(value(fact.before, fact.name)) → \(value(fact.after, fact.name))", by: 10)
      }
    }
    for volume in diff.volumes {
      lines += row("~", .blue, "volume", nil, volume.path)
      lines += style.indented("used: \(Quantities.size(volume.before)) → \(Quantities.size(volume.after))", by: 10)
    }
    let counts = [(diff.added.count, "new"), (diff.removed.count, "gone"), (diff.changed.count, "changed")]
    lines.append("  " + counts.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  private static func value(_ text: String, _ fact: String) -> String {
    guard fact == "bytes", let bytes = Int64(text) else { return DisplayText.escape(text) }
    return Quantities.size(bytes)
  }

  // MARK: JSON

  public static func json(_ diff: PlanDiff) -> [UInt8] {
    func action(_ action: Action) -> JSONValue {
      var object: JSONObject = [
        "verb": .string(action.verb.rawValue), "kind": .string(action.kind.rawValue),
        "root": .string(DisplayText.escape(action.root)), "path": .string(DisplayText.escape(action.path)),
        "bytes": .integer(action.bytes), "because": .array(action.because.map { .string($0.rule) }),
      ]
      if let rules = diff.attribution[ActionKey(action)] { object["changed_rules"] = .array(rules.map { .string($0) }) }
      return .object(object)
    }
    return document([
      "format": .string("policy-diff/1.0"), "causes": .array(diff.causes.map { .string($0.rawValue) }),
      "changed_rules": .array(diff.changedRules.map { .string($0) }),
      "added": .array(diff.added.map(action)), "removed": .array(diff.removed.map(action)),
      "changed": .array(diff.changed.map { action($0.after) }), "unchanged": .integer(Int64(diff.unchanged)),
      "keeps": .array(
        diff.keeps.map { keep in
          .object([
            "path": .string(DisplayText.escape(keep.path)), "before": .array(keep.before.map { .string($0) }),
            "after": .array(keep.after.map { .string($0) }),
          ])
        }),
      "trash_bytes": .object(["before": .integer(diff.trashBefore), "after": .integer(diff.trashAfter)]),
    ])
  }

  public static func json(_ diff: SnapshotDiff) -> [UInt8] {
    func item(_ item: SnapshotDiff.Item) -> JSONValue {
      .object([
        "kind": .string(item.kind.rawValue), "path": .string(DisplayText.escape(item.path)),
        "bytes": .integer(item.bytes),
      ])
    }
    return document([
      "format": .string("policy-diff/1.0"), "added": .array(diff.added.map(item)),
      "removed": .array(diff.removed.map(item)),
      "changed": .array(
        diff.changed.map { change in
          .object([
            "kind": .string(change.kind.rawValue), "path": .string(DisplayText.escape(change.path)),
            "facts": .array(
              change.facts.map {
                .object(["fact": .string($0.name), "before": .string($0.before), "after": .string($0.after)])
              }),
          ])
        }),
    ])
  }

  private static func document(_ object: JSONObject) -> [UInt8] {
    CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")]
  }
}
