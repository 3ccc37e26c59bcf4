internal import Dispatch
public import PolicyCore
internal import PolicyFiles
internal import Synchronization

/// Reads how metrics went, for pictures: the metric files of runs that a scan found, with that scan's own readers.
///
/// The same care as in a scan: no link is followed, no other mount entered, and files larger than a record of a training
/// are left alone. What cannot be read has no curve.
public enum CurveReader {
  /// Curves of runs below one root, parallel to `paths`; `nil` for each that has none.
  ///
  /// - Parameter preferring: metrics that are drawn before others, the most wanted first; then the layout's own order.
  /// - Returns: `nil` where the root cannot be opened, or is another directory than it was.
  public static func read(
    _ paths: [ByteString], in root: Root, settings: ScanSettings, preferring: [String] = [], threads: Int? = nil
  ) -> [MetricCurve?]? {
    guard let directory = try? DirectoryDescriptor.openRoot(root.path.bytes), let status = try? directory.status(),
      root.device.map({ $0 == status.device }) ?? true, root.inode.map({ $0 == status.inode }) ?? true
    else { return nil }
    let reader = RunReader(
      layouts: LayoutTable.layouts(settings), declared: DeclaredFactReader(declarations: []),
      machine: Machine(host: root.host))
    let work = CurveWork(directory, reader: reader, paths: paths, preferring: preferring)
    // Each thread holds a handful of descriptors.
    let useful = min(threads ?? min(SystemFacts.processors(), 4), max(1, (SystemFacts.descriptorLimit() - 32) / 8))
    if paths.count < 64 || useful < 2 {
      work.carryOut()
    } else {
      DispatchQueue.concurrentPerform(iterations: useful) { _ in work.carryOut() }
    }
    return work.curves
  }
}

/// Runs whose curves are still to be read, shared by several threads.
private final class CurveWork: Sendable {
  private let root: DirectoryDescriptor
  private let reader: RunReader
  private let paths: [ByteString]
  private let preferred: [String]
  private let next = Mutex(0)
  private let found: Mutex<[MetricCurve?]>
  private static let portion = 32

  init(_ root: consuming DirectoryDescriptor, reader: RunReader, paths: [ByteString], preferring: [String]) {
    self.root = root
    self.reader = reader
    self.paths = paths
    preferred = preferring
    found = Mutex(Array(repeating: nil, count: paths.count))
  }

  var curves: [MetricCurve?] { found.withLock { $0 } }

  func carryOut() {
    while true {
      let portion = next.withLock { next -> Range<Int> in
        let range = next..<min(next + Self.portion, paths.count)
        next = range.upperBound
        return range
      }
      guard !portion.isEmpty else { return }
      let curves = portion.map { curve(of: paths[$0]) }
      found.withLock { $0.replaceSubrange(portion, with: curves) }
    }
  }

  private func curve(of path: ByteString) -> MetricCurve? {
    guard let relative = RelativePath(path.bytes), let run = try? root.open(relative), let listing = try? run.list(),
      let status = try? run.status(),
      let recognised = reader.recognise(run, listing, name: path.lastComponent.bytes[...])
    else { return nil }
    var draft = RunDraft(path: path, layout: recognised.layout, status: status)
    draft.arguments = recognised.arguments
    recognised.layout.read(run, listing, into: &draft)
    return draft.series.flatMap { MetricCurve($0, preferring: preferred) }
  }
}

extension MetricCurve {
  /// The first metric, in the order of wishes and then of the layout, that two rows have numbers of.
  init?(_ series: MetricSeries, preferring preferred: [String]) {
    func place(_ column: MetricSeries.Column) -> Int {
      preferred.firstIndex(of: column.metric.name) ?? preferred.count
    }
    let drawable = series.columns.filter { column in column.summary.numbers > 1
    }
    // The order of the layout holds among those that nobody asked for.
    guard
      let column = drawable.enumerated().min(by: {
        (place($0.element), $0.offset) < (place($1.element), $1.offset)
      })?.element
    else { return nil }
    self.init(column)
  }

  private init?(_ column: MetricSeries.Column) {
    let cells = column.cells
    let rows = cells.indices.filter { cells[$0].number != nil }
    guard let first = rows.first, let number = cells[first].number else { return nil }
    var (low, high) = ((row: first, number: number), (row: first, number: number))
    for row in rows {
      guard let number = cells[row].number else { continue }
      if number < low.number { low = (row, number) }
      if high.number < number { high = (row, number) }
    }
    guard let lowText = cells[low.row].text(in: column.source),
      let highText = cells[high.row].text(in: column.source),
      let lowest = Double(low.number.description), let highest = Double(high.number.description)
    else { return nil }
    func level(_ number: ExactDecimal) -> UInt8 {
      guard highest > lowest, let value = Double(number.description) else { return Self.highestLevel / 2 }
      let share = min(max((value - lowest) / (highest - lowest), 0), 1)
      return UInt8((share * Double(Self.highestLevel)).rounded())
    }
    // A point stands for as many rows as it takes; the last of them with a number speaks for it.
    let count = cells.count
    let points = min(count, Self.mostPoints)
    let levels = (0..<points).map { point -> UInt8? in
      let part = (point * count / points)..<((point + 1) * count / points)
      return part.reversed().lazy.compactMap { cells[$0].number }.first.map(level)
    }
    self.init(metric: column.metric.name, rows: count, low: lowText, high: highText, points: levels)
  }
}
