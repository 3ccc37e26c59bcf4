internal import PolicyCore
public import PolicyDiagnostics

/// The flat policy: one file without imports, params, defaults and sugar, in which every part says where it came from.
public enum PolicyPrinter {
  /// YAML that loads again to an equal policy. The implicit rules stand under `x-builtin`, which loading ignores: they
  /// are part of every policy anyway.
  public static func resolved(_ loaded: LoadedPolicy, _ sources: SourceSet) -> String {
    var text = ResolvedText(loaded: loaded, sources: sources)
    text.write()
    return text.lines.joined(separator: "\n") + "\n"
  }
}

/// Writes one policy, line by line.
struct ResolvedText {
  let loaded: LoadedPolicy
  let sources: SourceSet
  private(set) var lines: [String] = []

  init(loaded: LoadedPolicy, sources: SourceSet) {
    self.loaded = loaded
    self.sources = sources
  }

  var policy: Policy { loaded.policy }

  mutating func write() {
    line("# resolved: what is in force; comments say where it was written")
    line("version: \(Policy.languageVersion)")
    if let name = policy.name { line("name: \(YAMLText.scalar(name))") }
    if let description = loaded.description { line("description: \(YAMLText.quoted(description))") }
    block("roots")
    for root in policy.roots { line("  - \(YAMLText.scalar(root))") }
    writeScan()
    writeFacts()
    writeParams()
    writeSettings()
    writeRules()
    writeQuotas()
    writePressures()
    writeProperties()
    writeBuiltIn()
  }

  mutating func line(_ text: String) { lines.append(text) }

  /// The key of a block, behind an empty line, with the places that it comes from.
  mutating func block(_ key: String, overridden: String? = nil) {
    var places = (loaded.provenance.blocks[key] ?? []).map(place)
    if let overridden { places += overrides(overridden) }
    line("")
    line("\(key):\(comment(places))")
  }

  // MARK: - Provenance

  func comment(_ places: [String]) -> String { places.isEmpty ? "" : "  # " + places.joined(separator: ", ") }

