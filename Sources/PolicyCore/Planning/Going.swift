/// What will become of each entity, as far as it is decided; and what that does to sizes.
struct Going {
  enum Fate { case stays, trash, archive }
  private(set) var fates: [Fate]
  /// Going itself or with something above it.
  private(set) var isGoing: [Bool]
  let tree: EntityTree

  init(_ tree: EntityTree) {
    self.tree = tree
    fates = [Fate](repeating: .stays, count: tree.entities.count)
    isGoing = [Bool](repeating: false, count: tree.entities.count)
  }

  mutating func set(_ entity: Int, _ fate: Fate) {
    fates[entity] = fate
    tree.forEachAtOrBelow(entity) { isGoing[$0] = true }
  }

  /// A fate of its own that does not drown in that of something above it.
  func acts(_ entity: Int) -> Bool {
    guard fates[entity] != .stays else { return false }
    guard let parent = tree.parents[entity] else { return true }
    return !isGoing[parent]
  }
}

/// Who lies in whom.
struct EntityTree {
  let entities: [Entity]
  let parents: [Int?]
  /// Children of each entity, in table order: `children[firstChild[e]..<firstChild[e + 1]]`.
  private let children: [Int]
  private let firstChild: [Int]

  init(_ entities: [Entity], parents: [Int?]) {
    self.entities = entities
    self.parents = parents
    var counts = [Int](repeating: 0, count: entities.count + 1)
    for parent in parents { if let parent { counts[parent + 1] += 1 } }
    for index in 1..<counts.count { counts[index] += counts[index - 1] }
    var slots = counts
    var children = [Int](repeating: 0, count: counts.last ?? 0)
    for (index, parent) in parents.enumerated() {
      if let parent {
        children[slots[parent]] = index
        slots[parent] += 1
      }
    }
    self.children = children
    self.firstChild = counts
  }

  func children(of entity: Int) -> ArraySlice<Int> { children[firstChild[entity]..<firstChild[entity + 1]] }

  func forEachAtOrBelow(_ entity: Int, _ body: (Int) -> Void) {
    var pending = [entity]
    while let next = pending.popLast() {
      body(next)
      pending.append(contentsOf: children(of: next))
    }
  }

  func allAtOrBelow(_ entity: Int) -> [Int] {
    var all: [Int] = []
    forEachAtOrBelow(entity) { all.append($0) }
    return all
  }
}
