internal import PolicyCore

/// A journal that cannot be believed: nothing may be done in its root until somebody has looked.
public struct JournalDamage: Error, Equatable, Sendable {
  /// Offset of the first line that is wrong.
  public let byte: Int
  /// Lower case, no full stop.
  public let reason: String
  public init(byte: Int, reason: String) {
    self.byte = byte
    self.reason = reason
  }
}

/// Journal files: bytes ↔ records.
///
/// One record a line, `<length> <crc32> <json>\n`; the first `begin` names the format. What `read` returns is the whole
/// truth: an end of the file that was being written when the power went is left out, anything else that is wrong throws.
public enum JournalCodec {
  public static let format = "policy-journal/1.0"

  public struct Reading: Sendable, Equatable {
    public var records: [JournalRecord]
    /// Length of the file without a torn end: where the next record goes.
    public var validLength: Int
    /// Bytes of the torn end.
    public var tornLength: Int
  }

  public static func encode(_ record: JournalRecord) -> [UInt8] {
    var bytes: [UInt8] = []
    append(record, to: &bytes)
    return bytes
  }

  /// Puts a record behind others.
  public static func append(_ record: JournalRecord, to bytes: inout [UInt8]) {
    JournalFraming.append(CanonicalJSON.encode(json(record)), to: &bytes)
  }

  public static func read(_ bytes: [UInt8]) throws(JournalDamage) -> Reading {
    var records: [JournalRecord] = []
    var place = 0
    while place < bytes.count {
      let expected = Int64(records.count) + 1
      guard let record = try record(bytes, at: place), record.record.sequence == expected else {
        try checkTail(bytes, from: place, expected: expected)
        break
      }
      records.append(record.record)
      place = record.next
    }
    return Reading(records: records, validLength: place, tornLength: bytes.count - place)
  }

  /// False where a journal speaks of no archive at all, which is found out without reading its records one by one.
  public static func mayNameArchives(_ bytes: [UInt8]) -> Bool {
    let mark = Array(#"op":"\#(JournalOperation.archive.rawValue)""#.utf8)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      for start in 0..<max(0, bytes.count - mark.count) where unsafe bytes[start] == UInt8(ascii: "\"") {
        if unsafe bytes[start + 1] == mark[0], unsafe bytes[(start + 1)..<(start + 1 + mark.count)].elementsEqual(mark)
        {
          return true
        }
      }
      return false
    }
  }

  /// A broken end is no damage if every whole record in it was written before the broken one was known to be on disk.
  private static func checkTail(_ bytes: [UInt8], from start: Int, expected: Int64) throws(JournalDamage) {
    var place = start
    while place < bytes.count {
      if let later = try record(bytes, at: place) {
        guard later.record.sequence > expected, later.record.synced < expected else {
          throw JournalDamage(byte: start, reason: "record \(expected) of the journal is damaged")
        }
        place = later.next
      } else {
        // Every byte may be where a record begins: the line break before it may be what is broken.
        place += 1
      }
    }
  }

  /// `nil` where no whole record begins. A whole one that says nothing we know was written by something else.
  private static func record(
    _ bytes: [UInt8], at place: Int
  ) throws(JournalDamage) -> (record: JournalRecord, next: Int)? {
    guard let (json, next) = JournalFraming.unframe(bytes, at: place) else { return nil }
    do {
      return (try decode(try JSONReader.parse(Array(json), passingOn: "contents")), next)
    } catch let unfit as JournalFields.Unfit {
      throw JournalDamage(
        byte: place, reason: "a record of the journal has no usable `\(unfit.key)`; was it written by a newer version?")
    } catch {
      throw JournalDamage(byte: place, reason: "a record of the journal is no JSON")
    }
  }
}

