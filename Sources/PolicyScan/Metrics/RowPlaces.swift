internal import PolicyCore

/// The rows of a table that count, each with its number and the places of its wanted cells.
struct RowPlaces {
  private let table: CSVTable
  private let wanted: [Int]
  /// Strictly rising.
  private(set) var numbers: [Int64] = []
  private var places: [MetricCell.Place] = []
  /// Lines that were no rows, and rows whose number was none.
  private(set) var bad: Int
  private(set) var restarts = 0
  /// Smallest number anywhere in the file.
  private(set) var lowest: Int64?

  /// `wanted` are columns in ascending order.
  init(_ table: CSVTable, _ wanted: [Int]) {
    self.table = table
    self.wanted = wanted
    bad = table.badLines
    numbers.reserveCapacity(table.rows.count)
    places.reserveCapacity(table.rows.count * wanted.count)
  }

  /// Goes through all rows; the number stands in the wanted cell at `slot`.
  mutating func find(epochAt slot: Int) {
    var repeats = table.headerRepeats[...]
    var cells: [Range<Int>] = []
    for row in table.rows.indices {
      while let first = repeats.first, first <= row {
        repeats = repeats.dropFirst()
        if !numbers.isEmpty { startAgain() }
      }
      table.findCells(row, wanted, &cells)
      guard let epoch = ExactDecimal(ascii: table.bytes.span.extracting(cells[slot]))?.wholeNumber, epoch >= 0,
        epoch < Int64(Int32.max)
      else {
        bad += 1
        continue
      }
      lowest = min(lowest ?? epoch, epoch)
      if let last = numbers.last, epoch <= last { startAgain() }
      numbers.append(epoch)
      for cell in cells { places.append(MetricCell.Place(cell)) }
    }
  }

  private mutating func startAgain() {
    restarts += 1
    numbers.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }

  /// The cells of one wanted column; those that are neither a number nor none are counted.
  func cells(at slot: Int, _ garbage: inout Int) -> [MetricCell] {
    let bytes = table.bytes.span
    var result: [MetricCell] = []
    result.reserveCapacity(numbers.count)
    var place = slot
    for _ in numbers.indices {
      let cell = MetricCell(bytes, places[place])
      if case .garbage = cell { garbage += 1 }
      result.append(cell)
      place += wanted.count
    }
    return result
  }
}
