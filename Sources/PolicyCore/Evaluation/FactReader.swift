/// Reads facts of a table of entities, at one moment.
final class FactReader {
  let entities: [Entity]
  let parents: ParentTable
  let roots: [Root]
  let now: Timestamp
  private let runTypes: [String: FactType]
  private let checkpointTypes: [String: FactType]
  /// Where entities of a kind stand: a table in canonical order has one stretch of each kind and root.
  private let stretches: [(kind: EntityKind, range: Range<Int>)]

  init(entities: [Entity], parents: ParentTable, roots: [Root], now: Timestamp, schema: FactSchema) {
    self.entities = entities
    self.parents = parents
    self.roots = roots
    self.now = now
    runTypes = Dictionary(schema.runs.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    checkpointTypes = Dictionary(schema.checkpoints.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    stretches = Self.stretches(entities)
  }

  private static func stretches(_ entities: [Entity]) -> [(kind: EntityKind, range: Range<Int>)] {
    var (stretches, start): ([(kind: EntityKind, range: Range<Int>)], Int) = ([], 0)
    for index in entities.indices where index + 1 == entities.count || entities[index + 1].kind != entities[index].kind
    {
      stretches.append((entities[index].kind, start..<index + 1))
      start = index + 1
    }
    return stretches
  }

  /// The entities of a kind, in table order.
  func ranges(of kind: EntityKind) -> [Range<Int>] { stretches.filter { $0.kind == kind }.map(\.range) }

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
    switch fact.source {
    case .stored:
      // Borrowed where it stands: copying an entity counts three references.
      let all = entities
      let span = all.span
      return fact.reading(of: span[subject], now: now)
    case _ where fact.type == nil || isUnreadable(fact, subject): return .unreadable
    case .name: return .known(.text(name(of: subject)))
    case .path: return .known(.text(entities[subject].path))
    case .host: return .known(.text(roots[entities[subject].root].host))
    case .root: return .known(.text(roots[entities[subject].root].path))
    case .layout: return .known(.text(ByteString(entities[subject].layout)))
    }
  }

  private func isUnreadable(_ fact: BoundFact, _ entity: Int) -> Bool {
    entities[entity].withFacts { bytes, start in
      var position = start
      return fact.isUnreadable(bytes, &position)
    }
  }

  /// `now − stamp`; a stamp after `now` has already been found unreadable.
  func age(_ fact: BoundFact, of entity: Int) -> Reading {
    read(fact, of: entity).age(now)
  }

  private func name(of entity: Int) -> ByteString {
    let path = entities[entity].path
    return path.isEmpty ? roots[entities[entity].root].path.lastComponent : path.lastComponent
  }
}
