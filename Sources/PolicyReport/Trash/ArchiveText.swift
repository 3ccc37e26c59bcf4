public import PolicyCore
internal import PolicyFormats

/// One archive.
public struct ArchiveEntryLine: Sendable {
  public var record: String
  public var uid: UInt32
  public var host: ByteString
  public var root: ByteString
  public var path: ByteString
  public var kind: EntityKind
  public var bytes: Int64
  public var size: Int64
  public var archivedAt: Timestamp
  /// Absolute path of the archive.
  public var file: ByteString
  public var digest: String
  public var plan: String?
  public var rules: [String]
  public init(
    record: String, uid: UInt32, host: ByteString, root: ByteString, path: ByteString, kind: EntityKind, bytes: Int64,
    size: Int64, archivedAt: Timestamp, file: ByteString, digest: String, plan: String?, rules: [String]
  ) {
    self.record = record
    self.uid = uid
    self.host = host
    self.root = root
    self.path = path
    self.kind = kind
    self.bytes = bytes
    self.size = size
    self.archivedAt = archivedAt
    self.file = file
    self.digest = digest
    self.plan = plan
    self.rules = rules
  }
}

/// What a check of an archive or a backup showed.
public struct ArchiveCheckLine: Sendable {
  public enum Result: String, Sendable { case whole, damaged, unreadable }
  public var record: String?
  /// Of the run, or of the archive's folder where no journal knows it.
  public var path: ByteString
  public var folder: ByteString
  public var result: Result
  /// How many entries; or why.
  public var detail: String
  public init(record: String?, path: ByteString, folder: ByteString, result: Result, detail: String) {
    self.record = record
    self.path = path
    self.folder = folder
    self.result = result
    self.detail = detail
  }
}

public enum ArchiveText {
  /// `place`: how to name the roots again: ` --root runs`.
  public static func render(_ archives: [ArchiveEntryLine], place: String, style: TextStyle) -> String {
    guard let first = archives.first else { return "nothing was archived from here\n" }
    var lines: [String] = []
    var root: ByteString?
    for archive in archives {
      if archive.root != root {
        if root != nil { lines.append("") }
        lines += style.heading(DisplayText.escape(archive.root), "")
        root = archive.root
      }
      let size = DisplayText.padLeft(Quantities.size(archive.size), to: 9)
      let rules = archive.rules.isEmpty ? "" : "for \(archive.rules.joined(separator: ", "))"
      lines += style.row(
        .init(text: "  \(size)  ", columns: 13), name: DisplayText.escape(archive.path), nameColumns: 0,
        [
          "archived \(Quantities.minute(archive.archivedAt)); \(Quantities.size(archive.bytes)) before", rules,
          "in \(DisplayText.escape(archive.file))",
        ], below: 15)
    }
    lines.append("")
    let total = "\(Quantities.count(archives.count, "archive")), \(Quantities.size(archives.map(\.size).sum))"
    lines += style.sentence("in archives: \(total); to unpack one:")
    lines += style.command("policy archive extract", place: " \(first.record) --to DIR" + place)
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// `policy-archives/1.0`
  public static func json(_ archives: [ArchiveEntryLine]) -> [UInt8] {
    let items = archives.map { archive -> JSONValue in
      var object: JSONObject = [
        "record": .string(archive.record), "uid": .integer(Int64(archive.uid)),
        "kind": .string(archive.kind.rawValue), "bytes": .integer(archive.bytes), "size": .integer(archive.size),
        "archived_at": .string(archive.archivedAt.rfc3339), "sha256": .string(archive.digest),
        "plan": archive.plan.map { .string($0) } ?? .null, "rules": .array(archive.rules.map { .string($0) }),
      ]
      object.set("host", name: archive.host)
      object.set("root", name: archive.root)
      object.set("path", name: archive.path)
      object.set("file", name: archive.file)
      return .object(object)
    }
    let document: JSONObject = ["format": .string("policy-archives/1.0"), "items": .array(items)]
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }

  /// `noun`: what was read.
  public static func render(
    _ checks: [ArchiveCheckLine], of noun: String = "archive", style: TextStyle
  ) -> String {
    var lines: [String] = []
    for check in checks {
      let ink: TextStyle.Ink = check.result == .whole ? .green : .red
      lines += style.row(
        .init(text: "  \(style.paint(DisplayText.pad(check.result.rawValue, to: 10), ink))  ", columns: 14),
        name: DisplayText.escape(check.path), nameColumns: 0, [DisplayText.escape(check.detail)], below: 16)
    }
    let whole = checks.filter { $0.result == .whole }.count
    if checks.contains(where: { $0.result == .damaged }) {
      lines += style.sentence(
        noun == "archive"
          ? "take a run whose archive is damaged back while it lies in the trash: `policy trash restore PATH`"
          : "remove the folder of a damaged backup: the next apply then makes a new one, while the run is there")
    }
    lines += style.sentence("\(Quantities.count(checks.count, noun)) read, \(whole) whole")
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// `policy-archive-check/1.0`, `policy-backup-check/1.0`
  public static func json(_ checks: [ArchiveCheckLine], of noun: String = "archive") -> [UInt8] {
    let items = checks.map { check -> JSONValue in
      var object: JSONObject = ["result": .string(check.result.rawValue), "detail": .string(check.detail)]
      object.set("record", text: check.record)
      object.set("path", name: check.path)
      object.set("folder", name: check.folder)
      return .object(object)
    }
    let document: JSONObject = ["format": .string("policy-\(noun)-check/1.0"), "items": .array(items)]
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }
}
