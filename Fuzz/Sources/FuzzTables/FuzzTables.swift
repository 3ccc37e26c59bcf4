import FuzzDriver
import PolicyCore

@testable import PolicyScan

/// Any bytes as a CSV file of metrics: a table in which a reader that does nothing clever finds the same rows and cells, and
/// no figure that does not stand in it. A byte 1 stands for a line that is too long.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTables(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: data, count: size)
    .flatMap { $0 == 1 ? [UInt8](repeating: 56, count: CSVTable.longestLine + 1) : [$0] }
  guard bytes.count < 1 << 20, case .success(let table) = CSVTable.read(bytes) else { return 0 }
  let plain = PlainTable(bytes)
  precondition(plain.columns == table.columns, "other columns")
  precondition(plain.rows.count == table.rows.count, "other rows: \(plain.rows.count), \(table.rows.count)")
  precondition(plain.bad == table.badLines && plain.isCut == table.droppedHalfLine, "other lines left out")
  for (row, cells) in plain.rows.enumerated() {
    for (column, cell) in cells.enumerated() {
      precondition(table.cell(row, column).map { Array($0) } == cell, "another cell")
    }
  }
  for metrics in [BuiltInLayouts.ultralytics.metrics, BuiltInLayouts.yolov5.metrics] {
    guard let series = MetricSeries(table, metrics: metrics) else { continue }
    precondition(zip(series.epochs, series.epochs.dropFirst()).allSatisfy { $0 < $1 }, "epochs that do not rise")
    for column in series.columns where !column.cells.isEmpty {
      precondition(column.cells.count == series.epochs.count, "cells without rows")
      for take in [FactDeclaration.Take.best, .first, .last] {
        guard case .value(.number(let text)) = MetricFacts.value(column, take) else { continue }
        precondition(plain.rows.contains { $0.contains(Array(text.utf8)) }, "a figure of nobody's: \(text)")
      }
    }
    for definition in [FitnessDefinition.weighted, .strict] {
      var computed = series
      computed.computeFitness(definition)
    }
  }
  return 0
}

/// The rows of a CSV file by splitting alone.
struct PlainTable {
  private(set) var columns: [String] = []
  private(set) var rows: [[[UInt8]]] = []
  private(set) var bad = 0
  private(set) var isCut = false

  init(_ bytes: [UInt8]) {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    var lines = content.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    let last = lines.removeLast()
    var header: [UInt8]?
    for var line in lines {
      if line.last == 13 { line.removeLast() }
      if Self.trimmed(line).isEmpty { continue }
      let cells = line.split(separator: 44, omittingEmptySubsequences: false).map { Self.trimmed(Array($0)) }
      guard let first = header else {
        header = line
        columns = cells.map { String(decoding: $0, as: UTF8.self) }
        continue
      }
      if line == first { continue }
      if cells.count != columns.count || line.count > CSVTable.longestLine || line.contains(0) {
        bad += 1
      } else {
        rows.append(cells)
      }
    }
    isCut = header != nil && !Self.trimmed(last).isEmpty
  }

  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    let blanks: Set<UInt8> = [9, 13, 32]
    return Array(text.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed())
  }
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzTables_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  fuzz(count, arguments) { fuzzTables($0, $1) }
}
