import PolicyCore
import PolicyFiles

@testable import PolicyScan

/// Usage, with absolute paths: read-metrics one|all DIRECTORY (or `evaluate`, see there): every results.csv below it, by what a
/// scan reads them with and by one thread; the largest mAP50, or the best of every metric that the layout knows. Prints how many
/// files were read, so that nobody can be fast by doing nothing.
@main
struct ReadMetrics {
  static func main() throws {
    let words = CommandLine.arguments
    if words.count == 4, words[1] == "evaluate" { return try Evaluate.run(content(words[2]), content(words[3])) }
    guard words.count == 3, ["one", "all"].contains(words[1]) else {
      print("usage: read-metrics one|all DIRECTORY")
      return
    }
    let all = BuiltInLayouts.ultralytics.metrics
    var reader = Reader(metrics: words[1] == "all" ? all : all.filter { $0.name == "mAP50" })
    try reader.search(DirectoryDescriptor.openRoot(Array(words[2].utf8)))
    print(reader.tables)
  }

  /// Without Foundation, which takes longer to load than many tables to read.
  private static func content(_ path: String) throws -> [UInt8] {
    guard let slash = path.lastIndex(of: "/"), let name = Name(String(path[path.index(after: slash)...])) else {
      return []
    }
    return try DirectoryDescriptor.openRoot(Array(path[..<slash].utf8)).readFile(name, limit: .max).bytes
  }
}

/// Goes as the program in C goes: a directory that holds a `results.csv` is a run and not listed.
struct Reader {
  let metrics: [MetricDeclaration]
  private let path = RelativePath(Array("results.csv".utf8))
  private(set) var tables = 0

  init(metrics: [MetricDeclaration]) { self.metrics = metrics }

  mutating func search(_ directory: borrowing DirectoryDescriptor) throws {
    guard let path else { return }
    let file = MetricFile(directory, path)
    if !file.isAbsent {
      if let table = file.table { count(table) }
      return
    }
    let listing = try directory.list()
    for index in listing.indices where listing.typeHint(index) == .directory && !listing.isHidden(index) {
      try search(directory.open(listing.name(index)))
    }
  }

  private mutating func count(_ table: CSVTable) {
    guard let series = MetricSeries(table, metrics: metrics) else { return }
    let best = series.columns.map { MetricFacts.value($0, .best) }
    if best.contains(where: { if case .value = $0 { true } else { false } }) { tables += 1 }
  }
}
