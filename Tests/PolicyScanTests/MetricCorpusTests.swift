import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Every dirty kind of metric file, from `Corpus/scan/metrics`; see the README there.
struct MetricCorpusTests {
  static let folder = repositoryRoot + "/Tests/Corpus/scan/metrics"

  static func names(_ suffix: String) -> [String] {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(folder.utf8)), let listing = try? directory.list()
    else { return [] }
    return listing.indices.map { String(decoding: listing.bytes($0), as: UTF8.self) }
      .filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.utf8.count)) }
  }

  @Test func everyFileHasItsExpectations() {
    #expect(Self.names(".csv") == Self.names(".expect"))
    #expect(Self.names(".csv").count >= 35)
  }

  @Test(arguments: names(".expect"))
  func reads(_ name: String) throws {
    let root = try DirectoryDescriptor.openRoot(Array(Self.folder.utf8))
    let content = try root.readFile(#require(Name(name + ".expect")), limit: 10_000)
    let lines = String(decoding: content.bytes, as: UTF8.self).split(separator: "\n").map { line in
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      return (key: parts[0], value: String(parts[1].drop { $0 == " " }))
    }
    let file = MetricFile(root, RelativePath([try #require(Name(name + ".csv"))]))
    if lines[0].key == "defect" {
      #expect(Self.defect(file) == lines[0].value)
      return
    }
    let table = try #require(file.table)
    let layout: any Layout = lines[0].value == "yolov5" ? YOLOv5Layout() : UltralyticsLayout()
    for line in lines.dropFirst() {
      var series = try #require(MetricSeries(table, metrics: layout.metrics))
      series.computeFitness(line.key.hasPrefix("weighted") ? .weighted : .strict)
      #expect(Self.actual(line.key, series) == line.value, "\(line.key)")
    }
  }

  static func defect(_ file: MetricFile) -> String {
    switch file.content {
    case .absent: return "absent"
    case .empty: return "empty"
    case .table(let table):
      return MetricSeries(table, metrics: UltralyticsLayout().metrics) == nil ? "no-epoch-column" : "none"
    case .unreadable:
      let code = file.notes.first?.code ?? "silent"
      let size = file.notes.first?.text.split(separator: "(").last?.split(separator: " ").first
      return code == "lfs-pointer" ? "\(code) \(size ?? "")" : code
    }
  }

  static func actual(_ key: String, _ series: MetricSeries) -> String {
    switch key {
    case "epochs": return "\(series.epochs.count)"
    case "first": return series.epochs.first.map { "\($0)" } ?? "none"
    case "last": return series.epochs.last.map { "\($0)" } ?? "none"
    case "lowest": return series.lowestEpoch.map { "\($0)" } ?? "none"
    case "bad": return "\(series.badRows)"
    case "garbage": return "\(series.garbageCells)"
    case "restarts": return "\(series.restarts)"
    case "longest": return series.longestEpoch.map { "\($0)" } ?? "none"
    case "half": return "\(series.droppedHalfLine)"
    case _: break
    }
    let words = key.split(separator: " ").map(String.init)
    guard let column = series.column(words[1]) else { return "none" }
    let take: FactDeclaration.Take = words[0] == "first" ? .first : words[0] == "last" ? .last : .best
    switch MetricFacts.value(column, take) {
    case .missing: return "missing"
    case .unreadable: return "unreadable"
    case .value(let value):
      guard case .number(let text) = value else { return "no number" }
      guard take == .best, let row = column.bestRow else { return text }
      return "\(text) @ \(series.epochs[row])"
    }
  }
}
