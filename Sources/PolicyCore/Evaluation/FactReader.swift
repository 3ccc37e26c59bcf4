/// A reference bound to a schema: its type, where its value comes from, and the column last seen in a row.
final class BoundFact {
  enum Source { case name, path, host, root, layout, stored }
  let reference: FactReference
  /// `nil` for a name that the schema does not know: reads as unreadable, which keeps.
  let type: FactType?
  let source: Source
  fileprivate var shape: FactShape?
  fileprivate var column: Int?

  init(reference: FactReference, type: FactType?, source: Source) {
    self.reference = reference
    self.type = type
    self.source = source
  }
}

/// Reads facts of a table of entities, at one moment.
///
/// INVARIANT: a value that its type does not allow (a ratio of 1.2, an unknown state, a stamp after `now`) is unreadable,
/// and an absent one is missing or its documented default. Nothing else decides what a condition gets to see.
final class FactReader {
  let entities: [Entity]
  let parents: ParentTable
  let roots: [Root]
  let now: Timestamp
  private let runTypes: [String: FactType]
  private let checkpointTypes: [String: FactType]

  init(entities: [Entity], parents: ParentTable, roots: [Root], now: Timestamp, schema: FactSchema) {
    self.entities = entities
    self.parents = parents
    self.roots = roots
    self.now = now
    runTypes = Dictionary(schema.runs.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    checkpointTypes = Dictionary(schema.checkpoints.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
  }

  func bind(_ reference: FactReference, on kind: EntityKind) -> BoundFact {
    let speaksOfRun = reference.scope == .run || kind == .run
    let type = speaksOfRun ? runTypes[reference.name] : checkpointTypes[reference.name]
    let source: BoundFact.Source =
      switch reference.name {
      case "name": .name
      case "path": .path
      case "host": .host
      case "root": .root
      case "layout": .layout
      default: .stored
      }
    return BoundFact(reference: reference, type: type, source: source)
  }

  func read(_ fact: BoundFact, of entity: Int) -> Reading {
    var subject = entity
    if fact.reference.scope == .run, entities[entity].kind == .checkpoint {
      // A checkpoint without its run cannot be asked about it.
      guard let run = parents[entity] else { return .unreadable }
      subject = run
    }
    guard let type = fact.type else { return .unreadable }
    let row = entities[subject].facts
    if row.isUnreadable(fact.reference.name) { return .unreadable }
    switch fact.source {
    case .name: return .known(.text(name(of: subject)))
    case .path: return .known(.text(entities[subject].path))
    case .host: return .known(.text(roots[entities[subject].root].host))
    case .root: return .known(.text(roots[entities[subject].root].path))
    case .layout: return .known(.text(ByteString(entities[subject].layout)))
    case .stored: break
    }
    if fact.shape !== row.shape {
      fact.shape = row.shape
      fact.column = row.shape.column(fact.reference.name)
    }
    guard let column = fact.column, let value = row.value(at: column) else {
      return Self.defaultReading(fact.reference.name, type)
    }
    return Self.check(value, against: type, now: now)
  }

  /// `now − stamp`; a stamp after `now` has already been found unreadable.
  func age(_ fact: BoundFact, of entity: Int) -> Reading {
    switch read(fact, of: entity) {
    case .known(.time(let stamp)): now.since(stamp).map { .known(.duration($0)) } ?? .unreadable
    case .missing: .missing
    case .known, .set, .unreadable: .unreadable
    }
  }

  private func name(of entity: Int) -> ByteString {
    let path = entities[entity].path
    return path.isEmpty ? roots[entities[entity].root].path.lastComponent : path.lastComponent
  }

  /// Facts that are always there have defaults; the others are missing.
  private static func defaultReading(_ name: String, _ type: FactType) -> Reading {
    switch (name, type) {
    case ("pinned", .bool), ("referenced", .bool), ("in_use", .bool), ("resumable", .bool): .known(.bool(false))
    case ("tags", .stringSet): .set([])
    case ("state", .enumeration): .known(.text("unknown"))
    case ("role", .enumeration): .known(.text("other"))
    case ("user", .string): .known(.text(""))
    case ("bytes", .bytes): .known(.bytes(0))
    case ("files", .int): .known(.number(.zero))
    default: .missing
    }
  }

  private static func check(_ value: FactValue, against type: FactType, now: Timestamp) -> Reading {
    switch (type, value) {
    case (.bool, .bool(let flag)): return .known(.bool(flag))
    case (.int, .integer(let count)): return count < 0 ? .unreadable : .known(.number(ExactDecimal(count)))
    case (.number, .integer(let count)): return .known(.number(ExactDecimal(count)))
    case (.ratio, .integer(let count)):
      return (0...1).contains(count) ? .known(.number(ExactDecimal(count))) : .unreadable
    case (.int, .number(let text)), (.number, .number(let text)), (.ratio, .number(let text)):
      guard let number = ExactDecimal(text) else { return .unreadable }
      if type == .int, number.isNegative || number.exponent < 0 { return .unreadable }
      if type == .ratio, number.isNegative || number > ExactDecimal(1) { return .unreadable }
      return .known(.number(number))
    case (.bytes, .integer(let count)): return count < 0 ? .unreadable : .known(.bytes(count))
    case (.duration, .integer(let count)): return .known(.duration(TimeSpan(nanoseconds: count)))
    case (.time, .integer(let count)):
      return count > now.nanoseconds ? .unreadable : .known(.time(Timestamp(nanoseconds: count)))
    case (.string, .text(let text)): return .known(.text(text))
    case (.enumeration(let members), .text(let text)):
      return members.contains { Array($0.utf8) == text.bytes } ? .known(.text(text)) : .unreadable
    case (.stringSet, .set(let members)): return .set(members)
    default: return .unreadable
    }
  }
}
