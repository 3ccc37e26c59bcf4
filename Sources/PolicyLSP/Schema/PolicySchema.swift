internal import PolicyFormats
internal import PolicySyntax

/// A JSON Schema (draft 7, which the common YAML language server reads) of policy files, made from the one table of
/// keys. It knows structure: keys, shapes, spellings of values. Names, types and meaning are `policy check`'s.
public enum PolicySchema {
  public static func render() -> [UInt8] {
    var definitions: JSONObject = [:]
    for block in Block.allCases where block != .top && block != .rule {
      definitions[block.rawValue] = .object(object(block))
    }
    for verb in VerbWord.allCases { definitions["rule-\(verb.rawValue)"] = .object(rule(verb)) }
    definitions["rule"] = .object([
      "anyOf": .array(VerbWord.allCases.map { reference("rule-\($0.rawValue)") })
    ])
    var schema = object(.top)
    schema["$schema"] = .string("http://json-schema.org/draft-07/schema#")
    schema["title"] = .string("policy, version 1")
    schema["patternProperties"] = .object(["^x-": .object([:])])
    schema["definitions"] = .object(definitions)
    return CanonicalJSON.encode(.object(schema)) + [UInt8(ascii: "\n")]
  }

  private static func reference(_ name: String) -> JSONValue { .object(["$ref": .string("#/definitions/\(name)")]) }

  // MARK: - Blocks

  private static func object(_ block: Block) -> JSONObject {
    var schema = object(Keys.of(block))
    switch block {
    case .step:
      schema["oneOf"] = .array([
        .object([
          "required": strings(["purge"]), "not": .object(["required": strings(["where"])]),
          "properties": .object(["order": ageOrder]),
        ]),
        .object(["required": strings(["archive", "where"])]), .object(["required": strings(["trash", "where"])]),
      ])
    case .property:
      schema["oneOf"] = .array([
        .object(["required": strings(["destroy"])]), .object(["required": strings(["archive"])]),
      ])
    case .factSource:
      schema["oneOf"] = .array(["column", "pointer"].map { .object(["required": strings([$0])]) })
    case .thinKeep:
      schema["minProperties"] = .integer(1)
      schema["not"] = .object(["anyOf": pairsOfSelectors])
    case .archive:
      // The one format has fewer levels than the other.
      schema["anyOf"] = .array([
        .object(["properties": .object(["level": .object(["maximum": .integer(9)])])]),
        .object([
          "not": .object([
            "required": strings(["format"]),
            "properties": .object(["format": .object(["enum": strings(["tar.gz"])])]),
          ])
        ]),
      ])
    case .top, .scan, .layout, .layoutMetrics, .layoutColumn, .fact, .param, .defaults, .trash, .backup,
      .limits, .rule, .best, .every, .allowance, .quota, .evict, .pressure:
      break
    }
    return schema
  }

  private static func object(_ keys: [Key]) -> JSONObject {
    var properties: JSONObject = [:]
    for key in keys { properties[key.name] = .object(described(shape(key), key.meaning)) }
    var schema: JSONObject = [
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
    ]
    let required = keys.filter(\.isRequired).map(\.name)
    if !required.isEmpty { schema["required"] = strings(required) }
    return schema
  }

  private static func described(_ schema: JSONObject, _ meaning: String) -> JSONObject {
    var schema = schema
    schema["description"] = .string(meaning)
    return schema
  }

  // MARK: - Rules

  private static let selectors = ["latest", "oldest", "best", "every"]

  /// A rule with one verb: its own keys and no others.
  private static func rule(_ verb: VerbWord) -> JSONObject {
    let verbs = Set(VerbWord.allCases.map(\.rawValue))
    let keys = Keys.of(.rule).filter { key in
      if verbs.contains(key.name) { return key.name == verb.rawValue }
      return key.verbs.isEmpty || key.verbs.contains(verb)
    }
    var schema = object(keys)
    var required = ["id", verb.rawValue]
    if verb.needsCondition { required.append("where") }
    if verb.takesSelector {
      // A selector needs its group, and a group something to choose from it.
      var dependencies: JSONObject = [:]
      for selector in selectors { dependencies[selector] = strings(["per"]) }
      dependencies["per"] = .object(["anyOf": anySelector])
      schema["dependencies"] = .object(dependencies)
      schema["not"] = .object(["anyOf": pairsOfSelectors])
      // Checkpoints have a number, runs have none.
      schema["anyOf"] = .array([
        .object(["properties": .object([verb.rawValue: .object(["enum": strings(["checkpoints"])])])]),
        .object(["properties": .object(["every": .object(["required": strings(["by"])])])]),
      ])
    }
    if verb == .thin {
      // `per` stands here, what needs it in the entries of `keep`.
      let noneSelects: JSONValue = .object(["items": .object(["not": .object(["anyOf": anySelector])])])
      schema["anyOf"] = .array([
        .object([
          "required": strings(["per"]), "properties": .object(["keep": .object(["not": noneSelects])]),
        ]),
        .object([
          "not": .object(["required": strings(["per"])]), "properties": .object(["keep": noneSelects]),
        ]),
      ])
      required.append("keep")
      if case .object(var properties)? = schema["properties"] {
        properties["keep"] = .object([
          "type": .string("array"), "minItems": .integer(1), "items": reference("thinKeep"),
          "description": .string("what thinning leaves"),
        ])
        schema["properties"] = .object(properties)
      }
    }
    schema["required"] = strings(required)
    return schema
  }

