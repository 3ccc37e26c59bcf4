internal import PolicyCore

/// `scan` and `facts` as JSON: in the resolved policy, and in the header of a snapshot, which depends on them.
enum ScanSettingsJSON {
  static func encode(_ scan: ScanSettings) -> JSONValue {
    var object = JSONObject()
    object.set("layout", text: scan.layout)
    switch scan.user {
    case .owner: break
    case .pattern(let pattern): object.set("user", name: pattern)
    }
    object.set("project", name: scan.project)
    object.set("exclude", nonEmpty: scan.exclude)
    object.set("grace_ns", span: scan.grace)
    if !scan.layouts.isEmpty { object.set("layouts", list: scan.layouts, encode) }
    return .object(object)
  }

  /// An absent `user` is the owner, an absent `layout` is auto.
  static func decode(_ fields: JSONFields) throws(FormatError) -> ScanSettings {
    ScanSettings(
      layout: try fields.optionalString("layout"),
      user: try fields.optionalName("user").map { .pattern($0) } ?? .owner,
      project: try fields.optionalName("project"), exclude: try fields.names("exclude"),
      grace: try fields.optionalSpan("grace_ns") ?? ScanSettings.minimumGrace,
      layouts: try fields.map("layouts", layout))
  }

  private static func encode(_ layout: LayoutDeclaration) -> JSONValue {
    var object: JSONObject = ["name": .string(layout.name)]
    object.set("markers", nonEmpty: layout.markers)
    object.set("checkpoints", nonEmpty: layout.checkpoints)
    object.set("metric_file", name: layout.metricFile)
    object.set("metrics", list: layout.metrics) { metric in
      var object: JSONObject = [
        "name": .string(metric.name), "type": encode(metric.type), "better": .string(metric.better.rawValue),
      ]
      object.set("columns", strings: metric.columns)
      return .object(object)
    }
    return .object(object)
  }

  private static func layout(_ fields: JSONFields) throws(FormatError) -> LayoutDeclaration {
    LayoutDeclaration(
      name: try fields.string("name"), markers: try fields.names("markers"),
      checkpoints: try fields.names("checkpoints"), metricFile: try fields.optionalName("metric_file"),
      metrics: try fields.map("metrics") { metric throws(FormatError) in
        MetricDeclaration(
          try metric.string("name"), try type(metric), better: try metric.word("better", Direction.allCases),
          columns: try metric.strings("columns"))
      })
  }

  static func encode(_ fact: FactDeclaration) -> JSONValue {
    var object: JSONObject = ["name": .string(fact.name), "type": encode(fact.type)]
    object.set("better", text: fact.better?.rawValue)
    if let source = fact.source {
      var from = JSONObject()
      switch source {
      case .column(let file, let name, let take):
        from.set("file", name: file)
        from.set("column", text: name)
        from.set("take", text: take.rawValue)
      case .pointer(let file, let pointer, let take):
        from.set("file", name: file)
        from.set("pointer", text: pointer)
        from.set("take", text: take.rawValue)
      }
      object["from"] = .object(from)
    }
    return .object(object)
  }

  static func fact(_ fields: JSONFields) throws(FormatError) -> FactDeclaration {
    var source: FactDeclaration.Source?
    if let from = try fields.optionalFields("from") {
      let (file, take) = (try from.name("file"), try from.word("take", FactDeclaration.Take.allCases))
      if let column = try from.optionalString("column") {
        source = .column(file: file, name: column, take: take)
      } else {
        source = .pointer(file: file, pointer: try from.string("pointer"), take: take)
      }
    }
    return FactDeclaration(
      name: try fields.string("name"), type: try type(fields),
      better: try fields.optionalWord("better", Direction.allCases), source: source)
  }

  private static let types: [(name: String, type: FactType)] = [
    ("bool", .bool), ("int", .int), ("number", .number), ("ratio", .ratio), ("bytes", .bytes),
    ("duration", .duration), ("time", .time), ("string", .string), ("set", .stringSet),
  ]

  private static func encode(_ type: FactType) -> JSONValue {
    if case .enumeration(let words) = type { return ["enum": .array(words.map { .string($0) })] }
    return .string(types.first { $0.type == type }?.name ?? "string")
  }

  private static func type(_ fields: JSONFields) throws(FormatError) -> FactType {
    let value = try fields.value("type")
    if case .object = value { return .enumeration(try fields.fields("type").strings("enum")) }
    guard case .string(let name) = value, let type = types.first(where: { $0.name.hasSameBytes(as: name) })?.type
    else {
      let names = types.map { "`\($0.name)`" }.joined(separator: ", ")
      throw .wrong(fields.path.appending("type"), "one of \(names), or `{\"enum\": […]}`")
    }
    return type
  }
}
