internal import PolicyCore

/// Writes the facts of a row. What each column needs is worked out once for a shape that many rows share.
struct FactEncoder {
  private struct Column {
    let name: String
    /// Quoted, with its colon.
    let key: [UInt8]
    let isTime: Bool
  }

  private struct Columns {
    let list: [Column]
    /// A key beyond ASCII may belong elsewhere than its place in the shape.
    let areInOrder: Bool
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

  private mutating func columns(_ shape: FactShape) -> Columns {
    if let last, last.shape === shape { return last.columns }
    let columns = shapes[ObjectIdentifier(shape)] ?? render(shape)
    // The identifier stays the shape's own: the snapshot that is being written holds it.
    shapes[ObjectIdentifier(shape)] = columns
    last = (shape, columns)
    return columns
  }

  private func render(_ shape: FactShape) -> Columns {
    let list = shape.names.map { name in
      Column(name: name, key: CanonicalJSON.encode(.string(name)) + [UInt8(ascii: ":")], isTime: times.contains(name))
    }
    return Columns(list: list, areInOrder: list.allSatisfy { $0.key.allSatisfy { $0 < 0x80 } })
  }

  /// Facts that are unreadable have no value, whatever the row holds.
  mutating func write(_ row: FactRow, to writer: inout JSONWriter) {
    let columns = columns(row.shape)
    let start = writer.mark
    if columns.areInOrder, !row.hasUnreadable, quick(row, columns.list, to: &writer) { return }
    writer.goBack(to: start)
    writer.value(json(row.values, row.unreadable, columns.list))
    writer.endValue()
  }

  /// Writes straight from the packed values; false where a name needs a flag beside it, which belongs elsewhere.
  private func quick(_ row: FactRow, _ columns: [Column], to writer: inout JSONWriter) -> Bool {
    var cells = row.cells
    // Held once: each look at the bytes would count a reference else.
    let bytes = cells.bytes
    writer.open()
    for index in columns.indices {
      guard let cell = cells.next() else { break }
      if case .missing = cell { continue }
      writer.key(rendered: columns[index].key)
      switch cell {
      case .missing: break
      case .bool(let flag): writer.bool(flag)
      case .integer(let number):
        if columns[index].isTime { writer.time(Timestamp(nanoseconds: number)) } else { writer.integer(number) }
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

  private func json(_ values: [FactValue?], _ unreadable: [String], _ columns: [Column]) -> JSONValue {
    var object = JSONObject()
    for (column, value) in zip(columns, values) where !unreadable.contains(column.name) {
      switch value {
      case nil: break
      case .bool(let flag): object[column.name] = .bool(flag)
      case .integer(let number):
        object[column.name] =
          column.isTime ? .string(Timestamp(nanoseconds: number).rfc3339) : .integer(number)
      case .number(let text): object[column.name] = .string(text)
      case .text(let text): object.set(column.name, name: text)
      case .set(let items): object.set(column.name, names: items)
      }
    }
    return .object(object)
  }
}
