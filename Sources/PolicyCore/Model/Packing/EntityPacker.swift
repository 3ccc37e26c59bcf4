/// Packs entities as a scan finds them: the facts of one, then what else there is of it, then the next; those of one run lie
/// behind each other in bytes that they share.
///
/// Names of facts are numbers here, so that nothing of the very many entities is compared, sorted or copied as text.
package struct EntityPacker {
  private struct Order {
    let names: [Int]
    let shape: FactShape
    /// For each name of the shape its place among those that were set.
    let places: [Int]
    /// Whether they were set in the order of the shape.
    let isSorted: Bool
  }
  private struct Part {
    let start: Int
    let shape: FactShape
    let kind: EntityKind
    let notes: [ScanNote]
    let links: [HardLink]
    let backups: [BackupRecord]
  }

  private var numbers: [String: Int] = [:]
  private var texts: [String] = []
  private var shapes: [[String]: FactShape] = [:]
  /// Entities mostly have the facts of one met before, set in the same order.
  private var orders: [Order] = []
  private static let mostOrders = 8

  // Of the entity that is being collected: names in the order in which they were set, and where the value of each ends.
  private var names: [Int] = []
  private var ends: [Int] = []
  private var values = PackedWriter(capacity: 512)
  private var unreadable: [Int] = []

  // Of the group.
  private var group = PackedWriter(capacity: 4096)
  private var parts: [Part] = []

  package init() {}

  /// The number of a name, the same for every entity.
  package mutating func name(_ text: String) -> Int {
    if let number = numbers[text] { return number }
    let number = texts.count
    numbers[text] = number
    texts.append(text)
    return number
  }

  package mutating func set(_ name: Int, _ value: FactValue?) {
    guard let value else { return }
    values.value(value)
    names.append(name)
    ends.append(values.bytes.count)
  }

  /// A number as it is written.
  package mutating func set(_ name: Int, number letters: UnsafeRawBufferPointer) {
    unsafe values.number(letters)
    names.append(name)
    ends.append(values.bytes.count)
  }

  package mutating func set(_ name: Int, text letters: UnsafeRawBufferPointer) {
    values.byte(PackedCell.text)
    unsafe values.text(letters)
    names.append(name)
    ends.append(values.bytes.count)
  }

  /// The facts that were set are those of nothing.
  package mutating func forget() {
    names.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    values.removeAll()
    unreadable.removeAll(keepingCapacity: true)
  }

  package mutating func set(_ name: Int, _ fact: Fact) {
    switch fact {
    case .value(let value): set(name, value)
    case .missing: break
    case .unreadable: unreadable.append(name)
    }
  }

  /// Takes the place of what was set under the same name.
  package mutating func replace(_ name: Int, _ fact: Fact) {
    unreadable.removeAll { $0 == name }
    if let place = names.firstIndex(of: name) {
      let range = range(place)
      values.remove(range)
      names.remove(at: place)
      ends.remove(at: place)
      for later in place..<ends.count { ends[later] -= range.count }
    }
    set(name, fact)
  }

  private func range(_ place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }

  /// The entity is complete: the next facts are those of another one.
  ///
  /// - Parameter digest: the 32 bytes that belong into `identity.treeDigest`, where that is empty.
  package mutating func add(
    kind: EntityKind, path: borrowing Span<UInt8>, layout: String, notes: [ScanNote] = [], links: [HardLink] = [],
    backups: [BackupRecord] = [], identity: Identity?, digest: [UInt8] = []
  ) {
    let order = order()
    parts.append(
      Part(start: group.bytes.count, shape: order.shape, kind: kind, notes: notes, links: links, backups: backups))
    group.unsigned(UInt64(path.count))
    group.raw(path, path.indices)
    let unreadable = self.unreadable.map { texts[$0] }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let count = UInt64(unreadable.count)
    let length = unreadable.reduce(values.bytes.count) {
      $0 + $1.utf8.count + PackedWriter.width(UInt64($1.utf8.count))
    }
    group.unsigned(UInt64(length + PackedWriter.width(count)))
    group.unsigned(count)
    for name in unreadable { group.text(name.utf8) }
    if order.isSorted {
      group.raw(values.bytes[...])
    } else {
      for place in order.places { group.raw(values.bytes[range(place)]) }
    }
    group.layout(layout)
    if let identity, identity.treeDigest.isEmpty {
      group.identity(identity, digest: digest)
    } else {
      group.identity(identity)
    }
    forget()
  }

  private mutating func order() -> Order {
    for order in orders where order.names == names { return order }
    let places = names.indices.sorted { texts[names[$0]].utf8.lexicographicallyPrecedes(texts[names[$1]].utf8) }
    let sorted = places.map { texts[names[$0]] }
    let shape = shapes[sorted] ?? FactShape(sorted)
    precondition(shape.names.count == places.count, "no fact is set twice")
    shapes[sorted] = shape
    if orders.count == Self.mostOrders { orders.removeFirst() }
    let order = Order(names: names, shape: shape, places: places, isSorted: places.elementsEqual(places.indices))
    orders.append(order)
    return order
  }

  /// How many were added since the last group.
  package var count: Int { parts.count }

  /// The entities that were added since the last group, in their order.
  package mutating func takeGroup(root: Int) -> [Entity] {
    // A copy has no room to spare; these bytes are most of what a scan keeps in memory.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(group.bytes.count)
    bytes += group.bytes
    let entities = parts.map { part in
      Entity(
        packed: bytes, at: part.start, shape: part.shape, kind: part.kind, tier: .live, root: root, notes: part.notes,
        links: part.links, backups: part.backups)
    }
    group.removeAll()
    parts.removeAll(keepingCapacity: true)
    return entities
  }
}