extension JournalCodec {
  public static func json(_ record: JournalRecord) -> JSONValue {
    var members = JournalMembers()
    members.add("at", record.at.rfc3339)
    members.add("boot", record.boot?.id)
    switch record.body {
    case .begin(let run):
      members.add("event", "begin")
      members.add("format", format)
      members.add("run", json(run))
    case .trash(let item):
      members.add("event", "intent")
      members.add("item", json(item))
      members.add("op", JournalOperation.trash.rawValue)
      members.add("record", item.record)
    case .restore(let name, let destination):
      members.add("event", "intent")
      members.add("op", JournalOperation.restore.rawValue)
      members.add("record", name)
      members.add("to", destination)
    case .purge(let name, let cause):
      members.add("event", "intent")
      members.add("op", JournalOperation.purge.rawValue)
      members.add("record", name)
      members.add("cause", cause.rawValue)
    case .archive(let item, let place):
      members.add("event", "intent")
      members.add("op", JournalOperation.archive.rawValue)
      members.add("record", item.record)
      members.add("item", json(item))
      members.add("to", json(place))
    case .archived(let name, let seal):
      members.add("event", "commit")
      members.add("op", JournalOperation.archive.rawValue)
      members.add("record", name)
      members.add("seal", json(seal))
    case .keep(let name, let reason):
      members.add("event", "keep")
      members.add("op", JournalOperation.archive.rawValue)
      members.add("record", name)
      members.add("reason", reason)
    case .backup(let item, let place):
      members.add("event", "intent")
      members.add("op", JournalOperation.backup.rawValue)
      members.add("record", item.record)
      members.add("item", json(item))
      members.add("to", json(place))
    case .backedUp(let name, let seal):
      members.add("event", "commit")
      members.add("op", JournalOperation.backup.rawValue)
      members.add("record", name)
      members.add("seal", json(seal))
    case .commit(let operation, let name, let identity):
      members.add("event", "commit")
      members.add("identity", identity.map { json($0) })
      members.add("op", operation.rawValue)
      members.add("record", name)
    case .abort(let operation, let name, let reason):
      members.add("event", "abort")
      members.add("op", operation.rawValue)
      members.add("record", name)
      members.add("reason", reason)
    case .skip(let skip):
      members.add("event", "skip")
      members.add("op", skip.operation.rawValue)
      members.add("kind", skip.kind.rawValue)
      members.add("path", skip.path)
      members.add("bytes", skip.bytes)
      members.add("record", skip.record)
      members.add("reason", skip.reason)
    case .delegated(let other):
      members.add("event", "delegated")
      members.add("op", other.operation.rawValue)
      members.add("owner", Int64(other.owner))
      members.add("kind", other.kind.rawValue)
      members.add("path", other.path)
      members.add("bytes", other.bytes)
      members.add("record", other.record)
      members.add("reason", other.reason)
    case .end(let end):
      members.add("event", "end")
      members.add("done", end.done)
      members.add("skipped", end.skipped)
      members.add("status", end.status)
    }
    members.add("seq", record.sequence)
    members.add("synced", record.synced)
    members.add("uptime_ns", record.boot?.uptime)
    return members.value
  }

  static func decode(_ value: JSONValue) throws(JournalFields.Unfit) -> JournalRecord {
    let fields = try JournalFields(value)
    var boot: BootMark?
    if let id = try fields.optionalText("boot") { boot = BootMark(id: id, uptime: try fields.integer("uptime_ns")) }
    return JournalRecord(
      sequence: try fields.integer("seq"), synced: try fields.integer("synced"), at: try fields.time("at"), boot: boot,
      body: try body(fields))
  }

  private static func body(_ fields: JournalFields) throws(JournalFields.Unfit) -> JournalRecord.Body {
    let event = try fields.text("event")
    switch event {
    case "begin":
      guard try fields.text("format").utf8.starts(with: "policy-journal/1.".utf8) else {
        throw JournalFields.Unfit(key: "format")
      }
      return .begin(try run(fields.fields("run")))
    case "intent":
      let name = try fields.text("record")
      let operation: JournalOperation = try fields.word("op")
      switch operation {
      case .trash:
        let item = try item(fields.fields("item"), record: name)
        return .trash(item)
      case .restore: return .restore(record: name, to: try fields.bytes("to"))
      case .purge: return .purge(record: name, cause: try fields.word("cause"))
      case .archive: return .archive(try item(fields.fields("item"), record: name), at: try place(fields.fields("to")))
      case .backup:
        return .backup(try item(fields.fields("item"), record: name), at: try backupPlace(fields.fields("to")))
      }
    case "keep": return .keep(record: try fields.text("record"), reason: try fields.text("reason"))
    case "commit" where fields.optional("seal") != nil:
      let name = try fields.text("record")
      let operation: JournalOperation = try fields.word("op")
      return operation == .backup
        ? .backedUp(record: name, try backupSeal(fields.fields("seal")))
        : .archived(record: name, try seal(fields.fields("seal")))
    case "commit":
      let identity = fields.optional("identity") == nil ? nil : try identity(fields.fields("identity"))
      return .commit(try fields.word("op"), record: try fields.text("record"), identity: identity)
    case "abort":
      return .abort(
        try fields.word("op"), record: try fields.text("record"), reason: try fields.text("reason"))
    case "skip":
      return .skip(
        JournalSkip(
          operation: try fields.word("op"), kind: try fields.word("kind"), path: try fields.bytes("path"),
          bytes: try fields.integer("bytes"), record: try fields.optionalText("record"),
          reason: try fields.text("reason")))
    case "delegated":
      guard let owner = UInt32(exactly: try fields.integer("owner")) else { throw JournalFields.Unfit(key: "owner") }
      return .delegated(
        JournalDelegation(
          operation: try fields.word("op"), owner: owner, kind: try fields.word("kind"),
          path: try fields.bytes("path"), bytes: try fields.integer("bytes"),
          record: try fields.optionalText("record"), reason: try fields.optionalText("reason")))
    case "end":
      return .end(
        JournalEnd(
          done: try fields.integer("done"), skipped: try fields.integer("skipped"),
          status: try fields.integer("status")))
    case _: throw JournalFields.Unfit(key: "event")
    }
  }
}
