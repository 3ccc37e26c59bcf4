internal import PolicyCore

/// From series to facts.
enum MetricFacts {
  /// The best, first or last value of a column.
  static func value(_ column: MetricSeries.Column, _ take: FactDeclaration.Take) -> Fact {
    let row: Int?
    switch take {
    case .best:
      // What cannot be read may have been the best.
      if column.hasGarbage || !column.isInDeclaredRange { return .unreadable }
      row = column.bestRow
    case .first: row = column.firstRow
    case .last: row = column.lastRow
    }
    return row.map { fact(column, $0) } ?? .missing
  }

  /// What one cell says.
  static func fact(_ column: borrowing MetricSeries.Column, _ row: Int) -> Fact {
    let cell = column.cell(row)
    switch cell {
    case .number(let number, _):
      switch column.metric.type {
      case .number: break
      case .ratio: if !number.isRatio { return .unreadable }
      case .int: return number.wholeNumber.map { .value(.integer($0)) } ?? .unreadable
      case .bool, .bytes, .duration, .time, .string, .enumeration, .stringSet:
        if !column.metric.type.admits(cell) { return .unreadable }
      }
      return cell.text(in: column.source).map { .value(.number($0)) } ?? .unreadable
    case .empty, .undefined: return .missing
    case .garbage: return .unreadable
    }
  }

  /// What is worth telling people about a series.
  static func notes(_ series: MetricSeries) -> [ScanNote] {
    var notes: [ScanNote] = []
    func note(_ code: String, _ text: String) { notes.append(ScanNote(code: code, text: text)) }
    if series.droppedHalfLine { note("half-written-line", "the last line has no end and was left out") }
    if series.badRows > 0 { note("bad-rows", "\(series.badRows) lines are no rows and were left out") }
    if series.restarts > 0 {
      note(
        "restarted-epochs",
        "the epochs start again \(series.restarts == 1 ? "once" : "\(series.restarts) times"); only the last stretch counts"
      )
    }
    if series.rewinds > 0 {
      note(
        "superseded-rows",
        "the numbers go back \(series.rewinds == 1 ? "once" : "\(series.rewinds) times"); what was written again counts"
      )
    }
    if series.garbageCells > 0 { note("bad-cells", "\(series.garbageCells) cells are no numbers") }
    if series.columns.contains(where: \.hasUndefined) {
      note("undefined-values", "some values are NaN or infinite")
    }
    return notes
  }
}
