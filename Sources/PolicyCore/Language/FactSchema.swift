/// A fact that policies may speak of.
public struct FactDefinition: Hashable, Sendable {
  public enum Origin: Hashable, Sendable { case builtIn, layout, declared }
  public var name: String
  public var type: FactType
  /// Whether it can be missing; the others have defaults.
  public var isOptional: Bool
  public var better: Direction?
  public var origin: Origin
  /// One line for hints and reference.
  public var summary: String
}

/// All facts known to one policy, by kind: the built-in ones, those of the layouts, those that the policy declares.
public struct FactSchema: Sendable {
  /// Sorted by name within each kind.
  public let runs: [FactDefinition]
  public let checkpoints: [FactDefinition]

  /// `layouts`: those that the policy declares, besides the built-in ones.
  public init(layouts: [LayoutDeclaration] = [], declared: [FactDeclaration] = []) {
    runs = Self.adding(layouts, declared, to: Self.knownOfRuns, withEnds: true)
    checkpoints = Self.adding(layouts, declared, to: Self.knownOfCheckpoints, withEnds: false)
  }

  private init(runs: [FactDefinition], checkpoints: [FactDefinition]) {
    self.runs = runs
    self.checkpoints = checkpoints
  }

  /// No facts at all: what the order of a purge step may speak of besides `age`.
  public static let none = FactSchema(runs: [], checkpoints: [])

  public func facts(of kind: EntityKind) -> [FactDefinition] { kind == .run ? runs : checkpoints }

  /// The definition that a reference means, `nil` for an unknown name.
  public func definition(of reference: FactReference, on kind: EntityKind) -> FactDefinition? {
    let table = reference.scope == .run ? runs : facts(of: kind)
    if reference.scope == .run, kind == .run { return nil }
    return table.first { $0.name == reference.name }
  }

  public static let states = ["running", "finished", "interrupted", "failed", "unknown"]
  public static let roles = ["best", "last", "epoch", "step", "other"]

  private static func fact(
    _ name: String, _ type: FactType, optional: Bool = false, _ summary: String
  ) -> FactDefinition {
    FactDefinition(
      name: name, type: type, isOptional: optional, better: nil, origin: .builtIn, summary: summary)
  }

  private static let builtInRuns: [FactDefinition] = [
    fact("name", .string, "last component of the path"),
    fact("path", .string, "path below the root"),
    fact("host", .string, "host that the root is on"),
    fact("root", .string, "absolute path of the root"),
    fact("user", .string, "whose run it is: the owner, or captured by `scan.user`"),
    fact("project", .string, optional: true, "captured by `scan.project`"),
    fact("layout", .string, "name of the layout that recognised the run"),
    fact("state", .enumeration(states), "what the evidence on disk says the run is doing"),
    fact("tags", .stringSet, "lines of the run's .policy-tags file"),
    fact("bytes", .bytes, "allocated bytes of the run's own files"),
    fact("files", .int, "number of the run's own files"),
    fact("started_at", .time, optional: true, "when the run began"),
    fact("finished_at", .time, optional: true, "when the run ended; missing while it runs"),
    fact("modified_at", .time, "newest modification time of a file in the run"),
    fact("created_at", .time, optional: true, "birth time of the directory"),
    fact("backed_up_at", .time, optional: true, "last verified backup"),
    fact("archived_at", .time, optional: true, "when it was archived"),
    fact("restored_at", .time, optional: true, "when it was last taken back out of the trash"),
    fact("pinned", .bool, "someone pinned it"),
    fact("referenced", .bool, "another run's arguments point into it"),
    fact("in_use", .bool, "a process has it open or locked"),
    fact("resumable", .bool, "training can go on from what is there"),
    fact("epochs", .int, optional: true, "epochs that the metric file holds"),
    fact("planned_epochs", .int, optional: true, "epochs that the arguments ask for"),
  ]

  private static let builtInCheckpoints: [FactDefinition] = [
    fact("name", .string, "file name"),
    fact("path", .string, "path below the root"),
    fact("number", .int, optional: true, "the number in the file name"),
    fact("epoch", .int, optional: true, "the epoch as the metric file counts it"),
    fact("step", .int, optional: true, "the training step"),
    fact("role", .enumeration(roles), "what the file is to its run"),
    fact("bytes", .bytes, "allocated bytes"),
    fact("modified_at", .time, "modification time"),
    fact("in_use", .bool, "a process has it open or locked"),
    fact("pinned", .bool, "someone pinned it"),
    fact("resumable", .bool, "resuming the run needs it"),
  ]

  // Made once: a proof evaluates hundreds of small snapshots, each under the schema of its policy.
  private static let knownOfRuns = adding(BuiltInLayouts.all, [], to: sorted(builtInRuns), withEnds: true)
  private static let knownOfCheckpoints = adding(
    BuiltInLayouts.all, [], to: sorted(builtInCheckpoints), withEnds: false)

  private static func sorted(_ facts: [FactDefinition]) -> [FactDefinition] {
    facts.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// `table`, sorted by name, with what layouts and declarations add; the first layout to name a metric says what it is,
  /// and a declaration says it again. `withEnds`: runs also have `last.X` and `first.X` of every metric.
  private static func adding(
    _ layouts: [LayoutDeclaration], _ declared: [FactDeclaration], to table: [FactDefinition], withEnds: Bool
  ) -> [FactDefinition] {
    var table = table
    for layout in layouts {
      for metric in layout.metrics {
        let names = withEnds ? [metric.name, "last." + metric.name, "first." + metric.name] : [metric.name]
        for name in names {
          let fact = FactDefinition(
            name: name, type: metric.type, isOptional: true, better: metric.better, origin: .layout, summary: "metric")
          put(fact, into: &table) { _ in false }
        }
      }
    }
    for declaration in declared {
      let fact = FactDefinition(
        name: declaration.name, type: declaration.type, isOptional: true, better: declaration.better,
        origin: .declared, summary: "declared in `facts`")
      put(fact, into: &table) { $0.origin != .builtIn }
    }
    return table
  }

  /// Puts a fact in its place; where one of that name stands, only if `replaces` says so of it.
  private static func put(
    _ fact: FactDefinition, into table: inout [FactDefinition], replaces: (FactDefinition) -> Bool
  ) {
    var low = 0
    var high = table.count
    while low < high {
      let middle = (low + high) / 2
      if table[middle].name.utf8.lexicographicallyPrecedes(fact.name.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    if low == table.count || table[low].name != fact.name {
      table.insert(fact, at: low)
    } else if replaces(table[low]) {
      table[low] = fact
    }
  }
}
