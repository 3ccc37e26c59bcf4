public import PolicyCore
internal import PolicyDigest

/// The resolved policy as JSON: complete, so that `apply` can decide again from a plan alone, and without places, so
/// that comments and layout change nothing.
public enum PolicyCodec {
  /// Rules, quotas, pressure and never by id; numbers as exact decimals in quotes, spans in nanoseconds.
  public static func encode(_ policy: Policy) -> JSONValue {
    var object = JSONObject()
    object.set("name", text: policy.name)
    object.set("roots", names: policy.roots)
    object["scan"] = ScanSettingsJSON.encode(policy.scan)
    if !policy.facts.isEmpty { object.set("facts", list: policy.facts, ScanSettingsJSON.encode) }
    if !policy.params.isEmpty { object.set("params", list: policy.params, encode) }
    object.set("age_of", text: policy.ageOf.rawValue)
    var trash = JSONObject()
    trash.set("dir", name: policy.trash.directory)
    trash.set("purge_after_ns", span: policy.trash.purgeAfter)
    if !trash.isEmpty { object["trash"] = .object(trash) }
    object["archive"] = policy.archive.map(encode)
    object["backup"] = policy.backup.map(encode)
    if policy.limits != Limits() { object["limits"] = encode(policy.limits) }
    object.set("rules", list: policy.rules, RuleJSON.encode)
    if !policy.quotas.isEmpty { object.set("quotas", list: policy.quotas, ReliefJSON.encode) }
    if !policy.pressures.isEmpty { object.set("pressure", list: policy.pressures, ReliefJSON.encode) }
    if !policy.properties.isEmpty { object.set("never", list: policy.properties, encode) }
    return .object(object)
  }

  /// The reverse of `encode`: equal to the policy that was encoded.
  public static func decode(_ value: JSONValue) throws(FormatError) -> Policy {
    try decode(try JSONFields(value))
  }

  /// `sha256:` and 64 hexadecimal digits over the canonical JSON.
  public static func digest(_ policy: Policy) -> String {
    "sha256:" + SHA256Digest.hex(of: CanonicalJSON.encode(encode(policy)))
  }

  static func decode(_ fields: JSONFields) throws(FormatError) -> Policy {
    let trash = try fields.optionalFields("trash")
    return Policy(
      name: try fields.optionalString("name"), roots: try fields.names("roots"),
      scan: try ScanSettingsJSON.decode(try fields.fields("scan")),
      facts: try fields.map("facts", ScanSettingsJSON.fact), params: try fields.map("params", param),
      ageOf: try fields.word("age_of", AgeBasis.allCases),
      trash: TrashSettings(
        directory: try trash?.optionalName("dir"), purgeAfter: try trash?.optionalSpan("purge_after_ns")),
      archive: try fields.optionalFields("archive").map(archive),
      backup: try fields.optionalFields("backup").map(backup),
      limits: try fields.optionalFields("limits").map(limits) ?? Limits(),
      rules: try fields.map("rules", RuleJSON.rule), quotas: try fields.map("quotas", ReliefJSON.quota),
      pressures: try fields.map("pressure", ReliefJSON.pressure), properties: try fields.map("never", property))
  }

  // MARK: Blocks

  private static func encode(_ param: Param) -> JSONValue {
    ["name": .string(param.name), "value": .string(param.value), "integer": .bool(param.isInteger)]
  }

  private static func param(_ fields: JSONFields) throws(FormatError) -> Param {
    Param(
      name: try fields.string("name"), value: try fields.string("value"),
      isInteger: try fields.requiredFlag("integer"))
  }

  private static func encode(_ archive: ArchiveSettings) -> JSONValue {
    var object: JSONObject = ["to": .string(archive.to), "format": .string(archive.format.rawValue)]
    object.set("level", count: archive.level)
    return .object(object)
  }

  private static func archive(_ fields: JSONFields) throws(FormatError) -> ArchiveSettings {
    ArchiveSettings(
      to: try fields.string("to"), format: try fields.word("format", ArchiveSettings.Format.allCases),
      level: try fields.optionalInt("level"))
  }

  private static func encode(_ backup: BackupSettings) -> JSONValue {
    var object: JSONObject = ["to": .string(backup.to)]
    object.set("bandwidth", integer: backup.bandwidth)
    return .object(object)
  }

  private static func backup(_ fields: JSONFields) throws(FormatError) -> BackupSettings {
    BackupSettings(to: try fields.string("to"), bandwidth: try fields.optionalInteger("bandwidth"))
  }

  private static func encode(_ limits: Limits) -> JSONValue {
    var object = JSONObject()
    object["max_trash"] = limits.maxTrash.map { $0.json }
    object["max_archive"] = limits.maxArchive.map { $0.json }
    switch limits.maxTrashBytes {
    case nil: break
    case .bytes(let bytes): object.set("max_trash_bytes", integer: bytes)
    case .share(let share): object.set("max_trash_bytes", decimal: share)
    }
    object.set("max_share", decimal: limits.maxShare)
    return .object(object)
  }

  private static func limits(_ fields: JSONFields) throws(FormatError) -> Limits {
    var bytes: SizeLimit?
    if case .string? = fields.optional("max_trash_bytes") {
      bytes = .share(try fields.decimal("max_trash_bytes"))
    } else {
      bytes = try fields.optionalInteger("max_trash_bytes").map { .bytes($0) }
    }
    return Limits(
      maxTrash: try fields.optionalCount("max_trash"), maxArchive: try fields.optionalCount("max_archive"),
      maxTrashBytes: bytes, maxShare: try fields.optionalDecimal("max_share"))
  }

  private static func encode(_ property: Property) -> JSONValue {
    var object: JSONObject = [
      "id": .string(property.id), "subject": .string(property.subject.rawValue),
      "kind": .string(property.kind.rawValue), "where": ConditionJSON.encode(property.condition),
    ]
    object.set("because", text: property.because)
    return .object(object)
  }

  private static func property(_ fields: JSONFields) throws(FormatError) -> Property {
    Property(
      id: try fields.string("id"), subject: try fields.word("subject", Property.Subject.allCases),
      kind: try fields.word("kind", EntityKind.allCases), condition: try ConditionJSON.condition(fields, "where"),
      because: try fields.optionalString("because"))
  }
}

extension Optional where Wrapped == JSONFields {
  /// `map` for functions that throw one type of error.
  func map<Value>(_ make: (JSONFields) throws(FormatError) -> Value) throws(FormatError) -> Value? {
    guard let fields = self else { return nil }
    return try make(fields)
  }
}

extension Count {
  /// `"none"`, `"all"` or the number.
  var json: JSONValue {
    switch self {
    case .none: "none"
    case .all: "all"
    case .limited(let count): .integer(Int64(count))
    }
  }
}

extension JSONFields {
  func optionalCount(_ key: String) throws(FormatError) -> Count? {
    switch optional(key) {
    case nil: return nil
    case .string(let word) where word.hasSameBytes(as: "none"): return Count.none
    case .string(let word) where word.hasSameBytes(as: "all"): return .all
    case .integer(let number) where number >= 1:
      if let count = Int(exactly: number) { return .limited(count) }
    case .null, .bool, .integer, .decimal, .string, .array, .object, .encoded: break
    }
    throw .wrong(path.appending(key), "a count from 1, `none` or `all`")
  }
}
