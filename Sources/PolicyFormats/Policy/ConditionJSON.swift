internal import PolicyCore

/// Conditions: `true`, or an object whose one shape follows from its keys.
///
/// ```json
/// {"all":[{"test":"<","of":{"fact":"mAP50","or":{"number":"0"}},"value":{"number":"0.8"}},{"not":{"test":"flag","of":{"fact":"pinned"}}}]}
/// ```
enum ConditionJSON {
  static func encode(_ condition: Condition) -> JSONValue {
    switch condition {
    case .always: return true
    case .all(let parts): return ["all": .array(parts.map(encode))]
    case .any(let parts): return ["any": .array(parts.map(encode))]
    case .not(let part): return ["not": encode(part)]
    case .compare(let operand, let comparison, let constant):
      return ["test": .string(comparison.rawValue), "of": encode(operand), "value": encode(constant)]
    case .member(let operand, let constants):
      return ["test": "in", "of": encode(operand), "values": .array(constants.map(encode))]
    case .matches(let operand, let glob):
      var object: JSONObject = ["test": "matches", "of": encode(operand)]
      object.set("pattern", name: glob.pattern)
      return .object(object)
    case .has(let operand, let item):
      var object: JSONObject = ["test": "has", "of": encode(operand)]
      object.set("item", name: item)
      return .object(object)
    case .isMissing(let fact): return ["test": "missing", "of": .object(encode(fact))]
    case .flag(let operand): return ["test": "flag", "of": encode(operand)]
    }
  }

  static func condition(_ fields: JSONFields, _ key: String) throws(FormatError) -> Condition {
    try condition(try fields.value(key), fields.path.appending(key))
  }

  private static func condition(_ value: JSONValue, _ path: JSONPath) throws(FormatError) -> Condition {
    if case .bool(true) = value { return .always }
    let fields = try JSONFields(value, at: path)
    if fields.object["all"] != nil { return .all(try conditions(fields, "all")) }
    if fields.object["any"] != nil { return .any(try conditions(fields, "any")) }
    if fields.object["not"] != nil { return .not(try condition(fields, "not")) }
    let test = try fields.string("test")
    if test.hasSameBytes(as: "missing") { return .isMissing(try fact(try fields.fields("of"))) }
    let operand = try operand(try fields.fields("of"))
    switch test {
    case "in":
      return .member(operand, try fields.map("values", constant))
    case "matches": return .matches(operand, Glob(try fields.name("pattern")))
    case "has": return .has(operand, try fields.name("item"))
    case "flag": return .flag(operand)
    default:
      let comparison = try fields.word("test", Comparison.allCases)
      return .compare(operand, comparison, try constant(try fields.fields("value")))
    }
  }

  private static func conditions(_ fields: JSONFields, _ key: String) throws(FormatError) -> [Condition] {
    var parts: [Condition] = []
    for item in try fields.list(key) { parts.append(try condition(item.value, item.path)) }
    return parts
  }

  // MARK: Operands and constants

  static func encode(_ operand: Operand) -> JSONValue {
    var object = encode(operand.fact)
    if operand.isAge { object["age"] = true }
    object["or"] = operand.fallback.map(encode)
    return .object(object)
  }

  static func operand(_ fields: JSONFields) throws(FormatError) -> Operand {
    Operand(
      try fact(fields), isAge: try fields.flag("age"), fallback: try fields.optionalFields("or").map(constant))
  }

  static func encode(_ fact: FactReference) -> JSONObject {
    var object: JSONObject = ["fact": .string(fact.name)]
    if fact.scope == .run { object["of"] = "run" }
    return object
  }

  static func fact(_ fields: JSONFields) throws(FormatError) -> FactReference {
    let scope = try fields.optionalWord("of", [Scope.run])
    return FactReference(try fields.string("fact"), scope: scope == nil ? .own : .run)
  }

  private enum Scope: String { case run }

  static func encode(_ constant: Constant) -> JSONValue {
    switch constant {
    case .bool(let flag): return ["bool": .bool(flag)]
    case .number(let number): return ["number": .string(number.description)]
    case .bytes(let bytes): return ["bytes": .integer(bytes)]
    case .duration(let span): return ["duration_ns": .integer(span.nanoseconds)]
    case .time(let time): return ["time": .string(time.rfc3339)]
    case .text(let text):
      var object = JSONObject()
      object.set("text", name: text)
      return .object(object)
    }
  }

  static func constant(_ fields: JSONFields) throws(FormatError) -> Constant {
    if let flag = try fields.optionalFlag("bool") { return .bool(flag) }
    if let number = try fields.optionalDecimal("number") { return .number(number) }
    if let bytes = try fields.optionalInteger("bytes") { return .bytes(bytes) }
    if let span = try fields.optionalSpan("duration_ns") { return .duration(span) }
    if let time = try fields.optionalTime("time") { return .time(time) }
    if let text = try fields.optionalName("text") { return .text(text) }
    throw .wrong(fields.path, "a constant: `bool`, `number`, `bytes`, `duration_ns`, `time` or `text`")
  }
}
