internal import PolicyCore

/// The rows of the training that a metric file ends with: the epochs of the last strictly rising stretch, and one
/// column a metric.
///
/// `exist_ok` made older versions append a second training to the file of the first; only the last one is this run's.
struct MetricSeries {
  /// What the rows are numbered by.
  enum Axis { case epoch, step }
  let axis: Axis
  /// One number a row, strictly rising, as the file counts.
  let epochs: [Int64]
  var columns: [Column]
  let hasTimeColumn: Bool
  /// Smallest epoch number anywhere in the file: 0 tells that it counts from 0.
  let lowestEpoch: Int64?
  /// Lines that were no rows, and rows whose epoch was no number.
  let badRows: Int
  let restarts: Int
  /// How often the numbers went back without starting again: what stood behind was superseded.
  let rewinds: Int
  let droppedHalfLine: Bool
  /// Cells of metric columns that are neither a number nor none.
  let garbageCells: Int
  /// The `time` column and the rows of the table, where the series is one.
  private let table: CountedRows?
  private let timeColumn: Int?

  /// `nil` where the table has no epoch column by one of the names.
  init?(_ table: CSVTable, metrics: [MetricDeclaration], epochNames: [String] = ["epoch"]) {
    guard let axisName = epochNames.first(where: { table.column($0) != nil }), let epochColumn = table.column(axisName)
    else { return nil }
    let rows = CountedRows(table, numberedBy: epochColumn)
    var columns: [Column] = []
    columns.reserveCapacity(metrics.count)
    for metric in metrics {
      var place: Int?
      for name in metric.columns where place == nil { place = table.column(name) }
      if let place {
        columns.append(Column(metric: metric, rows: rows, column: place))
      } else {
        columns.append(Column(metric: metric, cells: [], source: []))
      }
    }
    axis = axisName == "epoch" ? .epoch : .step
    epochs = rows.numbers
    rewinds = 0
    garbageCells = columns.reduce(0) { $0 + $1.summary.garbage }
    self.columns = columns
    self.table = rows
    timeColumn = table.column("time")
    hasTimeColumn = timeColumn != nil
    lowestEpoch = rows.lowest
    badRows = rows.bad
    restarts = rows.restarts
    droppedHalfLine = table.droppedHalfLine
  }

  /// Rows that were put together elsewhere.
  init(
    axis: Axis, epochs: [Int64], columns: [Column], badRows: Int, restarts: Int, rewinds: Int, droppedHalfLine: Bool,
    garbageCells: Int
  ) {
    self.axis = axis
    self.epochs = epochs
    self.columns = columns
    self.badRows = badRows
    self.restarts = restarts
    self.rewinds = rewinds
    self.droppedHalfLine = droppedHalfLine
    self.garbageCells = garbageCells
    (table, timeColumn, hasTimeColumn) = (nil, nil, false)
    lowestEpoch = epochs.first
  }

  /// Longest time between two rows in nanoseconds, from the `time` column; `nil` where there is none. It counts the
  /// seconds of one process and starts again when training is resumed.
  var longestEpoch: Int64? {
    guard let table, let timeColumn else { return nil }
    var (previous, longest): (Int64, Int64?) = (0, nil)
    for row in table.numbers.indices {
      guard let now = table.billionths(row, timeColumn), now >= 0 else { continue }
      longest = max(longest ?? 0, now >= previous ? now - previous : now)
      previous = now
    }
    return longest
  }

  func column(_ name: String) -> Column? { columns.first { $0.metric.name == name && !$0.isEmpty } }

  /// The row of an epoch, by binary search.
  func row(ofEpoch epoch: Int64) -> Int? {
    var (low, high) = (0, epochs.count)
    while low < high {
      let middle = (low + high) / 2
      if epochs[middle] < epoch { low = middle + 1 } else { high = middle }
    }
    return low < epochs.count && epochs[low] == epoch ? low : nil
  }
}
