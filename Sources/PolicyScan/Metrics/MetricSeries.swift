internal import PolicyCore

/// The rows of the training that a metric file ends with: the epochs of the last strictly rising stretch, and one
/// column a metric.
///
/// `exist_ok` made older versions append a second training to the file of the first; only the last one is this run's.
struct MetricSeries {
  struct Column {
    let metric: MetricDeclaration
    /// One cell a row; empty where the file has no such column.
    var cells: [MetricCell]
    /// The file that the cells stand in.
    let source: [UInt8]
  }

  /// What the rows are numbered by.
  enum Axis { case epoch, step }
  let axis: Axis
  /// One number a row, strictly rising, as the file counts.
  let epochs: [Int64]
  var columns: [Column]
  /// Longest time between two rows in nanoseconds, from the `time` column; `nil` where there is none.
  let longestEpoch: Int64?
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

  /// `nil` where the table has no epoch column by one of the names.
  init?(_ table: CSVTable, metrics: [MetricDeclaration], epochNames: [String] = ["epoch"]) {
    guard let axisName = epochNames.first(where: { table.column($0) != nil }), let epochColumn = table.column(axisName)
    else { return nil }
    let timeColumn = table.column("time")
    let found = metrics.map { metric in metric.columns.lazy.compactMap(table.column).first }
    let wanted = Array(Set([epochColumn] + [timeColumn].compactMap { $0 } + found.compactMap { $0 })).sorted()

    // Places first, row by row: the epochs decide which rows count. Then the numbers, column by column.
    var rows = RowPlaces(table, wanted)
    rows.find(epochAt: wanted.firstIndex(of: epochColumn) ?? 0)
    var garbage = 0
    var columns: [Column] = []
    columns.reserveCapacity(metrics.count)
    for (metric, place) in zip(metrics, found) {
      let cells = place.flatMap { wanted.firstIndex(of: $0) }.map { rows.cells(at: $0, &garbage) } ?? []
      columns.append(Column(metric: metric, cells: cells, source: table.bytes))
    }
    var badTimes = 0
    let times = timeColumn.flatMap { wanted.firstIndex(of: $0) }.map { rows.cells(at: $0, &badTimes) } ?? []
    axis = axisName == "epoch" ? .epoch : .step
    epochs = rows.numbers
    rewinds = 0
    self.columns = columns
    longestEpoch = Self.longest(times.map(\.number))
    hasTimeColumn = timeColumn != nil
    lowestEpoch = rows.lowest
    badRows = rows.bad
    restarts = rows.restarts
    droppedHalfLine = table.droppedHalfLine
    garbageCells = garbage
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
    longestEpoch = nil
    hasTimeColumn = false
    lowestEpoch = epochs.first
  }

  /// `time` counts the seconds of one process and starts again when training is resumed.
  private static func longest(_ times: [ExactDecimal?]) -> Int64? {
    var (previous, longest): (Int64, Int64?) = (0, nil)
    for time in times {
      guard let now = time?.scaled(1_000_000_000), now >= 0 else { continue }
      longest = max(longest ?? 0, now >= previous ? now - previous : now)
      previous = now
    }
    return longest
  }

  func column(_ name: String) -> Column? { columns.first { $0.metric.name == name && !$0.cells.isEmpty } }

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

extension MetricSeries.Column {
  /// The row of the best number in the metric's direction, the later row on a tie, because a tie overwrites `best.pt`.
  var bestRow: Int? {
    var (best, leader): (Int?, ExactDecimal) = (nil, .zero)
    let isHigherBetter = metric.better == .higher
    for row in cells.indices {
      guard case .number(let value, _) = cells[row] else { continue }
      if best == nil || !(isHigherBetter ? value < leader : leader < value) { (best, leader) = (row, value) }
    }
    return best
  }

  /// The first and the last row in which anything was written.
  var firstRow: Int? { cells.firstIndex { $0 != .empty } }
  var lastRow: Int? { cells.lastIndex { $0 != .empty } }

  var isInDeclaredRange: Bool {
    let type = metric.type
    if type == .number { return true }
    if type == .ratio { return cells.allSatisfy { $0.number?.isRatio ?? true } }
    return cells.allSatisfy { type.admits($0) }
  }
  var hasGarbage: Bool { cells.contains(.garbage) }
}

extension FactType {
  /// Whether a cell is no number at all or one that the type allows.
  func admits(_ cell: MetricCell) -> Bool {
    guard let number = cell.number else { return true }
    switch self {
    case .ratio: return number.isRatio
    case .int: return number.wholeNumber != nil
    case .bytes: return !number.isNegative && number.wholeNumber != nil
    case .bool, .number, .duration, .time, .string, .enumeration, .stringSet: return true
    }
  }
}
