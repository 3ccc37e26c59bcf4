internal import PolicyCore

/// What a plan says besides its actions: held, undecided, unmet, checks.
enum OutcomeJSON {
  // MARK: Held

  static func encode(_ held: Held) -> JSONValue {
    var object = place(held.kind, held.host, held.root, held.path, held.tier)
    object.set("record", text: held.record)
    object.set("bytes", integer: held.bytes)
    object.set("wanted", strings: held.wanted)
    object.set("by", list: held.by, encode)
    return .object(object)
  }

  static func held(_ fields: JSONFields) throws(FormatError) -> Held {
    Held(
      kind: try kind(fields), host: try fields.name("host"), root: try fields.name("root"),
      path: try fields.name("path"), tier: try tier(fields), record: try fields.optionalString("record"),
      bytes: try fields.integer("bytes"), wanted: try fields.strings("wanted"), by: try fields.map("by", holder))
  }

  private static func encode(_ holder: Held.Holder) -> JSONValue {
    var object: JSONObject = ["rule": .string(holder.rule)]
    object.set("rank", count: holder.rank)
    object.set("of", count: holder.of)
    if !holder.unknown.isEmpty { object.set("unknown", strings: holder.unknown) }
    object.set("via", name: holder.via)
    return .object(object)
  }

  private static func holder(_ fields: JSONFields) throws(FormatError) -> Held.Holder {
    Held.Holder(
      rule: try fields.string("rule"), rank: try fields.optionalInt("rank"), of: try fields.optionalInt("of"),
      unknown: try fields.strings("unknown"), via: try fields.optionalName("via"))
  }

  // MARK: Undecided

  static func encode(_ undecided: Undecided) -> JSONValue {
    var object = place(undecided.kind, undecided.host, undecided.root, undecided.path, undecided.tier)
    object.set("questions", list: undecided.questions) {
      ["rule": .string($0.rule), "unknown": ActionJSON.encode($0.unknown)]
    }
    return .object(object)
  }

  static func undecided(_ fields: JSONFields) throws(FormatError) -> Undecided {
    Undecided(
      kind: try kind(fields), host: try fields.name("host"), root: try fields.name("root"),
      path: try fields.name("path"), tier: try tier(fields),
      questions: try fields.map("questions") { question throws(FormatError) in
        Undecided.Question(
          rule: try question.string("rule"), unknown: try ActionJSON.readings(question, "unknown"))
      })
  }

  // MARK: Unmet

  static func encode(_ unmet: Unmet) -> JSONValue {
    var object: JSONObject = ["want": .string(unmet.want.rawValue), "id": .string(unmet.id)]
    object["group"] = ActionJSON.encode(unmet.group)
    object.set("usage", integer: unmet.usage)
    object.set("target", integer: unmet.target)
    object.set("later", integer: unmet.later)
    object.set("held_by", strings: unmet.heldBy)
    return .object(object)
  }

  static func unmet(_ fields: JSONFields) throws(FormatError) -> Unmet {
    Unmet(
      want: try fields.word("want", [.quota, .pressure]), id: try fields.string("id"),
      group: try ActionJSON.readings(fields, "group"), usage: try fields.integer("usage"),
      target: try fields.integer("target"), later: try fields.integer("later"), heldBy: try fields.strings("held_by"))
  }

  // MARK: Checks

  /// `{"never": id, …}` or `{"limit": name, …}`.
  static func encode(_ check: Check) -> JSONValue {
    var object: JSONObject = [check.subject.rawValue: .string(check.name), "ok": .bool(check.holds)]
    object.set("value", integer: check.value)
    object.set("max", integer: check.maximum)
    object.set("violators", nonEmpty: check.violators)
    return .object(object)
  }

  static func check(_ fields: JSONFields) throws(FormatError) -> Check {
    let never = try fields.optionalString("never")
    return Check(
      subject: never == nil ? .limit : .never, name: try fields.string(never == nil ? "limit" : "never"),
      holds: try fields.requiredFlag("ok"),
      value: try fields.optionalInteger("value"), maximum: try fields.optionalInteger("max"),
      violators: try fields.names("violators"))
  }

  // MARK: Places

  private static func place(
    _ kind: EntityKind, _ host: ByteString, _ root: ByteString, _ path: ByteString, _ tier: Tier
  ) -> JSONObject {
    var object: JSONObject = ["kind": .string(kind.rawValue)]
    object.set("host", name: host)
    object.set("root", name: root)
    object.set("path", name: path)
    if tier != .live { object.set("tier", text: tier.rawValue) }
    return object
  }

  private static func kind(_ fields: JSONFields) throws(FormatError) -> EntityKind {
    try fields.word("kind", EntityKind.allCases)
  }

  private static func tier(_ fields: JSONFields) throws(FormatError) -> Tier {
    try fields.optionalWord("tier", [.live, .archived]) ?? .live
  }
}
