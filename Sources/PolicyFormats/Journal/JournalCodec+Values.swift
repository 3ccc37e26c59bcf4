internal import PolicyCore

extension JournalCodec {
  static func json(_ run: JournalRun) -> JSONValue {
    var members = JournalMembers()
    members.add("command", run.command)
    members.add("plan", run.plan)
    members.add("trigger", run.trigger)
    members.add("uid", Int64(run.uid))
    members.add("host", run.host)
    members.add("root", run.root.path)
    members.add("device", unsigned: run.root.device)
    members.add("inode", unsigned: run.root.inode)
    members.add("notes", run.notes)
    return members.value
  }

  static func run(_ fields: JournalFields) throws(JournalFields.Unfit) -> JournalRun {
    let host = try fields.bytes("host")
    let root = Root(
      host: host, path: try fields.bytes("root"), device: try fields.optionalUnsigned("device"),
      inode: try fields.optionalUnsigned("inode"))
    return JournalRun(
      command: try fields.text("command"), plan: try fields.optionalText("plan"), trigger: try fields.text("trigger"),
      uid: try uid(fields), host: host, root: root, notes: try texts(fields, "notes"))
  }

  static func json(_ item: JournalItem) -> JSONValue {
    var members = JournalMembers()
    members.add("action", item.action)
    members.add("archive", item.archive?.record)
    members.add("archive_at", item.archive.map { json($0.place) })
    members.add("because", .array(item.because.map { json($0) }))
    members.add("bytes", item.bytes)
    members.add("contents", .array(item.contents))
    members.add("copy", item.copy)
    members.add("identity", json(item.identity))
    members.add("kind", item.kind.rawValue)
    if !item.needs.isEmpty { members.add("needs", item.needs) }
    members.add("owner", item.owner)
    members.add("path", item.path)
    members.add("plan", item.plan)
    members.add("purge_after_ns", item.purgeAfter?.nanoseconds)
    if !item.runs.isEmpty { members.add("runs", .array(item.runs.map { json($0) })) }
    members.add("stored", item.stored)
    return members.value
  }

  static func json(_ place: ArchivePlace) -> JSONValue {
    var members = JournalMembers()
    members.add("folder", place.folder)
    members.add("name", place.name)
    members.add("file", place.file)
    return members.value
  }

  static func place(_ fields: JournalFields) throws(JournalFields.Unfit) -> ArchivePlace {
    let place = ArchivePlace(
      folder: try fields.bytes("folder"), name: try fields.bytes("name"), file: try fields.bytes("file"))
    guard place.folder.bytes.first == UInt8(ascii: "/") else { throw JournalFields.Unfit(key: "folder") }
    return place
  }

  static func json(_ seal: ArchiveSeal) -> JSONValue {
    var members = JournalMembers()
    members.add("identity", json(seal.identity))
    members.add("size", seal.size)
    members.add("sha256", seal.digest)
    members.add("manifest_sha256", seal.manifestDigest)
    return members.value
  }

  static func seal(_ fields: JournalFields) throws(JournalFields.Unfit) -> ArchiveSeal {
    ArchiveSeal(
      identity: try identity(fields.fields("identity")), size: try fields.integer("size"),
      digest: try fields.text("sha256"), manifestDigest: try fields.text("manifest_sha256"))
  }

  static func item(_ fields: JournalFields, record: String) throws(JournalFields.Unfit) -> JournalItem {
    var because: [Reason] = []
    for value in try fields.list("because") { because.append(try reason(JournalFields(value, key: "because"))) }
    var archive: JournalItem.ArchivedAs?
    if let record = try fields.optionalText("archive") {
      archive = JournalItem.ArchivedAs(record: record, place: try place(fields.fields("archive_at")))
    }
    return JournalItem(
      record: record, action: try fields.optionalText("action"), plan: try fields.optionalText("plan"),
      kind: try fields.word("kind"), path: try fields.bytes("path"), stored: try fields.bytes("stored"),
      owner: try fields.optionalBytes("owner"), bytes: try fields.integer("bytes"),
      identity: try identity(fields.fields("identity")),
      purgeAfter: try fields.optionalInteger("purge_after_ns").map { TimeSpan(nanoseconds: $0) }, because: because,
      contents: try fields.list("contents"), copy: try fields.optionalText("copy"), archive: archive,
      runs: try runs(fields), needs: try texts(fields, "needs"))
  }

  private static func json(_ run: JournalItem.Run) -> JSONValue {
    var members = JournalMembers()
    members.add("btime_ns", run.born.map { nanoseconds($0) })
    members.add("inode", unsigned: run.inode)
    members.add("path", run.path)
    return members.value
  }

