internal import Foundation
internal import PolicyCore
internal import PolicyTestSupport
internal import Testing

@testable internal import PolicyScan

/// Curves for pictures: right, short, and read with the care of a scan.
struct CurveReaderTests {
  private func made(_ values: [String]) -> TemporaryTree {
    let tree = TemporaryTree()
    tree.file("exp/args.yaml", "task: detect\nmode: train\nepochs: 100\n")
    tree.file("exp/results.csv", table(values))
    return tree
  }

  private func table(_ values: [String]) -> String {
    "epoch,metrics/mAP50(B),metrics/mAP50-95(B)\n"
      + values.enumerated().map { "\($0 + 1),\($1),0.5\n" }.joined()
  }

  private func drawn(_ tree: TemporaryTree, preferring: [String] = ["mAP50"]) throws -> MetricCurve? {
    let found = CurveReader.read(
      ["exp"], in: Root(host: "h", path: tree.path), settings: ScanSettings(), preferring: preferring)
    return try #require(found)[0]
  }

  @Test func `short ones keep every row`() throws {
    let curve = try #require(try drawn(made(["0.10", "nan", "0.31", "0.50"])))
    #expect(curve.points == [0, nil, 33, 63])
    #expect(curve.metric == "mAP50" && curve.rows == 4)
    #expect(curve.low == "0.10" && curve.high == "0.50")
  }

  @Test func `long ones come down to 64 points, the last row among them`() throws {
    let curve = try #require(try drawn(made((0..<1000).map { "0.\(String(format: "%04d", $0))" })))
    #expect(curve.points.count == MetricCurve.mostPoints)
    #expect(curve.points.last == MetricCurve.highestLevel && curve.rows == 1000)
    let levels = curve.points.compactMap(\.self)
    #expect(levels == levels.sorted() && levels.count == 64)
  }

  @Test func `a metric that the policy ranks by comes first`() throws {
    let tree = made(["0.1", "0.2"])
    #expect(try drawn(tree, preferring: ["mAP50-95"])?.metric == "mAP50-95")
    #expect(try drawn(tree, preferring: ["mAP50-95"])?.points == [31, 31], "a flat one lies in the middle")
  }

  @Test func `what cannot be believed has no curve`() throws {
    for values in [[], ["0.1"]] { #expect(try drawn(made(values)) == nil, "\(values)") }
    let other = try drawn(made(["nan", "nan", "x"]))
    #expect(other?.metric == "mAP50-95", "the next metric has numbers")
    let absent = made(["0.1", "0.2"])
    absent.remove("exp/results.csv")
    #expect(try drawn(absent) == nil)
  }

  @Test func `no link is followed, and no other directory taken for the root`() throws {
    let tree = made(["0.1", "0.2"])
    tree.file("elsewhere.csv", table(["0.1", "0.9"]))
    tree.remove("exp/results.csv")
    tree.symlink("exp/results.csv", to: tree.absolute("elsewhere.csv").displayText)
    #expect(try drawn(tree) == nil)
    tree.symlink("link", to: tree.absolute("exp").displayText)
    let root = Root(host: "h", path: tree.path)
    #expect(CurveReader.read(["link", "../exp"], in: root, settings: ScanSettings()) == [nil, nil])
    let other = Root(host: "h", path: tree.path, device: 1, inode: 2)
    #expect(CurveReader.read(["exp"], in: other, settings: ScanSettings()) == nil)
  }

  @Test func `many threads find what one finds`() throws {
    let tree = TemporaryTree()
    let paths = (0..<100).map { "exp\($0)" }
    for (index, path) in paths.enumerated() {
      tree.file(ByteString("\(path)/args.yaml"), "task: detect\nmode: train\nepochs: 100\n")
      tree.file(ByteString("\(path)/results.csv"), table((0..<9).map { "0.\(($0 * 7 + index) % 90 + 10)" }))
    }
    let root = Root(host: "h", path: tree.path)
    let one = CurveReader.read(paths.map { ByteString($0) }, in: root, settings: ScanSettings(), threads: 1)
    let four = CurveReader.read(paths.map { ByteString($0) }, in: root, settings: ScanSettings(), threads: 4)
    #expect(one == four && one?.contains { $0 == nil } == false)
  }
}
