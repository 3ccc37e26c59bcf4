internal import PolicyCore

/// Puts the rows of a series together as they are met, whatever the form of the file.
///
/// Rows with the same number are one row, the later cell counting: frameworks write training and validation apart.
/// Where the numbers go back to the first or before it a new training began and only it counts; where they go back to a
/// later one the training went on from a checkpoint, and what it wrote again supersedes what stood there.
struct SeriesAssembly {
  /// A place where a metric may stand: the key, and the element of the array there.
  struct Source: Equatable {
    let metric: Int
    let key: [UInt8]
    let element: Int?
  }

  let metrics: [MetricDeclaration]
  /// Metric by metric, first choice first.
  let sources: [Source]
  /// Metrics that the framework counts to 100 and we to 1.
  let percentages: Set<String>
  var axis = MetricSeries.Axis.epoch
  /// Whether a number that comes twice in a row is one row in two lines, rather than written again.
  let folds: Bool
  var badRows = 0
  var droppedHalfLine = false
  /// Texts of all numbers, one after the other.
  private var texts: [UInt8] = []
  private var numbers: [Int64] = []
  private var columns: [[MetricCell]]
  private var (restarts, rewinds) = (0, 0)
  /// Cells of the row that is being read; its number may stand behind them.
  private var row: [(source: Int, cell: MetricCell)] = []

  init(
    _ metrics: [MetricDeclaration], percentages: Set<String> = [], axis: MetricSeries.Axis = .epoch, folds: Bool = true
  ) {
    self.metrics = metrics
    self.folds = folds
    self.percentages = percentages
    self.axis = axis
    sources = metrics.enumerated().flatMap { index, metric in
      metric.columns.map { Self.source($0, metric: index) }
    }
    columns = sources.map { _ in [] }
  }

  var isEmpty: Bool { numbers.isEmpty }
  var lastNumber: Int64? { numbers.last }

  /// `name[3]` is the fourth element of an array.
  private static func source(_ column: String, metric: Int) -> Source {
    let bytes = Array(column.utf8)
    if bytes.last == UInt8(ascii: "]"), let bracket = bytes.lastIndex(of: UInt8(ascii: "[")),
      let index = FileNames.number(bytes[(bracket + 1)..<(bytes.count - 1)])
    {
      return Source(metric: metric, key: Array(bytes[..<bracket]), element: Int(index))
    }
    return Source(metric: metric, key: bytes, element: nil)
  }

  /// A cell of the row that is being read.
  mutating func add(_ source: Int, _ text: ArraySlice<UInt8>) {
    let start = texts.count
    texts += text
    add(source, MetricCell(texts[start...]))
  }

  mutating func add(_ source: Int, _ cell: MetricCell) {
    guard percentages.contains(metrics[sources[source].metric].name), let number = cell.number else {
      row.append((source, cell))
      return
    }
    row.append((source, .number(number.percent, place: .none)))
  }

  /// Every source with this key gets the cell.
  mutating func add(key: String, _ text: ArraySlice<UInt8>) {
    for index in sources.indices where sources[index].key.elementsEqual(key.utf8) { add(index, text) }
  }

  /// Forgets the row that is being read.
  mutating func dropRow() { row.removeAll(keepingCapacity: true) }

  /// The row that was read has this number.
  mutating func endRow(_ number: Int64) {
    defer { dropRow() }
    guard number >= 0 else {
      badRows += 1
      return
    }
    if let first = numbers.first, let last = numbers.last, number < last || number == last && !folds {
      if number <= first {
        startAgain()
      } else {
        rewinds += 1
        keep(numbers.firstIndex { $0 >= number } ?? numbers.count)
      }
    }
    if numbers.last != number {
      numbers.append(number)
      for index in columns.indices { columns[index].append(.empty) }
    }
    let place = numbers.count - 1
    for (source, cell) in row where cell != .empty { columns[source][place] = cell }
  }

  /// A new training begins here: only it counts.
  mutating func startAgain() {
    guard !numbers.isEmpty else { return }
    restarts += 1
    keep(0)
  }

  private mutating func keep(_ count: Int) {
    numbers.removeSubrange(count...)
    for index in columns.indices { columns[index].removeSubrange(count...) }
  }

  /// `nil` where there is no row.
  func series() -> MetricSeries? {
    guard !numbers.isEmpty else { return nil }
    let result = metrics.indices.map { index -> MetricSeries.Column in
      let own = sources.indices.filter { sources[$0].metric == index }
      let found = own.first { source in columns[source].contains { $0 != .empty } }
      let cells = found.map { columns[$0] } ?? []
      return MetricSeries.Column(metric: metrics[index], cells: cells, source: texts)
    }
    return MetricSeries(
      axis: axis, epochs: numbers, columns: result, badRows: badRows, restarts: restarts, rewinds: rewinds,
      droppedHalfLine: droppedHalfLine, garbageCells: result.reduce(0) { $0 + $1.summary.garbage })
  }
}