  func place(_ span: SourceSpan) -> String {
    let path = span.file < loaded.files.count ? loaded.files[span.file].path : sources.sources[span.file].path
    let shown = String(
      String.UnicodeScalarView(path.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    return "\(shown):\(sources.position(at: span).line)"
  }

  func overrides(_ id: String) -> [String] {
    (loaded.provenance.overrides[id] ?? []).map { "`\($0.key)` from \(place($0.span))" }
  }

  /// Behind an entry's id.
  func origin(_ id: String) -> String {
    comment((loaded.sourceMap.entries[id].map { [place($0.id)] } ?? []) + overrides(id))
  }

  // MARK: - Blocks

  private mutating func writeScan() {
    let scan = policy.scan
    block("scan")
    line("  layout: \(YAMLText.scalar(scan.layout ?? "auto"))")
    switch scan.user {
    case .owner: line("  user: owner")
    case .pattern(let pattern): line("  user: \(YAMLText.quoted(pattern.displayText))")
    }
    if let project = scan.project { line("  project: \(YAMLText.quoted(project.displayText))") }
    if !scan.exclude.isEmpty { line("  exclude: \(flow(scan.exclude))") }
    line("  grace: \(scan.grace.spelled)")
    guard !scan.layouts.isEmpty else { return }
    line("  layouts:")
    for layout in scan.layouts {
      line("    - name: \(YAMLText.scalar(layout.name))")
      line("      markers: \(flow(layout.markers))")
      if !layout.checkpoints.isEmpty { line("      checkpoints: \(flow(layout.checkpoints))") }
      guard let file = layout.metricFile else { continue }
      line("      metrics:")
      line("        file: \(YAMLText.scalar(file))")
      line("        columns:\(layout.metrics.isEmpty ? " {}" : "")")
      for metric in layout.metrics {
        let columns = flow(metric.columns.map { ByteString($0) })
        line(
          "          \(metric.name): { column: \(columns), type: \(Self.word(metric.type)), better: \(metric.better.rawValue) }"
        )
      }
    }
  }

  private mutating func writeFacts() {
    guard !policy.facts.isEmpty else { return }
    block("facts")
    for fact in policy.facts {
      var parts = ["type: \(Self.word(fact.type))"]
      if let better = fact.better { parts.append("better: \(better.rawValue)") }
      switch fact.source {
      case nil: break
      case .column(let file, let name, let take):
        parts.append(
          "from: { file: \(YAMLText.scalar(file)), column: \(YAMLText.quoted(name)), take: \(take.rawValue) }")
      case .pointer(let file, let pointer, let take):
        parts.append(
          "from: { file: \(YAMLText.scalar(file)), pointer: \(YAMLText.quoted(pointer)), take: \(take.rawValue) }")
      }
      let origin = loaded.provenance.facts[fact.name].map { comment([place($0)]) } ?? ""
      line("  \(fact.name): { \(parts.joined(separator: ", ")) }\(origin)")
    }
  }

  private static func word(_ type: FactType) -> String {
    switch type {
    case .bool: "bool"
    case .int: "int"
    case .number: "number"
    case .ratio: "ratio"
    case .bytes: "bytes"
    case .duration: "duration"
    case .time: "time"
    // The other two cannot be declared.
    case .string, .enumeration, .stringSet: "string"
    }
  }

  private mutating func writeParams() {
    guard !policy.params.isEmpty else { return }
    block("params")
    for param in policy.params {
      var places = loaded.provenance.params[param.name].map { [place($0)] } ?? []
      if loaded.provenance.isSet.contains(param.name) { places.append("value from --set") }
      line("  \(param.name): { default: \(Self.value(param)) }\(comment(places))")
    }
  }

  /// Text is in quotes, so that it is read as text again.
  private static func value(_ param: Param) -> String {
    guard param.value.utf8.first == UInt8(ascii: "\"") else { return param.value }
    var text: [UInt8] = []
    var isEscaped = false
    for byte in param.value.utf8.dropFirst().dropLast() {
      if byte == UInt8(ascii: "\\"), !isEscaped {
        isEscaped = true
      } else {
        text.append(byte)
        isEscaped = false
      }
    }
    return YAMLText.quoted(String(decoding: text, as: UTF8.self))
  }

  private mutating func writeSettings() {
    block("defaults")
    line("  age_of: \(policy.ageOf.rawValue)")
    if policy.trash.directory != nil || policy.trash.purgeAfter != nil {
      block("trash")
      if let directory = policy.trash.directory { line("  dir: \(YAMLText.scalar(directory))") }
      if let span = policy.trash.purgeAfter { line("  purge_after: \(span.spelled)") }
    }
    if let archive = policy.archive {
      block("archive")
      line("  to: \(YAMLText.scalar(archive.to))")
      line("  format: \(archive.format.rawValue)")
      if let level = archive.level { line("  level: \(level)") }
    }
    if let backup = policy.backup {
      block("backup")
      line("  to: \(YAMLText.scalar(backup.to))")
      if let bandwidth = backup.bandwidth { line("  bandwidth: \(LiteralPrinter.size(bandwidth))") }
    }
    let limits = policy.limits
    guard limits != Limits() else { return }
    block("limits", overridden: "limits")
    if let count = limits.maxTrash { line("  max_trash: \(Self.spelled(count))") }
    if let count = limits.maxArchive { line("  max_archive: \(Self.spelled(count))") }
    switch limits.maxTrashBytes {
    case nil: break
    case .bytes(let bytes): line("  max_trash_bytes: \(LiteralPrinter.size(bytes))")
    case .share(let share): line("  max_trash_bytes: \(Self.percentage(share))")
    }
    if let share = limits.maxShare { line("  max_share: \(share)") }
  }

  /// `20%`: a share of bytes has to be told from a number of bytes. Moving the decimal point is exact.
  private static func percentage(_ share: ExactDecimal) -> String {
    let text = "\(share.significand)e\(share.exponent + 2)"
    return "\(ExactDecimal(text) ?? share)%"
  }

  static func spelled(_ count: Count) -> String {
    switch count {
    case .none: "none"
    case .all: "all"
    case .limited(let number): String(number)
    }
  }

  func flow(_ texts: [ByteString]) -> String {
    "[\(texts.map { YAMLText.quoted($0.displayText) }.joined(separator: ", "))]"
  }
}
