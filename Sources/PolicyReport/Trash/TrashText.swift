public import PolicyCore
internal import PolicyFormats

/// One thing in the trash.
public struct TrashEntry: Sendable {
  public var record: String
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
  public init(
    record: String, host: ByteString, root: ByteString, path: ByteString, kind: EntityKind, bytes: Int64,
    trashedAt: Timestamp, purgeAt: Timestamp?, plan: String?, rules: [String]
  ) {
    self.record = record
    self.host = host
    self.root = root
    self.path = path
    self.kind = kind
    self.bytes = bytes
    self.trashedAt = trashedAt
    self.purgeAt = purgeAt
    self.plan = plan
    self.rules = rules
  }
}

public enum TrashText {
  /// `place`: how to name the trash again: ` --root runs`.
  public static func render(_ entries: [TrashEntry], place: String, style: TextStyle) -> String {
    guard !entries.isEmpty else { return "the trash is empty\n" }
    var lines: [String] = []
    var root: ByteString?
    for entry in entries {
      if entry.root != root {
        lines.append(style.paint(DisplayText.escape(entry.root), .bold))
        root = entry.root
      }
      let until = entry.purgeAt.map { "goes \(Quantities.minute($0))" } ?? "goes only by hand"
      let head =
        "  \(DisplayText.padLeft(Quantities.size(entry.bytes), to: 9))  \(DisplayText.pad(until, to: 22))  "
        + DisplayText.escape(entry.path)
      let rules = entry.rules.isEmpty ? "" : "for \(entry.rules.joined(separator: ", "))"
      let fits = !rules.isEmpty && DisplayText.width(head) + 2 + rules.count <= style.width
      lines.append(fits ? head + "  " + style.paint(rules, .dim) : head)
    }
    let bytes = entries.reduce(Int64(0)) { $0 &+ $1.bytes }
    lines.append("\(Quantities.count(entries.count, "thing")), \(Quantities.size(bytes))")
    if let first = entries.first {
      let slash = first.root.bytes.last == UInt8(ascii: "/") ? "" : "/"
      lines.append(
        "to keep one: policy trash restore \(DisplayText.escape(first.root))\(slash)\(DisplayText.escape(first.path))\(place)"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `policy-trash/1.0`
  public static func json(_ entries: [TrashEntry]) -> [UInt8] {
    let items = entries.map { entry -> JSONValue in
      var object: JSONObject = [
        "record": .string(entry.record), "kind": .string(entry.kind.rawValue), "bytes": .integer(entry.bytes),
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

extension JSONObject {
  /// A name that may not be UTF-8, with its flag.
  mutating func set(_ key: String, name: ByteString) {
    let (text, isEscaped) = EscapedName.escape(name)
    self[key] = .string(text)
    if isEscaped { self["\(key)_escaped"] = .bool(true) }
  }
}
