public import PolicyCore
internal import PolicyFormats

/// One thing in the trash.
public struct TrashEntry: Sendable {
  public var record: String
  /// In whose trash.
  public var uid: UInt32
  public var host: ByteString
  public var root: ByteString
  public var path: ByteString
  public var kind: EntityKind
  public var bytes: Int64
  public var trashedAt: Timestamp
  /// `nil`: only by hand.
  public var purgeAt: Timestamp?
  public var plan: String?
  public var rules: [String]
  /// An archive of it is kept as well.
  public var isArchived: Bool
  public init(
    record: String, uid: UInt32 = 0, host: ByteString, root: ByteString, path: ByteString, kind: EntityKind,
    bytes: Int64,
    trashedAt: Timestamp, purgeAt: Timestamp?, plan: String?, rules: [String], isArchived: Bool = false
  ) {
    self.record = record
    self.uid = uid
    self.host = host
    self.root = root
    self.path = path
    self.kind = kind
    self.bytes = bytes
    self.trashedAt = trashedAt
    self.purgeAt = purgeAt
    self.plan = plan
    self.rules = rules
    self.isArchived = isArchived
  }
}

public enum TrashText {
  /// `place`: how to name the trash again: ` --root runs`.
  public static func render(_ entries: [TrashEntry], place: String, style: TextStyle) -> String {
    guard let first = entries.first else { return "the trash is empty\n" }
    var lines: [String] = []
    var batch: Batch?
    for (index, entry) in entries.enumerated() where batch != Batch(entry) {
      let next = Batch(entry)
      if batch?.root != next.root {
        if batch != nil { lines.append("") }
        lines += style.heading(DisplayText.escape(entry.root), "")
      }
      batch = next
      let members = entries[index...].prefix { Batch($0) == next }
      let until = entry.purgeAt.map { "goes \(Quantities.minute($0))" } ?? "goes only by hand"
      let plan = entry.plan.map { ", moved by plan \(Quantities.short($0))" } ?? ""
      lines += style.heading(
        "  \(until)\(plan)", "\(Quantities.count(members.count, "item")), \(Quantities.size(members.map(\.bytes).sum))",
        ink: .dim)
      lines += rows(members, style)
    }
    lines.append("")
    let total = "\(Quantities.count(entries.count, "item")), \(Quantities.size(entries.map(\.bytes).sum))"
    lines += style.sentence("in the trash: \(total); to take one back:")
    lines += style.command("policy trash restore", place: " " + ShellWord.quote(first.root.joined(first.path)) + place)
    lines += style.sentence("what is taken back stays a week at least; `policy pin` keeps it for ever")
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// What came into the trash together and goes together.
  private struct Batch: Equatable {
    let root: ByteString
    let purgeAt: Timestamp?
    let plan: String?
    init(_ entry: TrashEntry) { (root, purgeAt, plan) = (entry.root, entry.purgeAt, entry.plan) }
  }

  private static func rows(_ entries: ArraySlice<TrashEntry>, _ style: TextStyle) -> [String] {
    Folding.groups(entries) { first, entry in
      first.kind == .checkpoint && entry.kind == .checkpoint && entry.path.parent == first.path.parent
        && entry.rules == first.rules && entry.isArchived == first.isArchived
    }.flatMap { group -> [String] in
      let first = group[0]
      let size = DisplayText.padLeft(Quantities.size(group.map(\.bytes).sum), to: 9)
      let rules = [
        first.rules.isEmpty ? "" : "for \(first.rules.joined(separator: ", "))", first.isArchived ? "archived too" : "",
      ].filter { !$0.isEmpty }.joined(separator: ", ")
      let lead = TextStyle.Lead(text: "  \(size)  ", columns: 13)
      guard group.count == 1 else {
        let names = Folding.names(group.map(\.path))
        return style.row(
          lead, name: Folding.title(group.map(\.path)), nameColumns: 0, [names + (rules.isEmpty ? "" : "; " + rules)],
          below: 15)
      }
      let name = DisplayText.escape(first.path)
      let fits = lead.columns + DisplayText.width(name) + 2 + rules.count <= style.width
      return style.row(lead, name: name, nameColumns: fits ? DisplayText.width(name) : 0, [rules], below: 15)
    }
  }

  /// `policy-trash/1.0`
  public static func json(_ entries: [TrashEntry]) -> [UInt8] {
    let items = entries.map { entry -> JSONValue in
      var object: JSONObject = [
        "record": .string(entry.record), "uid": .integer(Int64(entry.uid)), "kind": .string(entry.kind.rawValue),
        "bytes": .integer(entry.bytes), "archived": .bool(entry.isArchived),
        "trashed_at": .string(entry.trashedAt.rfc3339),
        "purge_at": entry.purgeAt.map { .string($0.rfc3339) } ?? .null,
        "plan": entry.plan.map { .string($0) } ?? .null, "rules": .array(entry.rules.map { .string($0) }),
      ]
      object.set("host", name: entry.host)
      object.set("root", name: entry.root)
      object.set("path", name: entry.path)
      return .object(object)
    }
    let document: JSONObject = ["format": .string("policy-trash/1.0"), "items": .array(items)]
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }
}
