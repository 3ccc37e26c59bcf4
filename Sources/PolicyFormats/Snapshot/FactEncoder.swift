internal import PolicyCore

/// Writes the facts of a row. What each column needs is worked out once for a shape that many rows share.
struct FactEncoder {
  private struct Column {
    let name: String
    /// Quoted, with its colon.
    let key: [UInt8]
    let isTime: Bool
  }

  private let times: Set<String>
  private var shapes: [ObjectIdentifier: [Column]] = [:]
  private var last: (shape: FactShape, columns: [Column])?

  init(_ schema: FactSchema) {
    times = Set((schema.runs + schema.checkpoints).filter { $0.type == .time }.map(\.name))
  }

  private mutating func columns(_ shape: FactShape) -> [Column] {
    if let last, last.shape === shape { return last.columns }
    let columns =
      shapes[ObjectIdentifier(shape)]
      ?? shape.names.map { name in
        Column(name: name, key: CanonicalJSON.encode(.string(name)) + [UInt8(ascii: ":")], isTime: times.contains(name))
      }
    // The identifier stays the shape's own: the snapshot that is being written holds it.
    shapes[ObjectIdentifier(shape)] = columns
    last = (shape, columns)
    return columns
  }

  /// Facts that are unreadable have no value, whatever the row holds.
  mutating func write(_ row: FactRow, to writer: inout LineWriter) {
    let columns = columns(row.shape)
    let (values, unreadable) = (row.values, row.unreadable)
    guard !needsSorting(values, columns) else {
      writer.value(json(values, unreadable, columns))
      return
    }
    writer.open()
    for (index, value) in values.enumerated() {
      guard let value, !unreadable.contains(columns[index].name) else { continue }
      writer.key(rendered: columns[index].key)
      switch value {
      case .bool(let flag): writer.bool(flag)
      case .integer(let number):
        if columns[index].isTime { writer.time(Timestamp(nanoseconds: number)) } else { writer.integer(number) }
      case .number(let text): writer.text(text)
      case .text(let text): _ = writer.name(text)
      case .set(let items): writer.value(.array(items.map { .string($0.displayText) }))
      }
    }
    writer.close()
  }

  /// A flag beside a name, or a key beyond ASCII, may belong elsewhere than behind its column.
  private func needsSorting(_ values: [FactValue?], _ columns: [Column]) -> Bool {
    for (index, value) in values.enumerated() {
      switch value {
      case .text(let text):
        if UTF8Sequence.firstFault(in: text.bytes, 0..<text.count) != nil { return true }
      case .set(let items):
        if items.contains(where: { $0.utf8Text == nil }) { return true }
      case nil, .bool, .integer, .number: break
      }
      if columns[index].key.contains(where: { $0 >= 0x80 }) { return true }
    }
    return false
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
