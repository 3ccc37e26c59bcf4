internal import PolicyCore
internal import PolicyFormats

extension WorkMessages {
  static func encode(_ order: WorkOrder) -> JSONValue {
    var object = JSONObject()
    switch order {
    case .begin(let plan, let notes):
      object["order"] = "begin"
      object.set("plan", text: plan)
      object.set("notes", strings: notes)
    case .apply(let order):
      object["order"] = "apply"
      object.set("plan", text: order.plan)
      object.set("grace_ns", span: order.grace)
      if let archiving = order.archiving {
        object.set("archive_format", text: archiving.format.rawValue)
        object.set("archive_level", count: archiving.level)
        object.set("archive_purge_after_ns", span: archiving.purgeAfter)
        object.set("archive_policy", text: archiving.policy)
      }
      if let backing = order.backing {
        object.set("backup_policy", text: backing.policy)
        object.set("backup_bandwidth", integer: backing.bandwidth)
      }
      object["moves"] = .array(
        Lanes.map(order.moves) { move in .encoded(CanonicalJSON.encodeAsBuilt(encode(move))) })
      object.set("removals", list: order.removals, encode)
      object.set("others", list: order.others, encode)
    case .restore(let what):
      object["order"] = "restore"
      switch what {
      case .paths(let paths): object.set("paths", names: paths)
      case .records(let records): object.set("records", strings: records)
      case .plan(let digest): object.set("plan", text: digest)
      }
    case .purge(let what, let purgeAfter):
      object["order"] = "purge"
      object.set("purge_after_ns", span: purgeAfter)
      if case .plan(let digest, let nowFree) = what {
        object.set("plan", text: digest)
        object["now_free"] = .bool(nowFree)
      }
    case .recover: object["order"] = "recover"
    case .report(let command, let others):
      object["order"] = "report"
      object.set("command", text: command)
      object.set("others", list: others, encode)
    case .pin(let path, let because):
      object["order"] = "pin"
      object.set("path", name: path)
      object.set("because", text: because)
    case .unpin(let path):
      object["order"] = "unpin"
      object.set("path", name: path)
    case .extract(let order):
      object["order"] = "extract"
      object.set("archive", name: order.archive)
      object.set("manifest", text: order.manifestDigest)
      object["own"] = .bool(order.isOwn)
      object.set("destination", name: order.destination)
      object.set("name", name: order.name)
    }
    return .object(object)
  }

  static func order(_ fields: JSONFields) throws(FormatError) -> WorkOrder {
    let word = try fields.string("order")
    switch word {
    case "begin": return .begin(plan: try fields.string("plan"), notes: try fields.strings("notes"))
    case "apply":
      return .apply(
        ApplyOrder(
          plan: try fields.string("plan"), grace: try fields.span("grace_ns"), archiving: try archiving(fields),
          backing: try backing(fields), moves: try moves(fields),
          removals: try fields.map("removals", removal), others: try fields.map("others", other)))
    case "restore":
      if let plan = try fields.optionalString("plan") { return .restore(.plan(plan)) }
      if fields.optional("records") != nil { return .restore(.records(try fields.strings("records"))) }
      return .restore(.paths(try fields.names("paths")))
    case "purge":
      let purgeAfter = try fields.optionalSpan("purge_after_ns")
      guard let plan = try fields.optionalString("plan") else { return .purge(.elapsed, purgeAfter: purgeAfter) }
      return .purge(.plan(plan, nowFree: try fields.requiredFlag("now_free")), purgeAfter: purgeAfter)
    case "recover": return .recover
    case "report": return .report(command: try fields.string("command"), try fields.map("others", other))
    case "pin": return .pin(try fields.name("path"), because: try fields.string("because"))
    case "unpin": return .unpin(try fields.name("path"))
    case "extract":
      return .extract(
        ExtractOrder(
          archive: try fields.name("archive"), manifestDigest: try fields.optionalString("manifest"),
          isOwn: try fields.requiredFlag("own"),
          destination: try fields.name("destination"), name: try fields.optionalName("name")))
    case _: throw .wrong(fields.path.appending("order"), "an order")
    }
  }

  private static func archiving(_ fields: JSONFields) throws(FormatError) -> Archiver.Settings? {
    guard let format = try fields.optionalWord("archive_format", ArchiveSettings.Format.allCases) else { return nil }
    return Archiver.Settings(
      format: format, level: try fields.optionalInt("archive_level"),
      purgeAfter: try fields.optionalSpan("archive_purge_after_ns"), policy: try fields.string("archive_policy"))
  }

  private static func backing(_ fields: JSONFields) throws(FormatError) -> Backer.Settings? {
    guard let policy = try fields.optionalString("backup_policy") else { return nil }
    return Backer.Settings(bandwidth: try fields.optionalInteger("backup_bandwidth"), policy: policy)
  }

  private static func encode(_ move: ApplyOrder.Move) -> JSONValue {
    var object: JSONObject = [
      "index": .integer(Int64(move.index)), "action": ActionJSON.encode(move.action, id: move.id, locations: [:]),
      "contents": .array(move.contents),
    ]
    object.set("within", names: move.within)
    return .object(object)
  }

  private static func move(_ fields: JSONFields) throws(FormatError) -> ApplyOrder.Move {
    let action = try fields.fields("action")
    return ApplyOrder.Move(
      index: try fields.int("index"), id: try action.string("id"), action: try ActionJSON.action(action),
      within: try fields.names("within"), contents: try fields.list("contents").map(\.value))
  }

  /// The texts of the moves, each read by itself, on two threads where there are many.
  private static func moves(_ fields: JSONFields) throws(FormatError) -> [ApplyOrder.Move] {
    let texts = try fields.list("moves").map { CanonicalJSON.encode($0.value) }
    var moves: [ApplyOrder.Move] = []
    moves.reserveCapacity(texts.count)
    for move in Lanes.map(texts, read) {
      guard let move else { throw .wrong(fields.path.appending("moves"), "moves") }
      moves.append(move)
    }
    return moves
  }

  /// `nil` for anything else.
  @Sendable private static func read(_ text: [UInt8]) -> ApplyOrder.Move? {
    guard let value = try? JSONReader.parse(text, passingOn: "contents"), let fields = try? JSONFields(value) else {
      return nil
    }
    return try? move(fields)
  }

  private static func encode(_ removal: ApplyOrder.Removal) -> JSONValue {
    var object: JSONObject = [
      "index": .integer(Int64(removal.index)),
      "action": ActionJSON.encode(removal.action, id: removal.id, locations: [:]),
    ]
    object.set("purge_after_ns", span: removal.purgeAfter)
    object.set("pressure_age_ns", span: removal.pressureAge)
    return .object(object)
  }

  private static func removal(_ fields: JSONFields) throws(FormatError) -> ApplyOrder.Removal {
    let action = try fields.fields("action")
    return ApplyOrder.Removal(
      index: try fields.int("index"), id: try action.string("id"), action: try ActionJSON.action(action),
      purgeAfter: try fields.optionalSpan("purge_after_ns"),
      pressureAge: try fields.optionalSpan("pressure_age_ns"))
  }

  private static func encode(_ other: ApplyOrder.Other) -> JSONValue {
    var object: JSONObject = ["outcome": encode(other.outcome)]
    object.set("owner", integer: other.owner.map(Int64.init))
    return .object(object)
  }

  private static func other(_ fields: JSONFields) throws(FormatError) -> ApplyOrder.Other {
    ApplyOrder.Other(
      outcome: try item(fields.fields("outcome")),
      owner: try fields.optionalInteger("owner").flatMap { UInt32(exactly: $0) })
  }
}
