internal import PolicyCore
internal import PolicyFormats

/// What a command and its workers say to each other, as JSON: both ends are the same program, so there is no version.
enum WorkMessages {
  /// What a worker must know before it opens anything.
  struct Task: Equatable {
    var host: ByteString
    var state: ByteString?
    var trigger: String
    var processNotes: [String]
    var opening: WorkOpening
  }

  // MARK: opening

  static func encode(_ task: Task) -> JSONValue {
    var object: JSONObject = ["trigger": .string(task.trigger), "existing": .bool(task.opening.isOnlyExisting)]
    object["settle"] = .bool(task.opening.isSettling)
    object.set("host", name: task.host)
    object.set("state", name: task.state)
    object.set("notes", strings: task.processNotes)
    object.set("trash_dir", name: task.opening.trashDirectory)
    object.set("archives", names: task.opening.archives)
    object.set("destination", name: task.opening.destination)
    object.set("plan", text: task.opening.plan)
    object.set("given_up", strings: task.opening.givenUp)
    object.set("roots", list: task.opening.roots) { root in
      var object = JSONObject()
      object.set("host", name: root.host)
      object.set("path", name: root.path)
      object.set("device", unsigned: root.device)
      object.set("inode", unsigned: root.inode)
      return .object(object)
    }
    return .object(object)
  }

  static func task(_ fields: JSONFields) throws(FormatError) -> Task {
    let roots = try fields.map("roots") { (root) throws(FormatError) in
      Root(
        host: try root.name("host"), path: try root.name("path"), device: try root.optionalUnsigned("device"),
        inode: try root.optionalUnsigned("inode"))
    }
    return Task(
      host: try fields.name("host"), state: try fields.optionalName("state"), trigger: try fields.string("trigger"),
      processNotes: try fields.strings("notes"),
      opening: WorkOpening(
        roots: roots, trashDirectory: try fields.optionalName("trash_dir"),
        archives: try fields.names("archives"), destination: try fields.optionalName("destination"),
        plan: try fields.optionalString("plan"),
        isOnlyExisting: try fields.flag("existing"), isSettling: try fields.requiredFlag("settle"),
        givenUp: try fields.strings("given_up")))
  }

  static func encode(_ opened: WorkOpened) -> JSONValue {
    var object = JSONObject()
    object.set("roots", names: opened.roots)
    object.set("used", names: opened.used)
    object.set("notes", strings: opened.notes)
    return .object(object)
  }

  static func opened(_ fields: JSONFields) throws(FormatError) -> WorkOpened {
    WorkOpened(
      roots: try fields.names("roots"), used: try fields.names("used"), notes: try fields.strings("notes"))
  }

  static func encode(_ failure: ApplyFailure) -> JSONValue {
    ["failed": .integer(Int64(failure.status.rawValue)), "message": .string(failure.message)]
  }

  /// `nil` where the answer is another one.
  static func failure(_ fields: JSONFields) throws(FormatError) -> ApplyFailure? {
    guard fields.optional("failed") != nil else { return nil }
    return ApplyFailure(try status(fields, "failed"), try fields.string("message"))
  }

  private static func status(_ fields: JSONFields, _ key: String) throws(FormatError) -> ApplyStatus {
    guard let status = Int32(exactly: try fields.integer(key)).flatMap({ ApplyStatus(rawValue: $0) }) else {
      throw .wrong(fields.path.appending(key), "a status")
    }
    return status
  }

  // MARK: outcomes

  static func encode(_ outcome: ApplyOutcome) -> JSONValue {
    var object: JSONObject = ["status": .integer(Int64(outcome.status.rawValue))]
    object.set("message", text: outcome.message)
    object.set("items", list: outcome.items, encode)
    object.set("purge_from_ns", integer: outcome.purgeFrom?.nanoseconds)
    object.set("notes", strings: outcome.notes)
    object.set("stopped_by", integer: outcome.stoppedBy.map(Int64.init))
    object.set("unfound", strings: outcome.unfound)
    return .object(object)
  }

  static func outcome(_ fields: JSONFields) throws(FormatError) -> ApplyOutcome {
    var outcome = ApplyOutcome(
      try status(fields, "status"), try fields.optionalString("message"), items: try fields.map("items", item),
      notes: try fields.strings("notes"))
    outcome.purgeFrom = try fields.optionalInteger("purge_from_ns").map { Timestamp(nanoseconds: $0) }
    outcome.stoppedBy = try fields.optionalInteger("stopped_by").flatMap { Int32(exactly: $0) }
    outcome.unfound = try fields.strings("unfound")
    return outcome
  }

  static func encode(_ item: ItemOutcome) -> JSONValue {
    var object: JSONObject = [
      "verb": .string(item.verb.rawValue), "kind": .string(item.kind.rawValue), "bytes": .integer(item.bytes),
    ]
    object.set("action", text: item.action)
    object.set("root", name: item.root)
    object.set("path", name: item.path)
    object.set("restored_as", name: item.restoredAs)
    object.set("archived_at", name: item.archivedAt)
    switch item.result {
    case .done(let record): object["done"] = .string(record)
    case .skipped(let reason): object["skipped"] = .string(reason)
    case .failed(let reason): object["failed"] = .string(reason)
    }
    return .object(object)
  }

  static func item(_ fields: JSONFields) throws(FormatError) -> ItemOutcome {
    let result: ItemOutcome.Result
    if let record = try fields.optionalString("done") {
      result = .done(record: record)
    } else if let reason = try fields.optionalString("skipped") {
      result = .skipped(reason)
    } else {
      result = .failed(try fields.string("failed"))
    }
    var item = ItemOutcome(
      action: try fields.optionalString("action"), verb: try fields.word("verb", ApplyVerb.allCases),
      kind: try fields.word("kind", EntityKind.allCases), root: try fields.name("root"),
      path: try fields.name("path"), bytes: try fields.integer("bytes"), result: result,
      restoredAs: try fields.optionalName("restored_as"))
    item.archivedAt = try fields.optionalName("archived_at")
    return item
  }
}
