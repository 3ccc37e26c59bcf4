internal import PolicyCore

/// Writes the facts of a row. What each column needs is worked out once for a shape that many rows share.
struct FactEncoder {
  /// A class, because several threads write rows of one shape: lists would count their references to the same things.
  private final class Columns: Sendable {
    let names: [String]
    /// Each with a comma before it, quoted, with its colon; and where each ends.
    let keys: [UInt8]
    let ends: [Int]
    let areTimes: [Bool]
    /// A key beyond ASCII may belong elsewhere than its place in the shape.
    let areInOrder: Bool

    init(_ shape: FactShape, _ times: Set<String>) {
      names = shape.names
      var (keys, ends): ([UInt8], [Int]) = ([], [])
      for name in shape.names {
        keys.append(UInt8(ascii: ","))
        keys += CanonicalJSON.encode(.string(name))
        keys.append(UInt8(ascii: ":"))
        ends.append(keys.count)
      }
      (self.keys, self.ends) = (keys, ends)
      areTimes = shape.names.map { times.contains($0) }
      areInOrder = keys.allSatisfy { $0 < 0x80 }
    }
  }

  private let times: Set<String>
  private var shapes: [ObjectIdentifier: Columns] = [:]
  private var last: (shape: FactShape, columns: Columns)?

  init(_ schema: FactSchema) {
    times = Self.times(schema)
  }

  /// Names of the facts that are written as times.
  static func times(_ schema: FactSchema) -> Set<String> {
    Set((schema.runs + schema.checkpoints).filter { $0.type == .time }.map(\.name))
  }

  /// Works out what rows of these entities need, so that copies for several threads have it.
  mutating func prepare(for entities: ArraySlice<Entity>) {
    for index in entities.indices { _ = columns(entities[index].shape) }
  }

  private mutating func columns(_ shape: FactShape) -> Columns {
    if let last, last.shape === shape { return last.columns }
    // The identifier stays the shape's own: the snapshot that is being written holds it.
    let columns = shapes[ObjectIdentifier(shape)] ?? Columns(shape, times)
    shapes[ObjectIdentifier(shape)] = columns
    last = (shape, columns)
    return columns
  }

  /// Facts that are unreadable have no value, whatever the row holds.
  mutating func write(_ row: FactRow, to writer: inout JSONWriter) {
    let columns = columns(row.shape)
    let start = writer.mark
    if columns.areInOrder, !row.hasUnreadable, quick(row, columns, to: &writer) { return }
    writer.goBack(to: start)
    writer.value(json(row.values, row.unreadable, columns))
    writer.endValue()
  }

  /// Writes straight from the packed values; false where a name needs a flag beside it, which belongs elsewhere.
  private func quick(_ row: FactRow, _ columns: Columns, to writer: inout JSONWriter) -> Bool {
    var cells = row.cells
    // Held once: each look at the bytes would count a reference else.
    let bytes = cells.bytes
    let (keys, ends, areTimes) = (columns.keys, columns.ends, columns.areTimes)
    var start = 0
    writer.open()
    for index in ends.indices {
      guard let cell = cells.next() else { break }
      let key = start..<ends[index]
      start = key.upperBound
      if case .missing = cell { continue }
      writer.key(keys.span, key)
      switch cell {
      case .missing: break
      case .bool(let flag): writer.bool(flag)
      case .integer(let number):
        if areTimes[index] { writer.time(Timestamp(nanoseconds: number)) } else { writer.integer(number) }
      case .digits(let start, let count): writer.digits(bytes, from: start, count: count)
      case .number(let range): writer.text(String(decoding: bytes[range], as: UTF8.self))
      case .text(let range): if writer.name(bytes[range]) { return false }
      case .set(let items):
        if items.contains(where: { $0.utf8Text == nil }) { return false }
        writer.value(.array(items.map { .string($0.displayText) }))
      }
    }
    writer.close()
    return true
  }

  private func json(_ values: [FactValue?], _ unreadable: [String], _ columns: Columns) -> JSONValue {
    var object = JSONObject()
    for ((name, isTime), value) in zip(zip(columns.names, columns.areTimes), values) where !unreadable.contains(name) {
      switch value {
      case nil: break
      case .bool(let flag): object[name] = .bool(flag)
      case .integer(let number):
        object[name] =
          isTime ? .string(Timestamp(nanoseconds: number).rfc3339) : .integer(number)
      case .number(let text): object[name] = .string(text)
      case .text(let text): object.set(name, name: text)
      case .set(let items): object.set(name, names: items)
      }
    }
    return .object(object)
  }
}
