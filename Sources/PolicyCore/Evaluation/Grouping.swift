/// Splits entities by the facts of `per`; the tier is an implicit last one.
struct Grouping {
  private enum Part: Hashable {
    case value(Constant)
    case members([ByteString])
    case run(Int)
    /// A member whose fact is not known is a group of its own.
    case alone(Int)
    case tier(Tier)
  }
  private enum Key {
    case fact(BoundFact, String)
    case run
  }
  private let keys: [Key]
  private let facts: FactReader

  init(_ per: [GroupKey], on kind: EntityKind, _ facts: FactReader) {
    self.facts = facts
    keys = per.map { key in
      switch key {
      case .fact(let reference): .fact(facts.bind(reference, on: kind), reference.spelled)
      case .run: .run
      }
    }
  }

  /// The groups, in the order of their first members.
  func groups(_ entities: [Int]) -> [[Int]] {
    var places: [[Part]: Int] = [:]
    var groups: [[Int]] = []
    for entity in entities {
      let parts = parts(entity)
      if let place = places[parts] {
        groups[place].append(entity)
      } else {
        places[parts] = groups.count
        groups.append([entity])
      }
    }
    return groups
  }

  /// Whether every fact of `per` is known: a quota skips the others.
  func isKnown(_ entity: Int) -> Bool {
    keys.allSatisfy { key in
      switch key {
      case .run: return facts.parents[entity] != nil
      case .fact(let fact, _):
        switch facts.read(fact, of: entity) {
        case .known, .set: return true
        case .missing, .unreadable: return false
        }
      }
    }
  }

  /// The group of an entity in words: `user` `alice`.
  func words(_ entity: Int) -> [FactReading] {
    keys.map { key in
      switch key {
      case .run:
        return FactReading(fact: "run", value: facts.parents[entity].map { facts.entities[$0].path.displayText } ?? "")
      case .fact(let fact, let spelled):
        let operand = BoundOperand(fact: fact, isAge: false, spelled: spelled)
        return FactReading(fact: spelled, value: operand.words(entity, facts))
      }
    }
  }

  private func parts(_ entity: Int) -> [Part] {
    var parts: [Part] = []
    for key in keys {
      switch key {
      case .run: parts.append(facts.parents[entity].map { .run($0) } ?? .alone(entity))
      case .fact(let fact, _):
        switch facts.read(fact, of: entity) {
        case .known(let constant): parts.append(.value(constant))
        case .set(let members): parts.append(.members(members))
        case .missing, .unreadable: parts.append(.alone(entity))
        }
      }
    }
    parts.append(.tier(facts.entities[entity].tier))
    return parts
  }
}
