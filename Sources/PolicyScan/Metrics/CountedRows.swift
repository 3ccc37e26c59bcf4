internal import PolicyCore

/// The rows of a table that count, and their numbers. Cells are found from here when somebody asks for a column.
final class CountedRows {
  let table: CSVTable
  /// Strictly rising.
  let numbers: [Int64]
  /// For each of them the place of its first cell among the ends of the table's cells.
  let places: [UInt32]
  /// Lines that were no rows, and rows whose number was none.
  let bad: Int
  let restarts: Int
  /// Smallest number anywhere in the file.
  let lowest: Int64?

  /// The numbers stand in `column`.
  init(_ table: CSVTable, numberedBy column: Int) {
    var reading = Reading(bad: table.badLines)
    var numbers: [Int64] = []
    places = unsafe [UInt32](unsafeUninitializedCapacity: table.rows.count) { places, count in
      numbers = unsafe [Int64](unsafeUninitializedCapacity: table.rows.count) { numbers, kept in
        unsafe kept = reading.read(table, column, numbers, places)
      }
      count = numbers.count
    }
    self.table = table
    self.numbers = numbers
    (bad, restarts, lowest) = (reading.bad, reading.restarts, reading.lowest < 0 ? nil : reading.lowest)
  }

  private struct Reading {
    var bad: Int
    var restarts = 0
    var lowest: Int64 = -1

    /// How many rows count.
    mutating func read(
      _ table: CSVTable, _ column: Int, _ numbers: UnsafeMutableBufferPointer<Int64>,
      _ places: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
      let (text, all, found) = (table.bytes, table.ends, table.rows)
      let (bytes, ends, rows) = (text.span, all.span, found.span)
      var repeats = table.headerRepeats[...]
      var (count, last) = (0, Int64(-1))
      for row in rows.indices {
        while let first = repeats.first, first <= row {
          repeats = repeats.dropFirst()
          if count > 0 { (restarts, count, last) = (restarts + 1, 0, -1) }
        }
        let end = Int(rows[row]) + column
        let number = Self.number(bytes, Int(ends[end - 1]) + 1, Int(ends[end]))
        guard number >= 0 else {
          bad += 1
          continue
        }
        if lowest < 0 || number < lowest { lowest = number }
        if number <= last { (restarts, count) = (restarts + 1, 0) }
        unsafe numbers[count] = number
        unsafe places[count] = rows[row]
        (count, last) = (count + 1, number)
      }
      return count
    }

    /// A number of a row; -1 where it is none.
    @inline(__always)
    private static func number(_ bytes: borrowing Span<UInt8>, _ start: Int, _ end: Int) -> Int64 {
      var (number, index) = (Int64(0), start)
      if start < end, end - start < 10 {
        while index < end {
          let digit = bytes[index] &- UInt8(ascii: "0")
          guard digit <= 9 else { break }
          number = number &* 10 &+ Int64(digit)
          index += 1
        }
        if index == end { return number < Int64(Int32.max) ? number : -1 }
      }
      let cell = ByteScan.trimmed(bytes, start..<end)
      guard let number = ExactDecimal(ascii: bytes.extracting(cell))?.wholeNumber, number >= 0,
        number < Int64(Int32.max)
      else { return -1 }
      return number
    }
  }
}
