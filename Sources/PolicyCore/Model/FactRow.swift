/// The names of a row's facts, sorted by UTF-8 bytes, shared by every entity of the same kind of file.
public final class FactShape: Sendable {
  public let names: [String]
  /// The column of `bytes`, which sums over very many entities need.
  let bytesColumn: Int?

  /// `names` may come in any order; duplicates are dropped.
  public init(_ names: [String]) {
    var sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var write = 0
    for index in sorted.indices where index == 0 || sorted[index] != sorted[write - 1] {
      sorted[write] = sorted[index]
      write += 1
    }
    self.names = Array(sorted.prefix(write))
    bytesColumn = self.names.firstIndex(of: "bytes")
  }

  /// The column of a fact, by binary search.
  public func column(_ name: String) -> Int? {
    var (low, high) = (0, names.count)
    while low < high {
      let middle = (low + high) / 2
      if names[middle].utf8.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
    }
    return low < names.count && names[low] == name ? low : nil
  }
}

/// The facts that a snapshot records of one entity: one value (or none) for each name of the shape.
public struct FactRow: Sendable {
  public let shape: FactShape
  /// Holds the unreadable names and then one packed value a name, among other things of the entity's.
  let storage: [UInt8]
  let range: Range<Int>

  public init(shape: FactShape, values: [FactValue?], unreadable: [String] = []) {
    precondition(shape.names.count == values.count, "one value a name")
    var writer = PackedWriter(capacity: 16 + values.count * 6)
    writer.unsigned(UInt64(unreadable.count))
    for name in unreadable.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { writer.text(name.utf8) }
    for value in values { writer.value(value) }
    self.init(shape: shape, storage: writer.bytes, range: writer.bytes.indices)
  }

  init(shape: FactShape, storage: [UInt8], range: Range<Int>) {
    (self.shape, self.storage, self.range) = (shape, storage, range)
  }

  /// For tests and hand-written rows: a shape of its own.
  public init(_ facts: [String: FactValue], unreadable: [String] = []) {
    let shape = FactShape(Array(facts.keys))
    self.init(shape: shape, values: shape.names.map { facts[$0] }, unreadable: unreadable)
  }

  /// Names of facts whose source cannot be believed, sorted; usually empty.
  public var unreadable: [String] {
    var reader = PackedReader(storage, at: range.lowerBound)
    return (0..<Int(reader.unsigned())).map { _ in String(decoding: reader.text(), as: UTF8.self) }
  }

  public var hasUnreadable: Bool { storage[range.lowerBound] != 0 }

  private var firstValue: PackedReader {
    var reader = PackedReader(storage, at: range.lowerBound)
    for _ in 0..<Int(reader.unsigned()) { reader.skipText() }
    return reader
  }

  /// The values one by one, as they lie packed: for writers that need no `FactValue` of each.
  package var cells: FactCells { FactCells(firstValue, count: shape.names.count) }

  /// Parallel to `shape.names`; `nil` is missing.
  public var values: [FactValue?] {
    var reader = firstValue
    return shape.names.map { _ in reader.value() }
  }

  /// The value in one column of the shape.
  public func value(at column: Int) -> FactValue? {
    var reader = firstValue
    for _ in 0..<column { reader.skipValue() }
    return reader.value()
  }

  public func isUnreadable(_ name: String) -> Bool { hasUnreadable && unreadable.contains(name) }

  public func fact(_ name: String) -> Fact {
    if isUnreadable(name) { return .unreadable }
    guard let column = shape.column(name), let value = value(at: column) else { return .missing }
    return .value(value)
  }

  /// Known facts in name order, for writing.
  public var known: [(name: String, value: FactValue)] {
    zip(shape.names, values).compactMap { name, value in value.map { (name, $0) } }
  }
}

extension FactRow: Equatable {
  public static func == (left: FactRow, right: FactRow) -> Bool {
    if left.shape === right.shape, left.storage[left.range] == right.storage[right.range] { return true }
    return left.unreadable == right.unreadable
      && left.known.elementsEqual(right.known) { $0.name == $1.name && $0.value == $1.value }
  }
}
