public import PolicyCore

/// What became of an apply, a restore or a purge.
public struct ApplySummary: Sendable {
  public struct Item: Sendable {
    /// `trash`, `purge`, `restore`, …
    public var verb: String
    public var path: ByteString
    public var bytes: Int64
    public var isDone: Bool
    /// Why it was left alone.
    public var reason: String?
    /// Where a restored item now is, when that is another place.
    public var destination: ByteString?
    public init(
      verb: String, path: ByteString, bytes: Int64, isDone: Bool, reason: String? = nil, destination: ByteString? = nil
    ) {
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

public enum ApplyText {
  public static func render(_ summary: ApplySummary, style: TextStyle) -> String {
    var lines: [String] = []
    for item in summary.items { lines += line(item, style) }
    for note in summary.notes {
      lines += DisplayText.wrap("note: " + DisplayText.escape(note), to: style.width)
    }
    if let message = summary.message {
      lines += DisplayText.wrap(style.paint(DisplayText.escape(message), .red), to: style.width)
    }
    lines += totals(summary, style)
    return lines.isEmpty ? "nothing to do\n" : lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ item: ApplySummary.Item, _ style: TextStyle) -> [String] {
    let name = DisplayText.escape(item.path.isEmpty ? "." : item.path)
    let past = ["trash": "trashed", "purge": "purged", "restore": "restored"][item.verb] ?? item.verb
    guard !item.isDone else {
      let mark = style.paint(DisplayText.pad(past, to: 8), item.verb == "restore" ? .green : .yellow)
      let size = DisplayText.padLeft(Quantities.size(item.bytes), to: 9)
      let place = item.destination.map { " as \(DisplayText.escape($0)), because the name is in use again" } ?? ""
      return ["  \(mark) \(size)  \(name)\(place)"]
    }
    let head =
      "  \(style.paint(DisplayText.pad("left", to: 8), .red)) \(DisplayText.padLeft(Quantities.size(item.bytes), to: 9))  \(name)"
    let reason = DisplayText.escape(item.reason ?? "not done")
    return [head] + DisplayText.wrap(reason, to: style.width - 22).map { String(repeating: " ", count: 22) + $0 }
  }

  /// The last lines: what is free now, what will be and when, how to free it at once, how to take it back.
  private static func totals(_ summary: ApplySummary, _ style: TextStyle) -> [String] {
    let done = summary.items.filter(\.isDone)
    let left = summary.items.count - done.count
    var lines: [String] = []
    if left > 0 { lines.append("\(Quantities.count(left, "item")) left alone, \(done.count) done") }
    guard let plan = summary.plan, done.contains(where: { $0.verb == "trash" }) else {
      if summary.freedNow > 0 { lines.append("\(Quantities.size(summary.freedNow)) free now") }
      return lines
    }
    let short = Quantities.short(plan)
    let when =
      summary.purgeFrom.map { "from \(Quantities.minute($0)) on, when the trash is purged" }
      ?? "once the trash is purged"
    lines += DisplayText.wrap(
      "\(Quantities.size(summary.freedNow)) free now; \(Quantities.size(summary.freedLater)) more \(when)",
      to: style.width)
    lines.append("to free it at once:  policy trash purge --plan \(short) --now-free\(summary.place)")
    lines.append("to take it all back: policy trash restore --plan \(short)\(summary.place)")
    return lines
  }
}
