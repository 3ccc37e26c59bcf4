public import PolicyCore
internal import PolicyFormats

/// Differences as people read them, and as JSON (`policy-diff/1.0`).
public enum DiffText {
  public static func render(_ diff: PlanDiff, style: TextStyle) -> String {
    var lines = [style.paint("plan diff", .bold) + "  " + headline(diff)]
    lines += diff.added.flatMap { line("+", .yellow, $0, note($0, diff), style) }
    lines += diff.removed.flatMap { line("-", .green, $0, note($0, diff), style) }
    lines += diff.changed.flatMap { pair in
      let before = pair.before.because.map(\.rule).joined(separator: " + ")
      let after = pair.after.because.map(\.rule).joined(separator: " + ")
      let text = before == after ? "was \(Quantities.size(pair.before.bytes))" : "was for \(before), now for \(after)"
      return line("~", .blue, pair.after, text, style)
    }
    lines += diff.keeps.map { keep in
      "  ~ keep     \(DisplayText.escape(keep.path))  was \(keep.before.joined(separator: " + ")), now "
        + keep.after.joined(separator: " + ") + (keep.after.count == 1 ? " only" : "")
    }
    lines.append(
      "  = \(Quantities.count(diff.unchanged, "action")) unchanged, trash "
        + "\(Quantities.size(diff.trashBefore)) → \(Quantities.size(diff.trashAfter))")
    return lines.joined(separator: "\n") + "\n"
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

  private static func note(_ action: Action, _ diff: PlanDiff) -> String {
    if let rules = diff.attribution[ActionKey(action)], !rules.isEmpty {
      return "because of \(rules.joined(separator: ", "))"
    }
    let miss = Phrases.nearMisses(action.notKept)
    return action.because.map(\.rule).joined(separator: " + ") + (miss.isEmpty ? "" : "; \(miss)")
  }

  private static func line(
    _ sign: String, _ ink: TextStyle.Ink, _ action: Action, _ note: String, _ style: TextStyle
  ) -> [String] {
    let name = DisplayText.escape(action.path.isEmpty ? action.root : action.path)
    let head =
      "  \(style.paint(sign, ink)) \(DisplayText.pad(action.verb.rawValue, to: 7)) "
      + "\(DisplayText.padLeft(Quantities.size(action.bytes), to: 9))  \(name)"
    let used = 2 + 1 + 1 + 7 + 1 + 9 + 2 + DisplayText.width(name)
    if used + 2 + DisplayText.width(note) <= style.width { return [head + "  " + note] }
    return [head] + DisplayText.wrap(note, to: style.width - 23).map { String(repeating: " ", count: 23) + $0 }
  }

  public static func render(_ diff: SnapshotDiff, style: TextStyle) -> String {
    if diff.isEmpty { return "snapshot diff  nothing changed\n" }
    var lines = [style.paint("snapshot diff", .bold)]
    for item in diff.added {
      lines.append("  + \(item.kind.rawValue)  \(DisplayText.escape(item.path))  \(Quantities.size(item.bytes))")
    }
    for item in diff.removed {
      lines.append("  - \(item.kind.rawValue)  \(DisplayText.escape(item.path))  \(Quantities.size(item.bytes))")
    }
    for change in diff.changed {
      lines.append("  ~ \(change.kind.rawValue)  \(DisplayText.escape(change.path))")
      for fact in change.facts {
        lines.append("      \(fact.name): \(DisplayText.escape(fact.before)) → \(DisplayText.escape(fact.after))")
      }
    }
    for volume in diff.volumes {
      lines.append(
        "  ~ volume  \(DisplayText.escape(volume.path))  \(Quantities.size(volume.before)) → "
          + Quantities.size(volume.after))
    }
    return lines.joined(separator: "\n") + "\n"
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
