public import PolicyCore

/// What a tree holds, added up: by framework, user, state, age, and what checkpoints are to their runs.
///
/// Live runs and checkpoints only, but for `archived`. Bytes are allocated bytes; those of a run are its own files,
/// checkpoints included, so that nothing counts twice.
public struct TreeSurvey: Sendable {
  /// A number of things and their bytes.
  public struct Sum: Sendable, Equatable {
    public var count = 0
    public var bytes: Int64 = 0
    mutating func add(_ more: Int64) {
      count += 1
      bytes &+= more
    }
  }

  /// One metric over all live runs that have a readable value of it.
  public struct Measure: Sendable {
    public var name: String
    public var type: FactType
    public var better: Direction
    /// Best first; as they were written, and of which run.
    public var scores: [(value: ExactDecimal, text: String, path: ByteString)]
  }

  public var now: Timestamp
  public var roots: [Root]
  public var runs = Sum()
  public var checkpoints = Sum()
  public var archived = Sum()
  public var trash = Sum()
  /// When the next thing in the trash may be purged, where anything is due some day.
  public var nextPurge: Timestamp?
  public var layouts: [(name: String, sum: Sum)] = []
  public var users: [(name: ByteString, sum: Sum)] = []
  /// In the order of `FactSchema.states`.
  public var states: [(name: String, sum: Sum)] = []
  /// Checkpoints, in the order of `FactSchema.roles`.
  public var roles: [(name: String, sum: Sum)] = []
  /// Sums of finished, interrupted and failed runs by state and by how many of `ages` have passed.
  public var aging: [String: [Sum]] = [:]
  /// Sorted by how many runs have a value, then in the schema's order.
  public var measures: [Measure] = []
  public var unreadable: Int
  public var unrecognised: Int

  /// Bounds between the columns of `aging`, in days.
  public static let ages: [Int64] = [1, 7, 30, 90]

  public init(_ snapshot: Snapshot) {
    (now, roots) = (snapshot.now, snapshot.roots)
    (unreadable, unrecognised) = (snapshot.unreadable.count, snapshot.unrecognised.count)
    var (layouts, users, states, roles) = ([String: Sum](), [ByteString: Sum](), [String: Sum](), [String: Sum]())
    let schema = FactSchema().runs.filter { $0.origin == .layout && $0.better != nil && !Self.isEnd($0.name) }
    var scores: [String: [(value: ExactDecimal, text: String, path: ByteString)]] = [:]
    for entity in snapshot.entities {
      let facts = entity.facts
      guard entity.tier == .live else {
        if entity.kind == .run { archived.add(Self.bytes(facts)) }
        continue
      }
      let bytes = Self.bytes(facts)
      guard entity.kind == .run else {
        checkpoints.add(bytes)
        roles[Self.word("role", facts) ?? "other", default: Sum()].add(bytes)
        continue
      }
      runs.add(bytes)
      layouts[entity.layout, default: Sum()].add(bytes)
      if case .value(.text(let user)) = facts.fact("user") { users[user, default: Sum()].add(bytes) }
      let state = Self.word("state", facts) ?? "unknown"
      states[state, default: Sum()].add(bytes)
      if let column = Self.column(facts, now) {
        aging[state, default: Array(repeating: Sum(), count: Self.ages.count + 1)][column].add(bytes)
      }
      for metric in schema {
        guard case .value(let value) = facts.fact(metric.name), let (number, text) = Self.number(value) else {
          continue
        }
        scores[metric.name, default: []].append((number, text, entity.path))
      }
    }
    for record in snapshot.trash {
      trash.add(record.bytes)
      guard let after = record.purgeAfter, let due = record.trashedAt.advanced(by: after) else { continue }
      nextPurge = min(nextPurge ?? due, due)
    }
    self.layouts = layouts.map { ($0.key, $0.value) }.sorted { Self.precedes($0.1, $0.0, $1.1, $1.0) }
    self.users = users.map { ($0.key, $0.value) }.sorted { Self.precedes($0.1, $0.0, $1.1, $1.0) }
    self.states = FactSchema.states.compactMap { name in states[name].map { (name, $0) } }
    self.roles = FactSchema.roles.compactMap { name in roles[name].map { (name, $0) } }
    measures = schema.compactMap { metric in
      guard let better = metric.better, let found = scores[metric.name] else { return nil }
      return Measure(
        name: metric.name, type: metric.type, better: better,
        scores: found.sorted { left, right in
          if left.value != right.value {
            return better == .higher ? right.value < left.value : left.value < right.value
          }
          return left.path < right.path
        })
    }.sorted { $0.scores.count > $1.scores.count }
  }

  /// Largest first, then by name, so that the same tree gives the same text.
  private static func precedes<Name: Comparable>(_ left: Sum, _ leftName: Name, _ right: Sum, _ rightName: Name) -> Bool
  {
    left.bytes != right.bytes ? left.bytes > right.bytes : leftName < rightName
  }

  private static func isEnd(_ name: String) -> Bool { name.hasPrefix("last.") || name.hasPrefix("first.") }

  static func bytes(_ facts: FactRow) -> Int64 {
    guard case .value(.integer(let bytes)) = facts.fact("bytes") else { return 0 }
    return bytes
  }

  static func word(_ name: String, _ facts: FactRow) -> String? {
    guard case .value(.text(let word)) = facts.fact(name) else { return nil }
    return word.displayText
  }

  private static func number(_ value: FactValue) -> (ExactDecimal, String)? {
    switch value {
    case .number(let text): ExactDecimal(parsing: text.utf8).map { ($0, text) }
    case .integer(let number): (ExactDecimal(number), String(number))
    case .bool, .text, .set: nil
    }
  }

  /// How many of `ages` have passed since the run ended, or since anything in it changed.
  private static func column(_ facts: FactRow, _ now: Timestamp) -> Int? {
    for name in ["finished_at", "modified_at"] {
      guard case .value(.integer(let stamp)) = facts.fact(name) else { continue }
      guard let age = now.since(Timestamp(nanoseconds: stamp)), age.nanoseconds >= 0 else { return nil }
      return ages.count { age >= .days($0) }
    }
    return nil
  }
}