  private static let anySelector: JSONValue = .array(selectors.map { .object(["required": strings([$0])]) })

  private static let pairsOfSelectors: JSONValue = .array(
    selectors.indices.flatMap { first in
      selectors[(first + 1)...].map { .object(["required": strings([selectors[first], $0])]) }
    })

  // MARK: - Values

  private static func strings(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }

  private static func type(_ name: String) -> JSONValue { .object(["type": .string(name)]) }

  private static func pattern(_ pattern: String) -> JSONValue {
    .object(["type": .string("string"), "pattern": .string(pattern)])
  }

  private static func any(_ schemas: [JSONValue]) -> JSONObject { ["anyOf": .array(schemas)] }

  /// `$name`, where a value of a param may stand.
  private static let param = pattern("^\\$[A-Za-z][A-Za-z0-9_-]*$")
  private static let number = "[0-9]+(\\.[0-9]+)?"
  private static let size = pattern("^\(number)(B|KB|MB|GB|TB|PB|KiB|MiB|GiB|TiB|PiB)$")
  private static let someSize = pattern("^(?!0+(\\.0+)?[A-Za-z])\(number)(B|KB|MB|GB|TB|PB|KiB|MiB|GiB|TiB|PiB)$")
  private static let factName = "[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z][A-Za-z0-9_-]*)*"
  /// What is purged has an age and nothing else.
  private static let ageOrder: JSONValue = .object(
    any([
      pattern("^\\s*age\\s+(asc|desc)\\s*$"),
      .object([
        "type": .string("array"), "minItems": .integer(1), "maxItems": .integer(1),
        "items": pattern("^\\s*age\\s+(asc|desc)\\s*$"),
      ]),
    ]))
  private static let percent = pattern("^\(number)%$")
  /// Text that a YAML reader may take for something else.
  private static let text: JSONValue = .object(["type": strings(["string", "number", "boolean"])])

  /// What a key takes; more exact than its shape alone where the table says so in words.
  private static func shape(_ key: Key) -> JSONObject {
    switch (key.name, key.value) {
    case ("id", .text):
      return ["type": strings(["string", "number"]), "pattern": .string("^(?!builtin-|limits$)[^\\s~$/\\\\]+$")]
    case ("code", .text): return ["type": .string("string"), "pattern": .string("^P[0-9]{4}$")]
    case ("n", .integer): return any([.object(["type": .string("integer"), "minimum": .integer(1)]), param])
    case ("level", .integer):
      return any([
        .object(["type": .string("integer"), "minimum": .integer(1), "maximum": .integer(19)]), param,
      ])
    case ("limit", .size), ("bandwidth", .size): return any([someSize, param])
    case (_, .blocks(.step)):
      return ["type": .string("array"), "minItems": .integer(1), "items": reference(Block.step.rawValue)]
    default: return shape(key.value)
    }
  }

  private static func shape(_ value: ValueShape) -> JSONObject {
    switch value {
    case .version: return ["enum": .array([.integer(1), .string("1")])]
    case .text, .pattern, .factName, .literal:
      return ["type": strings(["string", "number", "boolean"]), "minLength": .integer(1)]
    case .path: return ["type": strings(["string", "number"]), "pattern": .string("^[^~]")]
    case .condition:
      let one: JSONValue = .object(["type": strings(["string", "boolean"]), "pattern": .string("\\S")])
      return any([one, .object(["type": .string("array"), "minItems": .integer(1), "items": one])])
    case .factNames:
      // `all` stands alone.
      return any([
        pattern("^\\s*\(factName)\\s*$"),
        .object([
          "type": .string("array"), "minItems": .integer(1), "items": pattern("^(?!\\s*all\\s*$)\\s*\(factName)\\s*$"),
        ]),
        .object(["type": .string("array"), "minItems": .integer(1), "items": .object(["enum": strings(["all"])])]),
      ])
    case .orderKeys:
      return any([
        type("string"), .object(["type": .string("array"), "minItems": .integer(1), "items": type("string")]),
      ])
    case .kind: return ["enum": strings(["runs", "checkpoints"])]
    case .integer: return any([.object(["type": .string("integer"), "minimum": .integer(0)]), param])
    case .count:
      return any([
        .object(["type": .string("integer"), "minimum": .integer(1)]), .object(["enum": strings(["none", "all"])]),
        param,
      ])
    case .duration: return any([pattern("^([0-9]+[smhdw])+$"), param])
    case .size: return any([size, param])
    case .ratio:
      return any([
        .object(["type": .string("number"), "minimum": .integer(0), "maximum": .integer(1)]), percent, param,
      ])
    case .sizeLimit: return any([size, percent, param])
    case .date: return any([pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z)?$"), param])
    case .choice(let words): return ["enum": strings(words)]
    case .list(let item):
      let one = JSONValue.object(shape(item))
      return any([one, .object(["type": .string("array"), "minItems": .integer(1), "items": one])])
    case .block(let block): return ["$ref": .string("#/definitions/\(block.rawValue)")]
    case .blocks(let block): return ["type": .string("array"), "items": reference(block.rawValue)]
    case .named(let block):
      // A column or a default may be written by itself.
      return [
        "type": .string("object"), "additionalProperties": reference(block.rawValue),
        "propertyNames": .object(["pattern": .string("^[A-Za-z][A-Za-z0-9_.-]*$")]),
      ]
    case .overrides: return ["type": .string("object"), "additionalProperties": type("object")]
    }
  }
}
