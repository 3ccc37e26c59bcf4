public import PolicyCore

extension DiffText {
  public static func render(_ diff: SnapshotDiff, style: TextStyle) -> String {
    if diff.isEmpty { return "snapshot diff  nothing changed\n" }
    var lines = [style.paint("snapshot diff", .bold)]
    lines += items("+", .green, diff.added, style) + items("-", .yellow, diff.removed, style)
    for change in diff.changed {
      lines += row("~", .blue, change.kind.rawValue, nil, DisplayText.escape(change.path), "", style)
      for fact in change.facts {
        lines += style.indented(
          "\(fact.name): \(value(fact.before, fact.name)) → \(value(fact.after, fact.name))", by: 10)
      }
    }
    for volume in diff.volumes {
      lines += row("~", .blue, "volume", nil, DisplayText.escape(volume.path), "", style)
      lines += style.indented("used: \(Quantities.size(volume.before)) → \(Quantities.size(volume.after))", by: 10)
    }
    let counts = [(diff.added.count, "new"), (diff.removed.count, "gone"), (diff.changed.count, "changed")]
    lines.append("  = " + counts.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// Runs with their checkpoints on one line; other checkpoints by directory.
  private static func items(
    _ sign: String, _ ink: TextStyle.Ink, _ items: [SnapshotDiff.Item], _ style: TextStyle
  ) -> [String] {
    let runs = Set(items.filter { $0.kind == .run }.map { $0.root.joined($0.path) })
    func holder(_ item: SnapshotDiff.Item) -> ByteString? {
      guard item.kind == .checkpoint else { return nil }
      var path = item.root.joined(item.path)
      while path.bytes.count > item.root.bytes.count {
        path = path.parent
        if runs.contains(path) { return path }
      }
      return nil
    }
    var within: [ByteString: Int] = [:]
    for item in items { if let run = holder(item) { within[run, default: 0] += 1 } }
    return Folding.groups(items.filter { holder($0) == nil }) { first, item in
      first.kind == .checkpoint && item.kind == .checkpoint && first.root == item.root
        && first.path.parent == item.path.parent
    }.flatMap { group -> [String] in
      let item = group[0]
      guard group.count == 1 else {
        let paths = group.map(\.path)
        return row(
          sign, ink, item.kind.rawValue, group.map(\.bytes).sum, Folding.title(paths), Folding.names(paths), style)
      }
      let count = within[item.root.joined(item.path)] ?? 0
      let name = DisplayText.escape(item.path.isEmpty ? item.root : item.path)
      let note = item.kind == .run && count > 0 ? "with \(Quantities.count(count, "checkpoint"))" : ""
      return row(sign, ink, item.kind.rawValue, item.bytes, name, note, style)
    }
  }

  private static func row(
    _ sign: String, _ ink: TextStyle.Ink, _ kind: String, _ bytes: Int64?, _ name: String, _ note: String,
    _ style: TextStyle
  ) -> [String] {
    let size = DisplayText.padLeft(bytes.map(Quantities.size) ?? "", to: 9)
    let lead = TextStyle.Lead(
      text: "  \(style.paint(sign, ink)) \(DisplayText.pad(kind, to: 10)) \(size)  ", columns: 26)
    let fits = lead.columns + DisplayText.width(name) + 2 + DisplayText.width(note) <= style.width
    return style.row(lead, name: name, nameColumns: fits ? DisplayText.width(name) : 0, [note], below: 26)
  }

  private static func value(_ text: String, _ fact: String) -> String {
    guard fact == "bytes", let bytes = Int64(text) else { return DisplayText.escape(text) }
    return Quantities.size(bytes)
  }
}
