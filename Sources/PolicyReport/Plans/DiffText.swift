public import PolicyCore
internal import PolicyFormats

/// Differences as people read them, and as JSON (`policy-diff/1.0`).
public enum DiffText {
  /// `policy`: that of the second plan, for what its rules ask of the values.
  public static func render(_ diff: PlanDiff, policy: Policy? = nil, style: TextStyle) -> String {
    var lines = DisplayText.wrap(headline(diff), to: style.width - 11).enumerated().map { index, line in
      index == 0 ? style.paint("plan diff", .bold) + "  " + line : String(repeating: " ", count: 11) + line
    }
    if let refusal = refusal(diff) { lines += style.indented(style.paint(refusal, .red), by: 2) }
    let phrases = Phrases(policy)
    lines += diff.added.flatMap { line("+", .yellow, $0, note($0, diff, phrases), style) }
    lines += removed(diff, phrases, style)
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

  /// What no longer goes by itself. Checkpoints that now go with what holds them are told in one line.
  private static func removed(_ diff: PlanDiff, _ phrases: Phrases, _ style: TextStyle) -> [String] {
    func carrier(_ action: Action) -> Action? {
      diff.added.first {
        $0.verb != .backup && $0.verb != .purge && $0.host == action.host && $0.root == action.root
          && $0.path != action.path && action.path.isAtOrBelow($0.path)
      }
    }
    let items = diff.removed.map { (action: $0, carrier: carrier($0)) }
    return Folding.groups(items) { first, item in
      guard let one = first.carrier, let two = item.carrier else { return false }
      return one == two && first.action.verb == item.action.verb && first.action.path.parent == item.action.path.parent
        && first.action.kind == .checkpoint && item.action.kind == .checkpoint
    }.flatMap { group -> [String] in
      let action = group[0].action
      guard let carrier = group[0].carrier else {
        return line("-", .green, action, note(action, diff, phrases), style)
      }
      let paths = group.map(\.action.path)
      return row(
        "-", .green, action.verb, group.map(\.action.bytes).sum,
        paths.count > 1 ? Folding.title(paths) : DisplayText.escape(action.path),
        "now goes with \(DisplayText.escape(carrier.path))", style)
    }
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

  /// What no list of actions shows: that one of the plans, or both, will not be applied at all.
  static func refusal(_ diff: PlanDiff, _ quoted: (String) -> String = { DisplayText.escape($0) }) -> String? {
    let (before, after) = (diff.refusedBefore, diff.refusedAfter)
    if before.isEmpty, after.isEmpty { return nil }
    func words(_ refusers: [String], _ count: Int) -> String {
      let names = refusers.map(quoted).joined(separator: ", ")
      return names.isEmpty ? Quantities.count(count, "action") : "refused by \(names)"
    }
    if before == after { return "before and now: \(words(after, diff.countAfter))" }
    return "before: \(words(before, diff.countBefore)); now: \(words(after, diff.countAfter))"
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
    row(
      sign, ink, action.verb, action.bytes, DisplayText.escape(action.path.isEmpty ? action.root : action.path), note,
      style)
  }

  private static func row(
    _ sign: String, _ ink: TextStyle.Ink, _ verb: ActionVerb, _ bytes: Int64, _ name: String, _ note: String,
    _ style: TextStyle
  ) -> [String] {
    let size = DisplayText.padLeft(Quantities.size(bytes), to: 9)
    let verb = DisplayText.pad(verb.rawValue, to: 7)
    let lead = TextStyle.Lead(text: "  \(style.paint(sign, ink)) \(verb) \(size)  ", columns: 23)
    let fits = lead.columns + DisplayText.width(name) + 2 + DisplayText.width(note) <= style.width
    return style.row(lead, name: name, nameColumns: fits ? DisplayText.width(name) : 0, [note], below: 23)
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
      "refused": .object([
        "before": .array(diff.refusedBefore.map { .string($0) }),
        "after": .array(diff.refusedAfter.map { .string($0) }),
      ]),
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
