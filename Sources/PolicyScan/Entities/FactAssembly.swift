internal import PolicyCore
internal import PolicyFiles

/// Collects the facts of one entity and makes a row of them.
struct FactAssembly {
  private var known: [(name: String, value: FactValue)] = []
  private var unreadable: [String] = []

  init() { known.reserveCapacity(24) }

  mutating func set(_ name: String, _ value: FactValue?) {
    if let value { known.append((name, value)) }
  }

  mutating func set(_ name: String, _ fact: Fact) {
    switch fact {
    case .value(let value): known.append((name, value))
    case .missing: break
    case .unreadable: unreadable.append(name)
    }
  }

  /// A fact of the policy's own takes the place of what a layout says under the same name.
  mutating func replace(_ name: String, _ fact: Fact) {
    known.removeAll { $0.name == name }
    unreadable.removeAll { $0 == name }
    set(name, fact)
  }

  mutating func row(_ shapes: inout ShapeTable) -> FactRow {
    let (shape, order) = shapes.shape(known)
    return FactRow(shape: shape, values: order.map { known[$0].value }, unreadable: unreadable)
  }
}

/// Entities with the same facts share one list of names.
struct ShapeTable {
  private struct Order {
    let names: [String]
    let shape: FactShape
    let places: [Int]
  }
  private var shapes: [[String]: FactShape] = [:]
  /// Entities mostly have the facts of one met before, set in the same order: then neither sorting nor hashing is needed.
  private var orders: [Order] = []
  private static let mostOrders = 8

  /// The shape of some facts, and for each of its names the place among `known`.
  mutating func shape(_ known: [(name: String, value: FactValue)]) -> (shape: FactShape, order: [Int]) {
    for index in orders.indices where Self.fits(orders[index].names, known) {
      return (orders[index].shape, orders[index].places)
    }
    let names = known.map(\.name)
    let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
    let sorted = order.map { names[$0] }
    let shape = shapes[sorted] ?? FactShape(sorted)
    shapes[sorted] = shape
    if orders.count == Self.mostOrders { orders.removeFirst() }
    orders.append(Order(names: names, shape: shape, places: order))
    return (shape, order)
  }

  private static func fits(_ names: [String], _ known: [(name: String, value: FactValue)]) -> Bool {
    guard names.count == known.count else { return false }
    // The end tells more than the beginning, which all have in common.
    for index in names.indices.reversed() where names[index] != known[index].name { return false }
    return true
  }
}

extension Identity {
  init(_ summary: TreeSummary) {
    let status = summary.status
    let type: FileType =
      switch status.type {
      case .directory: .directory
      case .regular: .file
      case .symlink: .symlink
      case .other: .other
      }
    self.init(
      type: type, uid: status.uid, device: status.device, inode: status.inode, mountID: status.mountID,
      size: status.type == .directory ? 0 : status.size, modified: Timestamp(nanoseconds: status.modified),
      changed: Timestamp(nanoseconds: status.changed), born: status.born.map { Timestamp(nanoseconds: $0) },
      entries: summary.entries, bytes: summary.allocatedBytes,
      newestModified: Timestamp(nanoseconds: summary.newestModified),
      newestChanged: Timestamp(nanoseconds: summary.newestChanged), treeDigest: summary.digestText)
  }
}

extension HardLink {
  init(_ linked: LinkedInode) {
    self.init(
      device: linked.device, inode: linked.inode, bytes: linked.allocatedBytes, total: linked.total,
      inside: linked.inside)
  }
}
