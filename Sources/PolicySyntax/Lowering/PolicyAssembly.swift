internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Joins the blocks of all files into one policy.
struct PolicyAssembly {
  private let files: [FileSyntax]
  private(set) var sources: SourceSet
  private(set) var lowering = Lowering()
  private(set) var provenance = Provenance()
  private(set) var description: String?

  init(_ files: [FileSyntax], _ sources: SourceSet, _ reader: NodeReader) {
    self.files = files
    self.sources = sources
    lowering.reader = reader
    for file in files {
      for clause in file.top.clauses { provenance.blocks[clause.key, default: []].append(clause.keySpan) }
      lowering.note(file.top.clauses)
    }
  }

  /// Remembers who imports whom, and which of the files do something.
  mutating func note(_ imports: [SourceMap.Import]) {
    let quiet: Set = ["version", "name", "description", "imports", "params", "facts"]
    lowering.sourceMap.imports = imports
    for file in files where file.top.clauses.contains(where: { !quiet.contains($0.key) }) {
      lowering.sourceMap.filesThatAct.insert(file.index)
    }
  }

  /// The policy as far as it can be made out; it counts only when nothing reported an error.
  mutating func assemble(set values: [(name: String, value: String)]) -> Policy? {
    guard let main = files.first else { return nil }
    let declared = named("params")
    lowering.declareParams(declared)
    lowering.setParams(values, declared: declared.map(\.key), &sources)
    for clause in declared { provenance.params[clause.key] = clause.keySpan }
    provenance.isSet = values.map(\.name)

    var policy = Policy()
    policy.name = lowering.prose(main.top["name"])
    description = lowering.prose(main.top["description"])
    for file in files.dropFirst() {
      // A file's own; they are read for their mistakes.
      _ = lowering.prose(file.top["name"])
      _ = lowering.prose(file.top["description"])
    }
    if let clause = only("defaults") { policy.ageOf = lowering.defaults(clause) }
    lowering.ageOf = policy.ageOf
    if let clause = only("scan") { policy.scan = lowering.scan(clause) }
    let facts = named("facts")
    policy.facts = lowering.facts(facts, known: policy.schema)
    for clause in facts { provenance.facts[clause.key] = clause.keySpan }
    lowering.schema = policy.schema

    if let clause = only("roots") {
      policy.roots = lowering.roots(clause)
    } else if !files.contains(where: \.top.hasUnknownKeys) {
      lowering.reader.report(
        .noRoots, "a policy needs `roots`", at: main.top.place,
        notes: ["only a policy that others import can do without"],
        help: "add `roots: [runs]`, or the folders that hold your runs")
    }
    if let clause = only("trash") { policy.trash = lowering.trash(clause) }
    if let clause = only("archive") { policy.archive = lowering.archive(clause) }
    if let clause = only("backup") { policy.backup = lowering.backup(clause) }

    var entries = Entries(
      rules: listed("rules", .rule), quotas: listed("quotas", .quota), pressures: listed("pressure", .pressure),
      properties: listed("never", .property))
    lowering.checkIDs(entries.all)
    var limits: BlockSyntax?
    if let clause = only("override") { limits = lowering.override(clause, &entries, &provenance) }
    policy.limits = lowering.limits(files.compactMap { $0.top["limits"] }, override: limits)

    let rules = entries.rules.flatMap { lowering.rules($0) } + Policy.implicitRules()
    let quotas = entries.quotas.compactMap { lowering.quota($0) }
    let pressures = entries.pressures.compactMap { lowering.pressure($0) }
    let properties = entries.properties.compactMap { lowering.property($0) }
    provenance.usedParams = lowering.usedParams
    lowering.sourceMap.usedParams = Set(lowering.usedParams)
    let whole = Policy(
      name: policy.name, roots: policy.roots, scan: policy.scan, facts: policy.facts, params: lowering.paramsInForce,
      ageOf: policy.ageOf, trash: policy.trash, archive: policy.archive, backup: policy.backup, limits: policy.limits,
      rules: rules, quotas: quotas, pressures: pressures, properties: properties)
    sayWhatIsNeverPurged(whole)
    return whole
  }

  // MARK: - Blocks

  /// A block that a policy has once, whatever the number of its files.
  private mutating func only(_ key: String) -> Clause? {
    let clauses = files.compactMap { $0.top[key] }
    if clauses.count > 1 {
      lowering.reader.report(
        .blockInTwoFiles, "`\(key)` is in two files", at: clauses[0].keySpan, caption: "here",
        labels: clauses[1...].map { .init($0.keySpan, "and here") },
        help:
          "keep one of them; of what is imported, only rules, facts, params, quotas, pressure, never and limits add up")
    }
    return clauses.first
  }

  private mutating func named(_ key: String) -> [Clause] {
    files.compactMap { $0.top[key] }.flatMap {
      lowering.reader.pairs($0, .named(key == "facts" ? .fact : .param))
    }
  }

  private mutating func listed(_ key: String, _ block: Block) -> [EntrySyntax] {
    files.compactMap { $0.top[key] }.flatMap { lowering.reader.entries($0, of: block) }
  }

  // MARK: - What goes without saying

  /// Trash that nobody empties fills the disk that the policy is there to relieve.
  private mutating func sayWhatIsNeverPurged(_ policy: Policy) {
    let trashes =
      policy.rules.contains { $0.verb == .trash } || !policy.quotas.isEmpty
      || policy.pressures.contains { pressure in
        pressure.relieve.contains { if case .trash = $0 { true } else { false } }
      }
    let purges =
      policy.trash.purgeAfter != nil
      || policy.pressures.contains { pressure in
        pressure.relieve.contains { if case .purge = $0 { true } else { false } }
      }
    // What has mistakes may say it in the part that could not be read.
    let hasErrors = lowering.reader.diagnostics.contains { $0.severity == .error }
    guard trashes, !purges, !hasErrors else { return }
    lowering.reader.report(
      .neverPurged, "nothing is purged except by hand", as: .info,
      at: provenance.blocks["trash"]?.first ?? provenance.blocks["version"]?.first,
      notes: ["what is trashed goes on using its disk until somebody runs `policy purge`"],
      help: "add `trash: { purge_after: 7d }` if things may go for good by themselves")
  }
}

/// All entries that have ids.
struct Entries {
  var rules: [EntrySyntax]
  var quotas: [EntrySyntax]
  var pressures: [EntrySyntax]
  var properties: [EntrySyntax]

  var all: [EntrySyntax] { rules + quotas + pressures + properties }

  /// Changes the entry with this id; `false` when there is none.
  mutating func change(_ id: String, _ work: (inout EntrySyntax) -> Void) -> Bool {
    if let index = rules.firstIndex(where: { $0.id == id }) {
      work(&rules[index])
    } else if let index = quotas.firstIndex(where: { $0.id == id }) {
      work(&quotas[index])
    } else if let index = pressures.firstIndex(where: { $0.id == id }) {
      work(&pressures[index])
    } else if let index = properties.firstIndex(where: { $0.id == id }) {
      work(&properties[index])
    } else {
      return false
    }
    return true
  }
}
