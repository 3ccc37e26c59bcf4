internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// `scan`
extension Lowering {
  mutating func scan(_ clause: Clause) -> ScanSettings {
    var settings = ScanSettings()
    guard let block = reader.block(clause, .scan) else { return settings }
    if let layouts = block["layouts"] {
      for node in reader.entries(layouts, .blocks(.layout)) {
        if let layout = layout(node, layouts.keySpan, after: settings.layouts) { settings.layouts.append(layout) }
      }
    }
    if let clause = block["layout"] {
      // Own layouts with a mistake may be what it names.
      let names = ["auto"] + (BuiltInLayouts.all + settings.layouts).map(\.name)
      if let name = text(clause), name != "auto" {
        if names.contains(name.displayText) {
          settings.layout = name.displayText
        } else {
          let meant = Spelling.nearest(name.displayText, among: names)
          reader.report(
            .unknownWord, "unknown layout `\(name.displayText)`", at: clause.value.span,
            help: meant.map { "did you mean `\($0)`?" }
              ?? "write one of \(names.map { "`\($0)`" }.joined(separator: ", ")), or describe it in `scan.layouts`")
        }
      }
    }
    if let clause = block["user"], let text = text(clause, .pattern) {
      if text == "owner" {
        settings.user = .owner
      } else if holds("{user}", text, clause, "or `owner` for the owner of the folder") {
        settings.user = .pattern(text)
      }
    }
    if let clause = block["project"], let text = text(clause, .pattern), holds("{project}", text, clause, nil) {
      settings.project = text
    }
    if let clause = block["exclude"] { settings.exclude = texts(clause, .pattern) }
    if let clause = block["grace"], let grace = duration(clause) {
      if grace < ScanSettings.minimumGrace {
        reader.report(
          .outOfRange, "`grace` is \(ScanSettings.minimumGrace.spelled) at least", at: clause.value.span,
          notes: ["a file that is written now and then would look finished in between"],
          help: "write `\(ScanSettings.minimumGrace.spelled)` or more")
      } else {
        settings.grace = grace
      }
    }
    return settings
  }

  private mutating func holds(_ capture: String, _ pattern: ByteString, _ clause: Clause, _ or: String?) -> Bool {
    let text = pattern.displayText
    guard Self.occurrences(of: capture, in: text) != 1 else { return true }
    reader.report(
      .badPattern, "`\(clause.key)` is a path pattern with `\(capture)` in it, once", at: clause.value.span,
      help: "write a pattern such as `\"\(capture)/**\"`" + (or.map { ", \($0)" } ?? ""))
    return false
  }

  private static func occurrences(of word: String, in text: String) -> Int {
    let (word, text) = (Array(word.utf8), Array(text.utf8))
    guard text.count >= word.count else { return 0 }
    return (0...(text.count - word.count)).count { text[$0...].starts(with: word) }
  }

  /// Every item that is a text.
  mutating func texts(_ clause: Clause, _ shape: ValueShape) -> [ByteString] {
    (reader.items(clause, expected: "a list of texts", mayBeEmpty: true) ?? []).compactMap {
      text($0, name: "each item of `\(clause.key)`", shape, place: clause.keySpan)
    }
  }

  // MARK: - Layouts

  private mutating func layout(
    _ node: YAMLNode, _ place: SourceSpan, after others: [LayoutDeclaration]
  ) -> LayoutDeclaration? {
    guard let block = reader.block(node, .layout, name: "each entry of `layouts`", place: place) else { return nil }
    reader.requireAll(in: block, "a layout")
    let name = text(block["name"])?.displayText
    if let name, let clause = block["name"] {
      if name == "auto" || (BuiltInLayouts.all + others).contains(where: { $0.name == name }) {
        reader.report(
          .duplicateName, "the layout `\(name)` exists already", at: clause.value.span, help: "choose another name")
      } else if !Self.isName(Array(name.utf8)[...]) {
        reader.report(
          .badName, "`\(name)` cannot be the name of a layout", at: clause.value.span,
          help: "begin with a letter, and use letters, digits, `_` and `-`")
      }
    }
    let markers = block["markers"].map { markers in
      reader.items(markers, expected: "`[config.yaml]`").map { _ in texts(markers, .pattern) } ?? []
    }
    let checkpoints = block["checkpoints"].map { texts($0, .pattern) } ?? []
    var metrics: [MetricDeclaration] = []
    var file: ByteString?
    if let clause = block["metrics"], let table = reader.block(clause, .layoutMetrics) {
      reader.requireAll(in: table, "`metrics`")
      file = path(table["file"])
      if let columns = table["columns"] {
        for column in reader.pairs(columns, .named(.layoutColumn)) {
          if let metric = metric(column) { metrics.append(metric) }
        }
      }
    }
    guard let name else { return nil }
    return LayoutDeclaration(
      name: name, markers: markers ?? [], checkpoints: checkpoints, metricFile: file, metrics: metrics)
  }

  private enum MetricType: String, CaseIterable { case int, number, ratio }

  private mutating func metric(_ clause: Clause) -> MetricDeclaration? {
    let name = clause.key
    let known = FactSchema().runs.first { $0.name == name }
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.allSatisfy({ Self.isName(Array($0)[...]) }) else {
      reader.report(
        .badName, "`\(name)` cannot be the name of a metric", at: clause.keySpan,
        help: "begin with a letter, and use letters, digits, `_`, `-` and `.`")
      return nil
    }
    let isBuiltIn = EntityKind.allCases.contains { kind in
      FactSchema().facts(of: kind).contains { $0.name == name && $0.origin == .builtIn }
    }
    if isBuiltIn || name == "age" || ["run.", "last.", "first."].contains(where: { name.hasPrefix($0) }) {
      reader.report(
        .contradictsBuiltIn, "`\(name)` is already the name of something else", at: clause.keySpan,
        help: "choose another name for the metric")
      return nil
    }
    guard let block = reader.block(clause.value, .layoutColumn, name: "`\(name)`", place: clause.keySpan) else {
      return nil
    }
    reader.require(known == nil ? ["column", "type", "better"] : ["column"], in: block, "the metric `\(name)`")
    let columns = block["column"].map { texts($0, .text).map(\.displayText) } ?? []
    let word = block["type"].flatMap { reader.word($0, MetricType.self) }
    let type: FactType? = word.map { $0 == .int ? .int : $0 == .ratio ? .ratio : .number }
    let better = block["better"].flatMap { reader.word($0, Direction.self) }
    if let known {
      // One name, one meaning: conditions do not say which layout they speak of.
      if let type, type != known.type, let written = block["type"] {
        reader.report(
          .contradictsBuiltIn, "`\(name)` is \(known.type.article) in the other layouts", at: written.span,
          help: "delete `type`, or choose another name for the metric")
      }
      if let better, better != known.better, let written = block["better"] {
        reader.report(
          .contradictsBuiltIn, "`\(name)` is better \(known.better?.rawValue ?? "") in the other layouts",
          at: written.span, help: "delete `better`, or choose another name for the metric")
      }
      return MetricDeclaration(name, known.type, better: known.better ?? .higher, columns: columns)
    }
    return MetricDeclaration(name, type ?? .number, better: better ?? .higher, columns: columns)
  }
}
