package import PolicyCore

/// Actions, with their reasons and near misses.
package enum ActionJSON {
  /// - Parameter locations: `file:line` by rule id; empty where places do not count.
  package static func encode(_ action: Action, id: String, locations: [String: String]) -> JSONValue {
    var writer = JSONWriter()
    write(action, id: id, locations: locations, &writer)
    return .encoded(writer.empty())
  }

  /// Writes an action, its keys in canonical order: a plan has very many of them.
  static func write(_ action: Action, id: String, locations: [String: String], _ writer: inout JSONWriter) {
    writer.open()
    writer.key("because")
    writer.list(action.because) { write($0, at: locations[$0.rule], &$1) }
    writer.member("bytes", action.bytes)
    writer.key("expect")
    if let identity = action.expect { writer.identity(identity) } else { writer.null() }
    writer.key("frees")
    writer.open()
    writer.member("later", action.freesLater)
    writer.member("now", action.freesNow)
    if let volume = action.freesVolume { writer.name("volume", flag: "volume_escaped", volume.bytes[...]) }
    writer.close()
    writer.name("host", flag: "host_escaped", action.host.bytes[...])
    writer.member("id", id)
    writer.member("kind", action.kind.rawValue)
    writer.key("needs")
    writer.list(action.needs) { $1.text($0) }
    writer.key("not_kept")
    writer.list(action.notKept) { write($0, &$1) }
    if let owner = action.owner { writer.name("owner", flag: "owner_escaped", owner.bytes[...]) }
    writer.name("path", flag: "path_escaped", action.path.bytes[...])
    writer.member("purge_after_ns", action.purgeAfter?.nanoseconds)
    writer.member("record", action.record)
    writer.name("root", flag: "root_escaped", action.root.bytes[...])
    if action.tier != .live { writer.member("tier", action.tier.rawValue) }
    writer.member("to", action.target)
    writer.member("verb", action.verb.rawValue)
    writer.close()
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

  private static func write(_ reason: Reason, at location: String?, _ writer: inout JSONWriter) {
    writer.open()
    writer.member("at", location)
    writer.key("facts")
    write(reason.readings, &writer)
    if !reason.group.isEmpty {
      writer.key("group")
      write(reason.group, &writer)
    }
    writer.member("limit", reason.limit)
    writer.member("rule", reason.rule)
    writer.member("text", reason.text)
    writer.member("usage", reason.usage)
    writer.close()
  }

  private static func reason(_ fields: JSONFields) throws(FormatError) -> Reason {
    Reason(
      rule: try fields.string("rule"), readings: try readings(fields, "facts"),
      text: try fields.optionalString("text"), group: try readings(fields, "group"),
      usage: try fields.optionalInteger("usage"), limit: try fields.optionalInteger("limit"))
  }

  private static func write(_ miss: NearMiss, _ writer: inout JSONWriter) {
    writer.open()
    if !miss.readings.isEmpty {
      writer.key("facts")
      write(miss.readings, &writer)
    }
    writer.member("keeps", miss.keeps.map { Int64($0) })
    if !miss.missing.isEmpty {
      writer.key("missing")
      writer.list(miss.missing) { $1.text($0) }
    }
    writer.member("of", miss.of.map { Int64($0) })
    writer.member("rank", miss.rank.map { Int64($0) })
    writer.member("rule", miss.rule)
    writer.close()
  }

  private static func nearMiss(_ fields: JSONFields) throws(FormatError) -> NearMiss {
    NearMiss(
      rule: try fields.string("rule"), rank: try fields.optionalInt("rank"), of: try fields.optionalInt("of"),
      keeps: try fields.optionalInt("keeps"), missing: try fields.strings("missing"),
      readings: try readings(fields, "facts"))
  }

  // MARK: Readings

  /// Those of a sealed plan are in order; any other list is put in order first.
  private static func write(_ readings: [FactReading], _ writer: inout JSONWriter) {
    for (left, right) in zip(readings, readings.dropFirst()) where !CanonicalJSON.precedes(left.fact, right.fact) {
      return writer.value(encode(readings))
    }
    writer.open()
    for reading in readings { writer.member(named: reading.fact, reading.value) }
    writer.close()
  }

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
