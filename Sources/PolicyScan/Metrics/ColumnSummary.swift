internal import PolicyCore

/// What one look through all cells of a column tells.
struct ColumnSummary: Equatable {
  private(set) var numbers = 0
  /// Cells that are neither a number nor none.
  private(set) var garbage = 0
  private(set) var undefined = 0
  private(set) var best: Int?
  private(set) var isInDeclaredRange = true

  init(_ cells: [MetricCell], _ metric: MetricDeclaration) {
    var leader = Leader(metric)
    for row in cells.indices {
      note(cells[row], metric.type)
      if case .number(let number, _) = cells[row] { leader.add(number, row) }
    }
    best = leader.row
  }

  /// A table's column: plain numbers are compared as integers, and only what is not plain becomes a cell.
  init(_ rows: CountedRows, _ column: Int, _ metric: MetricDeclaration) {
    var leader = Leader(metric)
    let limit = FixedNumber.largest(metric.type)
    let count = rows.places.count
    var row = 0
    while row < count {
      if let limit, leader.isPlain {
        let first = row
        let largest = Self.goOn(rows, column, &row, &leader)
        numbers += row - first
        if largest > limit { isInDeclaredRange = false }
        if row == count { break }
      }
      let cell = rows.cell(row, column)
      note(cell, metric.type)
      if let exact = cell.number {
        let plain = limit != nil ? rows.plain(row, column) : FixedNumber.none
        leader.add(exact, row, plain: plain) { rows.cell($0, column).number }
      }
      row += 1
    }
    best = leader.row
  }

  /// Compares numbers from `row` on as long as they are plain; the largest of them.
  private static func goOn(_ rows: CountedRows, _ column: Int, _ row: inout Int, _ leader: inout Leader) -> UInt64 {
    let (kept, all, bytes) = (rows.places, rows.table.ends, rows.table.bytes)
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let text = bytes.baseAddress else { return 0 }
      let (places, ends, flip) = (kept.span, all.span, leader.flip)
      var (index, largest) = (row, UInt64(0))
      while index < places.count {
        let first = index
        let end = Int(places[index]) &+ column
        let (start, stop) = (Int(ends[end &- 1]) &+ 1, Int(ends[end]))
        if let form = unsafe NumberForm(text, start, stop) {
          // Flipped, the smaller of two numbers is the larger.
          var (best, place, top) = (UInt64(0), index, UInt64(0))
          while index < places.count {
            let end = Int(places[index]) &+ column
            let (last, next) = (Int(ends[end &- 1]), Int(ends[end]))
            if next &- last &- 1 != form.count { break }
            let key = unsafe form.key(text, next)
            if key == FixedNumber.none { break }
            if key > top { top = key }
            if key ^ flip >= best { (best, place) = (key ^ flip, index) }
            index &+= 1
          }
          if index > first {
            largest = max(largest, form.number(top))
            leader.add(form.number(best ^ flip), place)
            continue
          }
        }
        let number = unsafe FixedNumber.read(text, start, stop)
        if number == FixedNumber.none { break }
        largest = max(largest, number)
        leader.add(number, index)
        index &+= 1
      }
      row = index
      return largest
    }
  }

  private mutating func note(_ cell: MetricCell, _ type: FactType) {
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
  private(set) var plain: UInt64 = 0
  private var exact: ExactDecimal?

  init(_ metric: MetricDeclaration) { isHigherBetter = metric.better == .higher }

  /// Whether plain numbers can be compared with it as they are.
  var isPlain: Bool { exact == nil }
  var flip: UInt64 { isHigherBetter ? 0 : .max }

  /// Only where the leader is plain.
  mutating func add(_ number: UInt64, _ place: Int) {
    if row == nil || (isHigherBetter ? number >= plain : number <= plain) { (plain, row) = (number, place) }
  }

  /// `read` makes an exact number of a leader that is plain; `plain` is the number itself, where it is one.
  mutating func add(
    _ number: ExactDecimal, _ place: Int, plain: UInt64 = FixedNumber.none,
    read: (Int) -> ExactDecimal? = { _ in nil }
  ) {
    if let leader = exact ?? row.flatMap(read), isHigherBetter ? number < leader : leader < number { return }
    row = place
    exact = plain == FixedNumber.none ? number : nil
    self.plain = plain
  }
}
