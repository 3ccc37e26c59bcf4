internal import PolicyCore
internal import PolicyFormats

/// The data of a page: columns, not objects, so that many runs stay small. Text that could end the element that holds
/// it, or begin another one, is escaped.
struct ReportJSON {
  private var bytes: [UInt8] = []

  static func encode(_ rows: [ReportRow], _ report: PlanReport) -> [UInt8] {
    var columns = ReportColumns(rows, report)
    let frame = ReportFrame.encode(report, rows, &columns)
    var json = ReportJSON()
    json.object(
      frame.canonicalMembers.map { member in (member.key, { $0.value(member.value) }) } + [
        ("folders", { $0.strings(columns.folders.values) }), ("itemNames", { $0.strings(columns.itemNames.values) }),
        (
          "items",
          { json in json.object(columns.items.map { column in (column.name, { $0.integers(column.values) }) }) }
        ),
        ("layouts", { $0.strings(columns.layouts.values) }),
        ("parts", { $0.parts(columns.parts.values) }), ("projects", { $0.strings(columns.projects.values) }),
        ("reasons", { $0.reasons(columns.reasons.values) }),
        (
          "runs",
          { json in
            json.object(
              columns.integers.map { column in (column.name, { $0.integers(column.values) }) }
                + columns.texts.map { column in (column.name, { $0.strings(column.values) }) })
          }
        ),
        ("users", { $0.strings(columns.users.values) }),
      ])
    return json.bytes
  }

  // MARK: Writing

  private mutating func object(_ members: [(String, (inout ReportJSON) -> Void)]) {
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.sorted(by: { CanonicalJSON.precedes($0.0, $1.0) }).enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      string(member.0)
      bytes.append(UInt8(ascii: ":"))
      member.1(&self)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func list<Item>(_ items: [Item], _ write: (inout ReportJSON, Item) -> Void) {
    bytes.append(UInt8(ascii: "["))
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(&self, item)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func value(_ value: JSONValue) {
    var text: [UInt8] = []
    CanonicalJSON.write(value, to: &text)
    append(text)
  }

  private mutating func string(_ text: String) {
    var quoted: [UInt8] = []
    CanonicalJSON.write(text, to: &quoted)
    append(quoted)
  }

  /// `<` stands in strings only, where `\u003c` is the same.
  private mutating func append(_ json: [UInt8]) {
    guard json.contains(UInt8(ascii: "<")) else {
      bytes += json
      return
    }
    for byte in json {
      if byte == UInt8(ascii: "<") { bytes += Array("\\u003c".utf8) } else { bytes.append(byte) }
    }
  }

  private mutating func integers(_ values: [Int64]) { list(values) { $0.bytes += Array(String($1).utf8) } }
  private mutating func strings(_ values: [String]) { list(values) { $0.string($1) } }
  private mutating func strings(_ values: [String?]) {
    list(values) { json, text in
      if let text { json.string(text) } else { json.bytes += Array("null".utf8) }
    }
  }

  /// English, then Chinese or 0, one pair after the other.
  private mutating func parts(_ values: [Bilingual]) {
    list(values.flatMap { [$0.english, $0.chinese] }) { json, text in
      if let text { json.string(text) } else { json.bytes.append(UInt8(ascii: "0")) }
    }
  }

  private mutating func reasons(_ values: [[[Int]]]) {
    list(values) { $0.list($1) { $0.integers($1.map { Int64($0) }) } }
  }
}
