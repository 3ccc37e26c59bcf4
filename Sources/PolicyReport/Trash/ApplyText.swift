public import PolicyCore

/// What became of an apply, a restore or a purge.
public struct ApplySummary: Sendable {
  public struct Item: Sendable {
    /// `trash`, `purge`, `restore`, …
    public var verb: String
    public var kind: EntityKind
    public var path: ByteString
    public var bytes: Int64
    public var isDone: Bool
    /// Why it was left alone.
    public var reason: String?
    /// Where a restored item now is, when that is another place; where an archive or backup is, or what was unpacked.
    public var destination: ByteString?
    public init(
      verb: String, kind: EntityKind = .run, path: ByteString, bytes: Int64, isDone: Bool, reason: String? = nil,
      destination: ByteString? = nil
    ) {
      self.kind = kind
      self.verb = verb
      self.path = path
      self.bytes = bytes
      self.isDone = isDone
      self.reason = reason
      self.destination = destination
    }
  }
  public var items: [Item]
  /// Why nothing was done, or why it stopped.
  public var message: String?
  public var notes: [String]
  public var freedNow: Int64
  public var freedLater: Int64
  /// When the first of what moved may be purged.
  public var purgeFrom: Timestamp?
  /// Of the plan that was applied.
  public var plan: String?
  /// How to name the place again: ` --root runs`.
  public var place: String
  public init(
    items: [Item], message: String?, notes: [String], freedNow: Int64, freedLater: Int64, purgeFrom: Timestamp?,
    plan: String?, place: String
  ) {
    self.items = items
    self.message = message
    self.notes = notes
    self.freedNow = freedNow
    self.freedLater = freedLater
    self.purgeFrom = purgeFrom
    self.plan = plan
    self.place = place
  }
}

/// What was done, what was left alone and why, what is free now, and how to go on or back.
public enum ApplyText {
  public static func render(_ summary: ApplySummary, style: TextStyle) -> String {
    var lines = rows(summary.items, style)
    for note in summary.notes { lines += style.sentence("note: " + DisplayText.escape(note)) }
    if let message = summary.message { lines += style.sentence(DisplayText.escape(message), .red) }
    lines += totals(summary, style)
    return lines.isEmpty ? "nothing to do\n" : lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// Checkpoints that went the same way from one directory share a line; what was left alone never does.
  private static func rows(_ items: [ApplySummary.Item], _ style: TextStyle) -> [String] {
    Folding.groups(items) { first, item in
      first.isDone && item.isDone && first.kind == .checkpoint && item.kind == .checkpoint && first.destination == nil
        && item.destination == nil && item.verb == first.verb && item.path.parent == first.path.parent
    }.flatMap { $0.count > 1 ? done($0, style) : line($0[0], style) }
  }

  private static func lead(_ word: String, _ ink: TextStyle.Ink, _ bytes: Int64, _ style: TextStyle) -> TextStyle.Lead {
    let size = DisplayText.padLeft(Quantities.size(bytes), to: 9)
    return .init(text: "  \(style.paint(DisplayText.pad(word, to: 8), ink)) \(size)  ", columns: 22)
  }

  private static func past(_ verb: String) -> (word: String, ink: TextStyle.Ink) {
    switch verb {
    case "trash": ("trashed", .yellow)
    case "purge": ("purged", .yellow)
    case "restore": ("restored", .green)
    case "archive": ("archived", .green)
    case "extract": ("unpacked", .green)
    case "retrieve": ("restored", .green)
    case "backup": ("saved", .green)
    default: (verb, .yellow)
    }
  }

  private static func done(_ group: [ApplySummary.Item], _ style: TextStyle) -> [String] {
    let (word, ink) = past(group[0].verb)
    return style.row(
      lead(word, ink, group.map(\.bytes).sum, style), name: Folding.title(group.map(\.path)), nameColumns: 0,
      [Folding.names(group.map(\.path))], below: 22)
  }

  private static func line(_ item: ApplySummary.Item, _ style: TextStyle) -> [String] {
    let name = DisplayText.escape(item.path.isEmpty ? "." : item.path)
    guard item.isDone else {
      return style.row(
        lead("left", .red, item.bytes, style), name: name, nameColumns: 0,
        [DisplayText.escape(item.reason ?? "not done")], below: 22)
    }
    let (word, ink) = past(item.verb)
    let place = item.destination.map { destination in
      let shown = DisplayText.escape(destination)
      return switch item.verb {
      case "archive", "backup": "in \(shown)"
      case "extract", "retrieve": "to \(shown)"
      case _ where folder(destination) != folder(item.path):
        "as \(shown), because its run is not in its old place any more"
      default: "as \(shown), because the name is in use again"
      }
    }
    return style.row(
      lead(word, ink, item.bytes, style), name: name, nameColumns: 0, [place ?? ""], below: 22)
  }

  private static func folder(_ path: ByteString) -> ArraySlice<UInt8> {
    path.bytes.prefix(path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)
  }

  /// The last lines: what is free now, what will be and when, how to free it at once, how to take it back.
  private static func totals(_ summary: ApplySummary, _ style: TextStyle) -> [String] {
    let done = summary.items.filter(\.isDone)
    let left = summary.items.count - done.count
    var lines: [String] = []
    if left > 0 {
      lines += style.sentence("\(Quantities.count(left, "item")) left alone, \(done.count) done")
    }
    guard let plan = summary.plan, done.contains(where: { $0.verb == "trash" || $0.verb == "archive" }) else {
      if summary.freedNow > 0 { lines.append("\(Quantities.size(summary.freedNow)) free now") }
      return lines
    }
    let short = Quantities.short(plan)
    let when =
      summary.purgeFrom.map { "from \(Quantities.minute($0)) on, when the trash is purged" }
      ?? "once the trash is purged"
    lines += style.sentence(
      "\(Quantities.size(summary.freedNow)) free now; \(Quantities.size(summary.freedLater)) more \(when)")
    for (title, command) in [
      ("to free it at once:", "policy trash purge --plan \(short) --now-free"),
      ("to take it all back:", "policy trash restore --plan \(short)"),
    ] {
      lines.append(title)
      lines += style.command(command, place: summary.place)
    }
    return lines
  }
}
