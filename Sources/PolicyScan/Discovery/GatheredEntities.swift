internal import PolicyCore

/// Entities that a scan found and, between them, such as it takes over from an earlier snapshot. What lies side by side there
/// is taken over together; where that is all there is, nothing is copied.
struct GatheredEntities {
  /// What an earlier snapshot has.
  private let earlier: [Entity]
  /// The index of their root in the snapshot that is being made.
  private let root: Int
  private var entities: [Entity] = []
  /// Places in `earlier` that stand behind `entities`, and are not copied yet.
  private var pending = 0..<0

  init(earlier: [Entity], root: Int) {
    self.earlier = earlier
    self.root = root
  }

  var count: Int { entities.count + pending.count }

  mutating func reserve(_ count: Int) { entities.reserveCapacity(count) }

  mutating func append(_ entity: borrowing Entity) {
    settle()
    entities.append(copy entity)
  }

  /// Takes over what an earlier snapshot has at some places.
  mutating func take(_ places: Range<Int>) {
    if places.isEmpty { return }
    if pending.isEmpty {
      pending = places
    } else if pending.upperBound == places.lowerBound {
      pending = pending.lowerBound..<places.upperBound
    } else {
      settle()
      pending = places
    }
  }

  /// These and then others, of the same root.
  consuming func followed(by next: consuming GatheredEntities) -> [Entity] {
    if next.entities.isEmpty {
      take(next.pending)
    } else {
      settle()
      next.settle()
      entities += next.entities
    }
    if entities.isEmpty, pending == earlier.indices, earlier.first?.root ?? root == root { return earlier }
    settle()
    return entities
  }

  private mutating func settle() {
    if pending.isEmpty { return }
    let first = entities.count
    entities += earlier[pending]
    if earlier[pending.lowerBound].root != root {
      for index in first..<entities.count { entities[index].root = root }
    }
    pending = 0..<0
  }
}