  private static func runs(_ fields: JournalFields) throws(JournalFields.Unfit) -> [JournalItem.Run] {
    guard fields.optional("runs") != nil else { return [] }
    var runs: [JournalItem.Run] = []
    for value in try fields.list("runs") {
      let run = try JournalFields(value, key: "runs")
      runs.append(
        JournalItem.Run(
          path: try run.bytes("path"), inode: try run.unsigned("inode"),
          born: run.optional("btime_ns") == nil ? nil : try stamp(run, "btime_ns")))
    }
    return runs
  }

  /// The rule, its own words and what it read; a quota's figures too.
  private static func json(_ reason: Reason) -> JSONValue {
    var members = JournalMembers()
    members.add("facts", readings(reason.readings))
    if !reason.group.isEmpty { members.add("group", readings(reason.group)) }
    members.add("limit", reason.limit)
    members.add("rule", reason.rule)
    members.add("text", reason.text)
    members.add("usage", reason.usage)
    return members.value
  }

  private static func reason(_ fields: JournalFields) throws(JournalFields.Unfit) -> Reason {
    Reason(
      rule: try fields.text("rule"), readings: try readings(fields, "facts"), text: try fields.optionalText("text"),
      group: try readings(fields, "group"), usage: try fields.optionalInteger("usage"),
      limit: try fields.optionalInteger("limit"))
  }

  private static func readings(_ readings: [FactReading]) -> JSONValue {
    .array(readings.map { .array([.string($0.fact), .string($0.value)]) })
  }

  private static func readings(
    _ fields: JournalFields, _ key: String
  ) throws(JournalFields.Unfit) -> [FactReading] {
    guard fields.optional(key) != nil else { return [] }
    var result: [FactReading] = []
    for value in try fields.list(key) {
      guard case .array(let pair) = value, pair.count == 2, case .string(let fact) = pair[0],
        case .string(let reading) = pair[1]
      else { throw JournalFields.Unfit(key: key) }
      result.append(FactReading(fact: fact, value: reading))
    }
    return result
  }

  static func json(_ identity: Identity) -> JSONValue {
    var members = JournalMembers()
    members.add("btime_ns", identity.born.map { nanoseconds($0) })
    members.add("bytes", identity.bytes)
    members.add("ctime_ns", nanoseconds(identity.changed))
    members.add("device", unsigned: identity.device)
    members.add("entries", identity.entries)
    members.add("inode", unsigned: identity.inode)
    members.add("mount_id", unsigned: identity.mountID)
    members.add("mtime_ns", nanoseconds(identity.modified))
    members.add("newest_ctime_ns", nanoseconds(identity.newestChanged))
    members.add("newest_mtime_ns", nanoseconds(identity.newestModified))
    members.add("size", identity.size)
    members.add("tree_sha256", identity.treeDigest)
    members.add("type", identity.type.rawValue)
    members.add("uid", Int64(identity.uid))
    return members.value
  }

  static func identity(_ fields: JournalFields) throws(JournalFields.Unfit) -> Identity {
    Identity(
      type: try fields.word("type"), uid: try uid(fields), device: try fields.unsigned("device"),
      inode: try fields.unsigned("inode"), mountID: try fields.optionalUnsigned("mount_id"),
      size: try fields.integer("size"), modified: try stamp(fields, "mtime_ns"), changed: try stamp(fields, "ctime_ns"),
      born: fields.optional("btime_ns") == nil ? nil : try stamp(fields, "btime_ns"),
      entries: try fields.integer("entries"), bytes: try fields.integer("bytes"),
      newestModified: try stamp(fields, "newest_mtime_ns"), newestChanged: try stamp(fields, "newest_ctime_ns"),
      treeDigest: try fields.text("tree_sha256"))
  }

  private static func nanoseconds(_ time: Timestamp) -> JSONValue { .integer(time.nanoseconds) }

  private static func stamp(_ fields: JournalFields, _ key: String) throws(JournalFields.Unfit) -> Timestamp {
    try fields.stamp(key)
  }

  private static func uid(_ fields: JournalFields) throws(JournalFields.Unfit) -> UInt32 {
    guard let uid = UInt32(exactly: try fields.integer("uid")) else { throw JournalFields.Unfit(key: "uid") }
    return uid
  }

  private static func texts(_ fields: JournalFields, _ key: String) throws(JournalFields.Unfit) -> [String] {
    guard fields.optional(key) != nil else { return [] }
    var result: [String] = []
    for value in try fields.list(key) {
      guard case .string(let text) = value else { throw JournalFields.Unfit(key: key) }
      result.append(text)
    }
    return result
  }
}
