internal import PolicyCore

/// A column of a table as facts of checkpoints are taken from it: a plain number goes from the bytes of the file to packed ones
/// and is never made a value.
struct PlainColumn {
  /// The number of the fact's name.
  private let name: Int
  private let rows: CountedRows
  private let column: Int
  private let most: UInt64

  /// `nil` where not every plain number would be a fact as it is written.
  init?(_ column: MetricSeries.Column, name: Int) {
    guard let (rows, place) = column.written else { return nil }
    switch column.metric.type {
    case .number: most = FixedNumber.none - 1
    case .ratio: most = FixedNumber.one
    case .bool, .int, .bytes, .duration, .time, .string, .enumeration, .stringSet: return nil
    }
    (self.name, self.rows, self.column) = (name, rows, place)
  }

  /// Sets the fact of a row; false where the cell is anything but a plain number that the type allows: `MetricFacts` tells
  /// what it is.
  func set(_ row: Int, _ packer: inout EntityPacker) -> Bool {
    let end = Int(rows.places[row]) + column
    let (start, stop) = (Int(rows.table.ends[end - 1]) + 1, Int(rows.table.ends[end]))
    return unsafe rows.table.bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, stop > start, unsafe !ByteScan.isBlank(bytes[start]),
        unsafe !ByteScan.isBlank(bytes[stop - 1]), unsafe FixedNumber.read(base, start, stop) <= most
      else { return false }
      unsafe packer.set(name, number: UnsafeRawBufferPointer(rebasing: bytes[start..<stop]))
      return true
    }
  }
}
