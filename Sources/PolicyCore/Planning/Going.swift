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

/// The innermost run that holds each entity, if any. Four bytes an entity, because there are very many.
struct ParentTable {
  private let indices: [Int32]

  init(_ entities: [Entity]) { indices = entities.map { $0.parent.map { Int32($0) } ?? -1 } }
  init(_ parents: [Int?]) { indices = parents.map { $0.map { Int32($0) } ?? -1 } }

  subscript(_ entity: Int) -> Int? { indices[entity] < 0 ? nil : Int(indices[entity]) }
}

/// Who lies in whom.
struct EntityTree {
  let entities: [Entity]
  let parents: ParentTable
  /// Children of each entity, in table order: `children[firstChild[e]..<firstChild[e + 1]]`.
  private let children: [Int32]
  private let firstChild: [Int32]

  init(_ entities: [Entity], parents: ParentTable) {
    self.entities = entities
    self.parents = parents
    var counts = [Int32](repeating: 0, count: entities.count + 1)
    for entity in entities.indices { if let parent = parents[entity] { counts[parent + 1] += 1 } }
    for index in 1..<counts.count { counts[index] += counts[index - 1] }
    var slots = counts
    var children = [Int32](repeating: 0, count: Int(counts.last ?? 0))
    for entity in entities.indices {
      if let parent = parents[entity] {
        children[Int(slots[parent])] = Int32(entity)
        slots[parent] += 1
      }
    }
    self.children = children
    self.firstChild = counts
  }

  func children(of entity: Int) -> some Collection<Int> {
    children[Int(firstChild[entity])..<Int(firstChild[entity + 1])].lazy.map { Int($0) }
  }

  /// In no order that anything may depend on.
  func forEachAtOrBelow(_ entity: Int, _ body: (Int) -> Void) {
    var pending = [entity]
    while let next = pending.popLast() {
      body(next)
      // Most have nothing below them.
      for child in children(of: next) { if isLeaf(child) { body(child) } else { pending.append(child) } }
    }
  }

  private func isLeaf(_ entity: Int) -> Bool { firstChild[entity] == firstChild[entity + 1] }

  /// The entity itself, whatever its kind, and the runs below it, in table order.
  func withRunsBelow(_ entity: Int) -> [Int] {
    var all = [entity]
    forEachAtOrBelow(entity) { if $0 != entity, entities[$0].kind == .run { all.append($0) } }
    return all.count == 1 ? all : all.sorted()
  }

  /// What stands above before what stands below, and later children before earlier ones: where two tell different sizes of one
  /// inode, sums depend on this order.
  func allAtOrBelow(_ entity: Int) -> [Int] {
    var (all, pending): ([Int], [Int]) = ([], [entity])
    while let next = pending.popLast() {
      all.append(next)
      pending.append(contentsOf: children(of: next))
    }
    return all
  }
}
