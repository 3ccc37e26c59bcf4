internal import PolicyCore

/// A column of a table as facts of checkpoints are taken from it: a plain number goes from the bytes of the file to packed ones
/// and is never made a value.
struct PlainColumn {
  /// The number of the fact's name.
  private let name: Int
  private let rows: CountedRows
  private let column: Int
  private let largest: UInt64

  /// `nil` where not every plain number would be a fact as it is written.
  init?(_ column: MetricSeries.Column, name: Int) {
    guard let (rows, place) = column.written, let largest = FixedNumber.largest(column.metric.type) else { return nil }
    self.largest = largest
    (self.name, self.rows, self.column) = (name, rows, place)
  }

  /// Sets the fact of a row; false where the cell is anything but a plain number that the type allows: `MetricFacts` tells
  /// what it is.
  func set(_ row: Int, _ packer: inout EntityPacker) -> Bool {
    let cell = rows.table.bounds(rows.places[row], column)
    return unsafe rows.table.bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, !cell.isEmpty, unsafe !ByteScan.isBlank(bytes[cell.lowerBound]),
        unsafe !ByteScan.isBlank(bytes[cell.upperBound - 1]),
        unsafe FixedNumber.read(base, cell.lowerBound, cell.upperBound) <= largest
      else { return false }
      unsafe packer.set(name, number: UnsafeRawBufferPointer(rebasing: bytes[cell]))
      return true
    }
  }
}
