/// Sorts candidates for eviction: the keys of `order`, then older first, then (of checkpoints) the lower
/// epoch, step or number first and unknown ones last, then host, root and path.
struct EvictionOrder {
  private enum Key {
    case value(BoundOperand, ascending: Bool, missing: OrderKey.MissingPlace?)
    case condition(BoundCondition, first: Bool)
  }
  private enum Place {
    case known(Constant)
    case missing(OrderKey.MissingPlace)
    case truth(Bool)
  }
  private let keys: [Key]
  private let stamp: BoundFact
  private let progress: ProgressReader
  private let facts: FactReader

  init(_ order: [OrderKey], on kind: EntityKind, _ policy: Policy, _ facts: FactReader) {
    self.facts = facts
    let defaultStamp = policy.defaultStamp(kind)
    stamp = facts.bind(defaultStamp, on: kind)
    progress = ProgressReader(kind, facts)
    keys = order.map { key in
      switch key {
      case .fact(let operand, let ascending, let missing):
        .value(
          BoundOperand(
            fact: facts.bind(operand.fact, on: kind), isAge: operand.isAge, fallback: operand.fallback,
            spelled: operand.fact.spelled), ascending: ascending, missing: missing)
      case .condition(let condition, let first):
        .condition(BoundCondition(condition, on: kind, facts, defaultStamp: defaultStamp), first: first)
      }
    }
  }

  /// Those of `entities` whose every key can be placed, in order of eviction. A key that is unreadable, or missing
  /// without `missing first|last`, makes an entity no candidate.
  func sorted(_ entities: [Int]) -> [Int] {
    entities.compactMap { entity in places(entity).map { (entity, $0, time(entity)) } }
      .sorted { left, right in
        for (index, key) in keys.enumerated() {
          if let earlier = Self.precedes(left.1[index], right.1[index], key) { return earlier }
        }
        if left.2 != right.2 {
          guard let a = left.2 else { return false }
          guard let b = right.2 else { return true }
          return a < b
        }
        return Progress.precedes(progress.read(left.0), progress.read(right.0), isLaterFirst: false)
          ?? (left.0 < right.0)
      }
      .map(\.0)
  }

  private func places(_ entity: Int) -> [Place]? {
    var places: [Place] = []
    for key in keys {
      switch key {
      case .condition(let condition, _): places.append(.truth(condition.truth(of: entity, facts).must))
      case .value(let operand, _, let missing):
        switch operand.read(entity, facts) {
        case .known(let constant): places.append(.known(constant))
        case .missing:
          guard let missing else { return nil }
          places.append(.missing(missing))
        case .set, .unreadable: return nil
        }
      }
    }
    return places
  }

  /// `nil` when the key does not tell them apart.
  private static func precedes(_ left: Place, _ right: Place, _ key: Key) -> Bool? {
    switch (left, right) {
    case (.truth(let a), .truth(let b)):
      guard a != b, case .condition(_, let first) = key else { return nil }
      return a == first
    case (.known(let a), .known(let b)):
      guard a != b, case .value(_, let ascending, _) = key else { return nil }
      return ascending ? Constant.ranks(a, before: b) : Constant.ranks(b, before: a)
    case (.missing(let place), .known): return place == .first
    case (.known, .missing(let place)): return place == .last
    case (.missing, .missing), (.truth, _), (_, .truth): return nil
    }
  }

  private func time(_ entity: Int) -> Timestamp? {
    guard case .known(.time(let time)) = facts.read(stamp, of: entity) else { return nil }
    return time
  }
}
