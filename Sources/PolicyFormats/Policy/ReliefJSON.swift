internal import PolicyCore

/// Quotas and pressure: who may go, in which order, until what.
enum ReliefJSON {
  static func encode(_ quota: Quota) -> JSONValue {
    var object: JSONObject = [
      "id": .string(quota.id), "of": .string(quota.kind.rawValue), "limit": .integer(quota.limit),
      "down_to": .string(quota.downTo.description), "evict": encode(quota.evict),
    ]
    if !quota.per.isEmpty { object.set("per", list: quota.per, RuleJSON.encode) }
    object.set("because", text: quota.because)
    return .object(object)
  }

  static func quota(_ fields: JSONFields) throws(FormatError) -> Quota {
    Quota(
      id: try fields.string("id"), kind: try fields.word("of", EntityKind.allCases),
      per: try RuleJSON.groupKeys(fields, "per"), limit: try fields.integer("limit"),
      downTo: try fields.decimal("down_to"), evict: try eviction(try fields.fields("evict")),
      because: try fields.optionalString("because"))
  }

  static func encode(_ pressure: Pressure) -> JSONValue {
    var object: JSONObject = [
      "id": .string(pressure.id), "high": .string(pressure.high.description),
      "low": .string(pressure.low.description),
    ]
    object.set("volume", name: pressure.volume)
    object.set("relieve", list: pressure.relieve, encode)
    return .object(object)
  }

  static func pressure(_ fields: JSONFields) throws(FormatError) -> Pressure {
    Pressure(
      id: try fields.string("id"), volume: try fields.name("volume"), high: try fields.decimal("high"),
      low: try fields.decimal("low"), relieve: try fields.map("relieve", step))
  }

  private static func encode(_ step: ReliefStep) -> JSONValue {
    var object = JSONObject()
    switch step {
    case .purge(let minimumAge, let oldestFirst):
      object["purge"] = "trash"
      object.set("min_age_ns", span: minimumAge)
      object["oldest_first"] = .bool(oldestFirst)
    case .archive(let eviction, let minimumAge):
      object["archive"] = "run"
      object["evict"] = encode(eviction)
      object.set("min_age_ns", span: minimumAge)
    case .trash(let kind, let eviction, let minimumAge):
      object["trash"] = .string(kind.rawValue)
      object["evict"] = encode(eviction)
      object.set("min_age_ns", span: minimumAge)
    }
    return .object(object)
  }

  private static func step(_ fields: JSONFields) throws(FormatError) -> ReliefStep {
    let minimumAge = try fields.optionalSpan("min_age_ns")
    if let kind = try fields.optionalWord("trash", EntityKind.allCases) {
      return .trash(kind, try eviction(try fields.fields("evict")), minimumAge: minimumAge)
    }
    if try fields.optionalWord("archive", [EntityKind.run]) != nil {
      return .archive(try eviction(try fields.fields("evict")), minimumAge: minimumAge)
    }
    _ = try fields.word("purge", [Purged.trash])
    return .purge(minimumAge: minimumAge, oldestFirst: try fields.requiredFlag("oldest_first"))
  }

  private enum Purged: String { case trash }

  // MARK: Order

  private static func encode(_ eviction: Eviction) -> JSONValue {
    ["where": ConditionJSON.encode(eviction.condition), "order": .array(eviction.order.map(encode))]
  }

  private static func eviction(_ fields: JSONFields) throws(FormatError) -> Eviction {
    Eviction(condition: try ConditionJSON.condition(fields, "where"), order: try fields.map("order", orderKey))
  }

  private static func encode(_ key: OrderKey) -> JSONValue {
    switch key {
    case .fact(let operand, let ascending, let missing):
      var object: JSONObject = ["by": ConditionJSON.encode(operand), "ascending": .bool(ascending)]
      object.set("missing", text: missing?.rawValue)
      return .object(object)
    case .condition(let condition, let first):
      return ["if": ConditionJSON.encode(condition), "first": .bool(first)]
    }
  }

  private static func orderKey(_ fields: JSONFields) throws(FormatError) -> OrderKey {
    if fields.object["if"] != nil {
      return .condition(try ConditionJSON.condition(fields, "if"), first: try fields.requiredFlag("first"))
    }
    return .fact(
      try ConditionJSON.operand(try fields.fields("by")), ascending: try fields.requiredFlag("ascending"),
      missing: try fields.optionalWord("missing", OrderKey.MissingPlace.allCases))
  }
}
