internal import PolicyCore
internal import PolicyFormats

/// Values that come often, each once, by its place.
struct ReportTable<Value: Hashable> {
  private(set) var values: [Value] = []
  private var places: [Value: Int] = [:]

  mutating func place(of value: Value) -> Int {
    if let place = places[value] { return place }
    places[value] = values.count
    values.append(value)
    return values.count - 1
  }
}

/// The rows of a page as columns, with tables for the texts in them.
struct ReportColumns {
  static let verbs = ActionVerb.allCases.map(\.rawValue)

  private(set) var folders = ReportTable<String>()
  private(set) var users = ReportTable<String?>()
  private(set) var projects = ReportTable<String?>()
  private(set) var layouts = ReportTable<String>()
  private(set) var metrics = ReportTable<String>()
  private(set) var rules = ReportTable<String>()
  private(set) var parts = ReportTable<Bilingual>()
  private(set) var itemNames = ReportTable<String>()
  /// Lists of clauses: a rule's place or -1, and the places of the parts.
  private(set) var reasons = ReportTable<[[Int]]>()
  /// By name, in the order of the names.
  private(set) var integers: [(name: String, values: [Int64])]
  private(set) var texts: [(name: String, values: [String])] = [
    ("curve", []), ("high", []), ("low", []), ("name", []), ("score", []),
  ]
  private(set) var items: [(name: String, values: [Int64])] = [
    ("bytes", []), ("name", []), ("run", []), ("verb", []), ("why", []),
  ]
  let folderPrefixes: (PlanReport.RunKey) -> String

  init(_ rows: [ReportRow], _ report: PlanReport) {
    let names = [
      "age", "bytes", "curveMetric", "fate", "folder", "later", "layout", "metric", "near", "now", "project", "rows",
      "state", "user", "why",
    ]
    integers = names.map { ($0, []) }
    let roots = report.sealed.snapshotHeader.roots
    let isOneHost = Set(roots.map(\.host)).count < 2
    folderPrefixes = { key in
      guard roots.count > 1 else { return "" }
      return (isOneHost ? "" : DisplayText.escape(key.host) + ":") + DisplayText.escape(key.root) + "/"
    }
    var curves: [PlanReport.RunKey: MetricCurve] = [:]
    if case .read(let found) = report.curves { curves = found }
    for (index, row) in rows.enumerated() { add(row, index, curves[row.key]) }
  }

  private mutating func add(_ row: ReportRow, _ index: Int, _ curve: MetricCurve?) {
    let path = row.key.path
    let folder = folderPrefixes(row.key) + DisplayText.escape(path.parent)
    let isLive = row.fate != .trashed && row.fate != .purge
    let curve = isLive ? curve : nil
    // In the order of the names.
    let values: [Int64] = [
      row.age.map { $0.nanoseconds / 1_000_000_000 } ?? -1, row.bytes,
      curve.map { Int64(metrics.place(of: $0.metric)) } ?? -1,
      Int64(Fate.allCases.firstIndex(of: row.fate) ?? 0),
      Int64(folders.place(of: folder.hasSuffix("/") ? String(folder.dropLast()) : folder)), row.freesLater,
      Int64(layouts.place(of: row.layout)), row.score.map { Int64(metrics.place(of: $0.metric)) } ?? -1,
      place(of: row.near), row.freesNow, Int64(projects.place(of: row.project.map { DisplayText.escape($0) })),
      Int64(curve?.rows ?? 0), Int64(FactSchema.states.firstIndex(of: row.state) ?? -1),
      Int64(users.place(of: row.user.map { DisplayText.escape($0) })), place(of: row.why),
    ]
    for column in integers.indices { integers[column].values.append(values[column]) }
    let name = path.isEmpty ? DisplayText.escape(row.key.root) : DisplayText.escape(path.lastComponent)
    let words = [
      curve.map { Self.letters($0.points) } ?? "", DisplayText.escape(curve?.high ?? ""),
      DisplayText.escape(curve?.low ?? ""), name, DisplayText.escape(row.score?.text ?? ""),
    ]
    for column in texts.indices { texts[column].values.append(words[column]) }
    for item in row.items {
      let values = [
        item.bytes, Int64(itemNames.place(of: DisplayText.escape(item.name))), Int64(index),
        Int64(Self.verbs.firstIndex(of: item.verb.rawValue) ?? 0), place(of: item.why),
      ]
      for column in items.indices { items[column].values.append(values[column]) }
    }
  }

  /// A letter a point, from `0` for the lowest level to `o` for the highest; a blank where there is none.
  private static func letters(_ points: [UInt8?]) -> String {
    String(
      decoding: points.map { level in level.map { UInt8(ascii: "0") + min($0, MetricCurve.highestLevel) } ?? 32 },
      as: UTF8.self)
  }

  private mutating func place(of clauses: [ReportClause]) -> Int64 {
    guard !clauses.isEmpty else { return -1 }
    let list = clauses.map { clause -> [Int] in
      [clause.rule.map { rules.place(of: $0) } ?? -1] + clause.parts.map { parts.place(of: $0) }
    }
    return Int64(reasons.place(of: list))
  }

  /// A sentence that stands by itself.
  mutating func place(of sentence: Bilingual) -> Int { parts.place(of: sentence) }
}
