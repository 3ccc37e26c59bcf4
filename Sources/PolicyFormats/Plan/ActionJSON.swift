package import PolicyCore

/// Actions, with their reasons and near misses.
package enum ActionJSON {
  package static func encode(_ action: Action, id: String, locations: [String: String]) -> JSONValue {
    // In canonical order, so that writing need not sort the members of each.
    var object = JSONObject()
    object.set("because", list: action.because) { encode($0, at: locations[$0.rule]) }
    object.set("bytes", integer: action.bytes)
    object["expect"] = action.expect.map { EntityPartsJSON.encode($0) } ?? .null
    var frees: JSONObject = ["later": .integer(action.freesLater), "now": .integer(action.freesNow)]
    frees.set("volume", name: action.freesVolume)
    object["frees"] = .object(frees)
    object.set("host", name: action.host)
    object.set("id", text: id)
    object.set("kind", text: action.kind.rawValue)
    object.set("needs", strings: action.needs)
    object.set("not_kept", list: action.notKept, encode)
    object.set("owner", name: action.owner)
    object.set("path", name: action.path)
    object.set("purge_after_ns", span: action.purgeAfter)
    object.set("record", text: action.record)
    object.set("root", name: action.root)
    if action.tier != .live { object.set("tier", text: action.tier.rawValue) }
    object.set("to", text: action.target)
    object.set("verb", text: action.verb.rawValue)
    return .object(object)
  }

  package static func action(_ fields: JSONFields) throws(FormatError) -> Action {
    let frees = try fields.fields("frees")
    let (root, path) = (try fields.name("root"), try fields.name("path"))
    guard root.bytes.first == UInt8(ascii: "/"), !root.bytes.contains(0) else {
      throw .wrong(fields.path.appending("root"), "an absolute path")
    }
    guard path.isPlainRelativePath else {
      throw .wrong(fields.path.appending("path"), "a path below the root, without `.`, `..` and empty parts")
    }
    return Action(
      verb: try fields.word("verb", ActionVerb.allCases), kind: try fields.word("kind", EntityKind.allCases),
      host: try fields.name("host"), root: root, path: path,
      tier: try fields.optionalWord("tier", [.live, .archived]) ?? .live,
      record: try fields.optionalString("record"), owner: try fields.optionalName("owner"),
      bytes: try fields.integer("bytes"), target: try fields.optionalString("to"),
      freesVolume: try frees.optionalName("volume"), freesNow: try frees.integer("now"),
      freesLater: try frees.integer("later"), because: try fields.map("because", reason),
      notKept: try fields.map("not_kept", nearMiss),
      expect: try fields.optionalFields("expect").map(EntityPartsJSON.identity), needs: try fields.strings("needs"),
      purgeAfter: try fields.optionalSpan("purge_after_ns"))
  }

  // MARK: Reasons

  private static func encode(_ reason: Reason, at location: String?) -> JSONValue {
    var object = JSONObject()
    object.set("at", text: location)
    object["facts"] = encode(reason.readings)
    if !reason.group.isEmpty { object["group"] = encode(reason.group) }
    object.set("limit", integer: reason.limit)
    object.set("rule", text: reason.rule)
    object.set("text", text: reason.text)
    object.set("usage", integer: reason.usage)
    return .object(object)
  }

  private static func reason(_ fields: JSONFields) throws(FormatError) -> Reason {
    Reason(
      rule: try fields.string("rule"), readings: try readings(fields, "facts"),
      text: try fields.optionalString("text"), group: try readings(fields, "group"),
      usage: try fields.optionalInteger("usage"), limit: try fields.optionalInteger("limit"))
  }

  private static func encode(_ miss: NearMiss) -> JSONValue {
    var object: JSONObject = ["rule": .string(miss.rule)]
    object.set("rank", count: miss.rank)
    object.set("of", count: miss.of)
    object.set("keeps", count: miss.keeps)
    if !miss.missing.isEmpty { object.set("missing", strings: miss.missing) }
    if !miss.readings.isEmpty { object["facts"] = encode(miss.readings) }
    return .object(object)
  }

  private static func nearMiss(_ fields: JSONFields) throws(FormatError) -> NearMiss {
    NearMiss(
      rule: try fields.string("rule"), rank: try fields.optionalInt("rank"), of: try fields.optionalInt("of"),
      keeps: try fields.optionalInt("keeps"), missing: try fields.strings("missing"),
      readings: try readings(fields, "facts"))
  }

  // MARK: Readings

  static func encode(_ readings: [FactReading]) -> JSONValue {
    var object = JSONObject()
    for reading in readings { object[reading.fact] = .string(reading.value) }
    return .object(object)
  }

  /// In canonical order of names; none where the key is absent.
  static func readings(_ fields: JSONFields, _ key: String) throws(FormatError) -> [FactReading] {
    guard let facts = try fields.optionalFields(key) else { return [] }
    var readings: [FactReading] = []
    for member in facts.object.canonicalMembers {
      readings.append(FactReading(fact: member.key, value: try facts.string(member.key)))
    }
    return readings
  }
}
