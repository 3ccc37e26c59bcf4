internal import PolicyCore
internal import PolicyFiles

/// Collects the facts of one entity and makes a row of them.
struct FactAssembly {
  private var known: [(name: String, value: FactValue)] = []
  private var unreadable: [String] = []

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
    known.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return FactRow(shape: shapes.shape(known.map(\.name)), values: known.map(\.value), unreadable: unreadable)
  }
}

/// Entities with the same facts share one list of names.
struct ShapeTable {
  private var shapes: [[String]: FactShape] = [:]

  mutating func shape(_ names: [String]) -> FactShape {
    if let known = shapes[names] { return known }
    let shape = FactShape(names)
    shapes[names] = shape
    return shape
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
