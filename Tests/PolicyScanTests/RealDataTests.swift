import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Files of real trainings, where they lie beside the repository; they are never part of it.
struct RealDataTests {
  struct Expected {
    let repository: String
    let path: String
    let framework: String
    let good: Int
    let bad: Int
    let first: Int64
    let last: Int64
    /// Epoch and value under 0.1/0.9 and under mAP50-95 alone.
    let weighted: (epoch: Int64, value: ExactDecimal)
    let strict: (epoch: Int64, value: ExactDecimal)
  }

  static let folder = repositoryRoot + "/../shared/realdata"

  static func text(_ file: String) -> String? {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(folder.utf8)), let name = Name(file),
      let content = try? directory.readFile(name, limit: 1 << 22)
    else { return nil }
    return String(decoding: content.bytes, as: UTF8.self)
  }

  static func expected() -> [Expected]? {
    guard let text = text("EXPECTED.tsv") else {
      print("NOT RUN: no real data beside the repository (../shared/realdata)")
      return nil
    }
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == 11, let good = Int(cells[3]), let bad = Int(cells[4]), let first = Int64(cells[5]),
        let last = Int64(cells[6]), let one = Int64(cells[7]), let oneValue = ExactDecimal(cells[8]),
        let two = Int64(cells[9]), let twoValue = ExactDecimal(cells[10])
      else { return nil }
      return Expected(
        repository: cells[0], path: cells[1], framework: cells[2], good: good, bad: bad, first: first, last: last,
        weighted: (one, oneValue), strict: (two, twoValue))
    }
  }

  func series(_ expected: Expected, _ definition: FitnessDefinition) throws -> MetricSeries {
    let layout: any Layout = expected.framework.hasPrefix("yolov5") ? YOLOv5Layout() : UltralyticsLayout()
    let parts = expected.repository.split(separator: "/").joined(separator: "__") + "/" + expected.path
    let root = try DirectoryDescriptor.openRoot(Array(Self.folder.utf8))
    let file = MetricFile(root, try #require(RelativePath(Array(parts.utf8))))
    let table = try #require(file.table, "\(parts)")
    var series = try #require(MetricSeries(table, metrics: layout.metrics))
    series.computeFitness(definition)
    return series
  }

  /// Equal after rounding to the six decimals that the file of expectations has.
  func agrees(_ exact: ExactDecimal, _ rounded: ExactDecimal) -> Bool {
    guard let left = exact.scaled(100_000_000), let right = rounded.scaled(100_000_000) else { return false }
    return (left - right).magnitude <= 50
  }

  @Test func everyFigureAgrees() throws {
    guard let all = Self.expected() else { return }
    #expect(all.count == 59)
    var checked = 0
    for expected in all {
      let where_ = Comment(rawValue: expected.repository + "/" + expected.path)
      for (definition, best) in [(FitnessDefinition.weighted, expected.weighted), (.strict, expected.strict)] {
        let series = try series(expected, definition)
        #expect(series.epochs.count == expected.good, where_)
        #expect(series.badRows == expected.bad, where_)
        #expect(series.epochs.first == expected.first && series.epochs.last == expected.last, where_)
        let column = try #require(series.column("fitness"), where_)
        let row = try #require(column.bestRow, where_)
        let value = try #require(column.cells[row].number)
        #expect(agrees(value, best.value), "\(expected.repository)/\(expected.path) \(definition): \(value)")
        // The expectations name the first epoch of a tie, we the last.
        let named = try #require(series.row(ofEpoch: best.epoch), where_)
        #expect(column.cells[named].number == value, where_)
        #expect(series.epochs[row] >= best.epoch, where_)
        checked += 1
      }
    }
    print("real data: \(checked) bests of \(all.count) metric files agree")
  }

  @Test func aScanOfAllOfItFindsTheRuns() throws {
    guard let all = Self.expected() else { return }
    let result = Scanner.scan(ScanRequest(roots: [ByteString(Self.realPath())], homes: []))
    #expect(result.problems.isEmpty)
    var (found, checked) = (0, 0)
    let runs = result.snapshot.entities.filter { $0.kind == .run }
    for run in runs {
      found += 1
      let path = run.path.displayText
      let mine = all.first { expected in
        expected.repository.split(separator: "/").joined(separator: "__") + "/" + expected.path == path + "/results.csv"
      }
      guard let mine else { continue }
      #expect(run.facts.fact("epochs") == .value(.integer(Int64(mine.good))), "\(path)")
      guard case .value(.number(let fitness)) = run.facts.fact("fitness") else {
        Issue.record("no fitness: \(path)")
        continue
      }
      let definition = run.layout == "yolov5" ? mine.weighted : mine.strict
      #expect(agrees(try #require(ExactDecimal(fitness)), definition.value), "\(path)")
      checked += 1
    }
    print("real data: \(found) runs recognised, \(checked) of them with figures that agree")
    #expect(checked > 30)
  }

  /// The folder as the kernel knows it: a root may not be a link.
  static func realPath() -> String {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(folder.utf8)),
      let path = try? directory.kernelPath()
    else { return folder }
    return String(decoding: path, as: UTF8.self)
  }
}
