internal import PolicyCore

extension MetricSeries {
  /// One metric of a series. Of a table only the place is kept, and what one look through it told; cells are made when
  /// somebody asks for them.
  struct Column {
    let metric: MetricDeclaration
    private var storage: Storage
    private(set) var summary: ColumnSummary

    private enum Storage {
      case cells([MetricCell], source: [UInt8])
      /// The column of a table; where it is computed, its numbers are not what somebody wrote.
      case table(CountedRows, column: Int, isComputed: Bool)
    }

    /// `source` is the file that the cells stand in.
    init(metric: MetricDeclaration, cells: [MetricCell], source: [UInt8]) {
      self.metric = metric
      storage = .cells(cells, source: source)
      summary = ColumnSummary(cells, metric)
    }

    /// `column` of a table.
    init(metric: MetricDeclaration, rows: CountedRows, column: Int) {
      self.metric = metric
      storage = .table(rows, column: column, isComputed: false)
      summary = ColumnSummary(rows, column, metric)
    }

    /// This metric has the values of another one, computed.
    mutating func compute(as other: Column) {
      guard case .table(let rows, let column, _) = other.storage else {
        cells = other.cells.map { cell in cell.number.map { .number($0, place: .none) } ?? cell }
        return
      }
      storage = .table(rows, column: column, isComputed: true)
      let known = metric.better == other.metric.better ? other.summary.with(metric.type) : nil
      summary = known ?? ColumnSummary(rows, column, metric)
    }

    /// How many rows there are; none where the file has no such column.
    var count: Int {
      switch storage {
      case .cells(let cells, _): cells.count
      case .table(let rows, _, _): rows.numbers.count
      }
    }
    var isEmpty: Bool { count == 0 }

    /// One a row. All of them are made for a table: who needs one asks for `cell`.
    var cells: [MetricCell] {
      get {
        switch storage {
        case .cells(let cells, _): cells
        case .table(let rows, _, _): rows.numbers.indices.map(cell)
        }
      }
      set {
        storage = .cells(newValue, source: source)
        summary = ColumnSummary(newValue, metric)
      }
    }

    /// The rows and the place of a column whose numbers stand in a table as somebody wrote them.
    var written: (rows: CountedRows, column: Int)? {
      guard case .table(let rows, let column, isComputed: false) = storage else { return nil }
      return (rows, column)
    }

    func cell(_ row: Int) -> MetricCell {
      switch storage {
      case .cells(let cells, _): return cells[row]
      case .table(let rows, let column, let isComputed):
        let cell = rows.cell(row, column)
        return isComputed ? cell.number.map { .number($0, place: .none) } ?? cell : cell
      }
    }

    /// The file that the cells stand in.
    var source: [UInt8] {
      switch storage {
      case .cells(_, let source): source
      case .table(let rows, _, _): rows.table.bytes
      }
    }

    /// The row of the best number in the metric's direction, the later one on a tie, because a tie overwrites `best.pt`.
    var bestRow: Int? { summary.best }

    /// The first and the last row in which anything was written.
    var firstRow: Int? {
      switch storage {
      case .cells(let cells, _): cells.firstIndex { $0 != .empty }
      case .table(let rows, let column, _): rows.numbers.indices.first { !rows.isEmpty($0, column) }
      }
    }
    var lastRow: Int? {
      switch storage {
      case .cells(let cells, _): cells.lastIndex { $0 != .empty }
      case .table(let rows, let column, _): rows.numbers.indices.last { !rows.isEmpty($0, column) }
      }
    }

    var isInDeclaredRange: Bool { summary.isInDeclaredRange }
    var hasGarbage: Bool { summary.garbage > 0 }
    var hasUndefined: Bool { summary.undefined > 0 }
    var holdsNumbersOnly: Bool { summary.numbers == count }
  }
}

extension CountedRows {
  func range(_ row: Int, _ column: Int) -> Range<Int> {
    ByteScan.trimmed(table.bytes, table.bounds(places[row], column))
  }

  func cell(_ row: Int, _ column: Int) -> MetricCell {
    let bytes = table.bytes
    return MetricCell(bytes.span, MetricCell.Place(range(row, column)))
  }

  /// A number times 10⁹, rounded towards zero; `nil` where the cell holds none, or it is too large.
  func billionths(_ row: Int, _ column: Int) -> Int64? {
    let number = plain(row, column)
    if number != FixedNumber.none { return Int64(exactly: number) }
    let bytes = table.bytes
    return ExactDecimal(ascii: bytes.span.extracting(range(row, column)))?.scaled(1_000_000_000)
  }

  /// See `FixedNumber`.
  func plain(_ row: Int, _ column: Int) -> UInt64 {
    let range = range(row, column)
    return unsafe table.bytes.withUnsafeBytes { bytes in
      unsafe bytes.baseAddress.map { unsafe FixedNumber.read($0, range.lowerBound, range.upperBound) }
        ?? FixedNumber.none
    }
  }

  func isEmpty(_ row: Int, _ column: Int) -> Bool { range(row, column).isEmpty }
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
