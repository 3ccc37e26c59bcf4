import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// A line that does not end, in the metric file of every layout: it is not believed, and the memory for it stays small.
struct EnormousLineTests {
  /// The metric file of the layout's clean case.
  private func metricFile(_ layout: String) throws -> ByteString {
    ByteString(try #require(LayoutCase.lines("\(LayoutCase.folder)/\(layout)/spoil").first)[0])
  }

  private func run(_ layout: String, _ tree: TemporaryTree) throws -> Entity {
    let snapshot = Scan(tree, settings: LayoutCase.settings(layout)).snapshot
    return try #require(
      snapshot.entities.first { $0.kind == .run && $0.layout == layout }, "\(layout) is not recognised")
  }

  /// Ten gigabytes, all of them holes: nothing is read but what a file of metrics may have.
  @Test(arguments: LayoutCase.layouts) func tenGigabytesInOneLine(_ layout: String) throws {
    let tree = LayoutCase(layout: layout, name: "clean").build()
    let file = try metricFile(layout)
    tree.size(file, 10 << 30)
    tree.modified(file, LayoutCase.old)
    let run = try run(layout, tree)
    let codes = Set(run.notes.map(\.code))
    #expect(!codes.isDisjoint(with: ["too-large", "not-json"]), "\(layout): \(codes)")
    let metrics = run.facts.known.filter { if case .number = $0.value { true } else { false } }
    #expect(metrics.isEmpty, "\(layout): \(metrics)")
    // MLflow says in another file how a run ended.
    #expect(run.facts.fact("state") == .value(.text(layout == "mlflow" ? "finished" : "unknown")), "\(layout)")
  }

  /// Two megabytes, which are more than a line may have and less than a file: the lines before it count, it does not.
  @Test(arguments: LayoutCase.layouts) func aLongLineBehindTheRows(_ layout: String) throws {
    let whole = try run(layout, LayoutCase(layout: layout, name: "clean").build())
    let tree = LayoutCase(layout: layout, name: "clean").build()
    let file = try metricFile(layout)
    tree.size(file, 2 << 20)
    tree.modified(file, LayoutCase.old)
    let run = try run(layout, tree)
    #expect(!Set(run.notes).subtracting(whole.notes).isEmpty, "\(layout): nothing is noted")
    for (name, value) in run.facts.known {
      guard case .number = value else { continue }
      #expect(whole.facts.fact(name) == .value(value), "\(layout): \(name)")
    }
  }
}
