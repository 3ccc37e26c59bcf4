internal import PolicyCore

/// What one look through all cells of a column tells.
struct ColumnSummary {
  private(set) var numbers = 0
  /// Cells that are neither a number nor none.
  private(set) var garbage = 0
  private(set) var undefined = 0
  private(set) var best: Int?
  private(set) var isInDeclaredRange = true

  init(_ cells: [MetricCell], _ metric: MetricDeclaration) {
    var leader = Leader(metric)
    for row in cells.indices {
      count(cells[row], metric.type)
      if case .number(let number, _) = cells[row] { leader.add(number, row) }
    }
    best = leader.row
  }

  /// A table's column: plain numbers are compared as integers, and only what is not plain becomes a cell.
  init(_ rows: CountedRows, _ column: Int, _ metric: MetricDeclaration) {
    var leader = Leader(metric)
    let (kept, table) = (rows.places, rows.table)
    let (places, ends) = (kept.span, table.ends.span)
    // Types other than these two ask more than how large a number is.
    let isPlain = metric.type == .ratio || metric.type == .number
    let limit = metric.type == .ratio ? FixedNumber.one : FixedNumber.none
    unsafe table.bytes.withUnsafeBytes { bytes in
      guard let text = bytes.baseAddress else { return }
      for row in places.indices {
        let end = Int(places[row]) &+ column
        let number = unsafe FixedNumber.read(text, trimming: Int(ends[end &- 1]) &+ 1, Int(ends[end]))
        if number != FixedNumber.none, isPlain {
          numbers &+= 1
          if number > limit { isInDeclaredRange = false }
          if leader.add(number, row) { continue }
          if let exact = rows.cell(row, column).number { leader.add(exact, row, plain: number) }
          continue
        }
        let cell = rows.cell(row, column)
        count(cell, metric.type)
        guard let exact = cell.number else { continue }
        leader.add(exact, row) { rows.cell($0, column).number }
      }
    }
    best = leader.row
  }

  private mutating func count(_ cell: MetricCell, _ type: FactType) {
    switch cell {
    case .empty: return
    case .undefined: undefined += 1
    case .garbage: garbage += 1
    case .number:
      numbers += 1
      if type != .number, !type.admits(cell) { isInDeclaredRange = false }
    }
  }

  /// The same numbers as those of a metric of another type, if both look for the same end.
  func with(_ type: FactType) -> ColumnSummary? {
    guard type == .number else { return nil }
    var result = self
    result.isInDeclaredRange = true
    return result
  }
}

/// The best number so far, the later one on a tie.
private struct Leader {
  private let isHigherBetter: Bool
  private(set) var row: Int?
  /// Its number: an integer where it is plain, else exact.
  private var plain: UInt64 = 0
  private var exact: ExactDecimal?

  init(_ metric: MetricDeclaration) { isHigherBetter = metric.better == .higher }

  /// False where the leader is not plain: then numbers are compared exactly.
  @inline(__always)
  mutating func add(_ number: UInt64, _ place: Int) -> Bool {
    guard exact == nil else { return false }
    if row == nil || (isHigherBetter ? number >= plain : number <= plain) { (plain, row) = (number, place) }
    return true
  }

  /// `read` makes an exact number of a leader that is plain.
  mutating func add(
    _ number: ExactDecimal, _ place: Int, plain: UInt64? = nil, read: (Int) -> ExactDecimal? = { _ in nil }
  ) {
    if let leader = exact ?? row.flatMap(read), isHigherBetter ? number < leader : leader < number { return }
    row = place
    exact = plain == nil ? number : nil
    self.plain = plain ?? 0
  }
}
