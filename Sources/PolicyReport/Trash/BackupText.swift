public import PolicyCore
internal import PolicyFormats

/// One backup.
public struct BackupEntryLine: Sendable {
  public var record: String
  public var uid: UInt32
  public var host: ByteString
  public var root: ByteString
  public var path: ByteString
  public var kind: EntityKind
  public var size: Int64
  public var backedUpAt: Timestamp
  public var target: String
  /// Where it lies.
  public var folder: ByteString
  public var plan: String?
  public var rules: [String]
  public init(
    record: String, uid: UInt32, host: ByteString, root: ByteString, path: ByteString, kind: EntityKind, size: Int64,
    backedUpAt: Timestamp, target: String, folder: ByteString, plan: String?, rules: [String]
  ) {
    self.record = record
    self.uid = uid
    self.host = host
    self.root = root
    self.path = path
    self.kind = kind
    self.size = size
    self.backedUpAt = backedUpAt
    self.target = target
    self.folder = folder
    self.plan = plan
    self.rules = rules
  }
}

public enum BackupText {
  /// `unfinished`: how many things have a backup that was begun and is not whole. `place`: how to name the roots again.
  public static func render(
    _ backups: [BackupEntryLine], unfinished: [String], place: String, style: TextStyle
  ) -> String {
    var lines: [String] = []
    var root: ByteString?
    for backup in backups {
      if backup.root != root {
        if root != nil { lines.append("") }
        lines += style.heading(DisplayText.escape(backup.root), "")
        root = backup.root
      }
      let size = DisplayText.padLeft(Quantities.size(backup.size), to: 9)
      let rules = backup.rules.isEmpty ? "" : "for \(backup.rules.joined(separator: ", "))"
      lines += style.row(
        .init(text: "  \(size)  ", columns: 13), name: DisplayText.escape(backup.path), nameColumns: 0,
        [
          "backed up \(Quantities.minute(backup.backedUpAt))", rules, "in \(DisplayText.escape(backup.folder))",
        ], below: 15)
    }
    if backups.isEmpty { lines.append("nothing was backed up from here") }
    if !unfinished.isEmpty {
      let targets = Set(unfinished).sorted().map { DisplayText.escape($0) }.joined(separator: ", ")
      lines += style.sentence(
        "\(Quantities.count(unfinished.count, "backup")) begun and not whole, for \(targets): an apply that backs up to there "
          + "goes on")
    }
    guard let first = backups.first else { return lines.joined(separator: "\n") + "\n" }
    lines.append("")
    lines += style.sentence(
      "\(Quantities.count(backups.count, "backup")), \(Quantities.size(backups.map(\.size).sum)); to take one back:")
    lines += style.command("policy backup restore", place: " \(first.record) --to DIR" + place)
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// `policy-backups/1.0`
  public static func json(_ backups: [BackupEntryLine]) -> [UInt8] {
    let items = backups.map { backup -> JSONValue in
      var object: JSONObject = [
        "record": .string(backup.record), "uid": .integer(Int64(backup.uid)),
        "kind": .string(backup.kind.rawValue), "size": .integer(backup.size),
        "backed_up_at": .string(backup.backedUpAt.rfc3339), "target": .string(backup.target),
        "plan": backup.plan.map { .string($0) } ?? .null, "rules": .array(backup.rules.map { .string($0) }),
      ]
      object.set("host", name: backup.host)
      object.set("root", name: backup.root)
      object.set("path", name: backup.path)
      object.set("folder", name: backup.folder)
      return .object(object)
    }
    let document: JSONObject = ["format": .string("policy-backups/1.0"), "items": .array(items)]
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }
}
