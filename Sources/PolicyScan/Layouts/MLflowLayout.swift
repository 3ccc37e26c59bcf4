internal import PolicyCore
internal import PolicyFiles

/// A run in an MLflow file store: a directory whose `meta.yaml` names a run and its artifacts, or one that is called by
/// the 32 hexadecimal digits of a run and holds a part of one (then its records may be in a database).
struct MLflowLayout: Layout {
  let name = BuiltInLayouts.mlflow.name
  let metrics = BuiltInLayouts.mlflow.metrics
  private static let meta = "meta.yaml"
  private static let tool = "delete it with `mlflow gc` or in MLflow"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    if listing.holdsFile(Self.meta) {
      let meta = ArgumentFile(parsing: FileHead.read(directory, Self.meta))
      if meta.has("artifact_uri"), meta.has("run_id") || meta.has("run_uuid") { return true }
    }
    return Self.isRunID(name) && ["metrics", "params", "artifacts"].contains { listing.holds($0) }
  }

  private static func isRunID(_ name: ArraySlice<UInt8>) -> Bool {
    name.count == 32 && name.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// What lies in `artifacts/` is MLflow's to keep or delete.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? { nil }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    readMeta(directory, &draft)
    readMetrics(directory, listing, &draft)
  }

  private func readMeta(_ directory: borrowing DirectoryDescriptor, _ draft: inout RunDraft) {
    guard let path = RelativePath(Array(Self.meta.utf8)),
      case .content(let file) = RunFile.read(directory, path, limit: ArgumentFile.limit),
      CSVTable.defect(of: file.bytes[...]) == nil
    else {
      guardRun(&draft, "MLflow keeps the records of this run elsewhere, or they cannot be read; \(Self.tool)")
      return
    }
    let meta = ArgumentFile(parsing: file.bytes)
    draft.startedAt = Self.stamp(meta, "start_time")
    guard let place = meta.text("artifact_uri"), !Self.isAbsolute(place) else {
      guardRun(&draft, "MLflow finds this run by absolute artifact_uri: moving it breaks that; \(Self.tool)")
      return
    }
    if meta.text("lifecycle_stage") == "deleted" {
      guardRun(&draft, "deleted in MLflow and not yet gone; \(Self.tool)")
      return
    }
    let ended = Self.stamp(meta, "end_time") ?? file.status.modified
    switch meta.text("status") {
    case "3", "FINISHED": draft.recordedEnd = RecordedEnd(word: .finished, at: ended)
    case "4", "FAILED": draft.recordedEnd = RecordedEnd(word: .failed, at: ended)
    case "5", "KILLED": draft.recordedEnd = RecordedEnd(word: .interrupted, at: ended)
    case _: guardRun(&draft, "MLflow has it as running or scheduled, here or on another host; \(Self.tool)")
    }
  }

  private func guardRun(_ draft: inout RunDraft, _ text: String) {
    draft.guarded = ScanNote(code: "mlflow-run", text: text)
  }

  private static func isAbsolute(_ place: String) -> Bool {
    place.hasPrefix("/") || place.hasPrefix("\\") || place.contains(":")
  }

  private static func stamp(_ meta: ArgumentFile, _ key: String) -> Int64? {
    guard let milliseconds = meta.count(key) else { return nil }
    let (stamp, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? nil : stamp
  }

  /// One file a metric. Steps may repeat (they are 0 unless the caller gives them), so rows are counted, not numbered.
  private func readMetrics(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ draft: inout RunDraft
  ) {
    guard listing.holds("metrics") else { return }
    var columns: [MetricSeries.Column] = []
    var (rowCount, bad, garbage, half) = (0, 0, 0, false)
    for metric in metrics {
      var column = MetricSeries.Column(metric: metric, cells: [], source: [])
      for name in metric.columns where column.isEmpty {
        guard let lines = draft.readLines(directory, "metrics/\(name)", into: Lines()) else { continue }
        column = MetricSeries.Column(metric: metric, cells: lines.cells, source: lines.texts)
        bad += lines.bad
        half = half || lines.droppedHalfLine
        garbage += lines.cells.count { $0 == .garbage }
      }
      rowCount = max(rowCount, column.count)
      columns.append(column)
    }
    if draft.metrics.content == .absent { draft.metrics.content = .empty }
    guard rowCount > 0 else {
      if bad > 0 { draft.refuseMetrics(nil, "no-rows", "metrics holds no line that could be read") }
      return
    }
    for index in columns.indices where !columns[index].isEmpty {
      let missing = rowCount - columns[index].count
      columns[index].cells += [MetricCell](repeating: .empty, count: missing)
    }
    let series = MetricSeries(
      axis: .step, epochs: (0..<rowCount).map { Int64($0) }, columns: columns, badRows: bad, restarts: 0, rewinds: 0,
      droppedHalfLine: half, garbageCells: garbage)
    draft.notes += MetricFacts.notes(series)
    if draft.metrics.content == .read { draft.series = series }
  }

  /// `milliseconds value step`.
  private struct Lines: LineReader {
    var cells: [MetricCell] = []
    var texts: [UInt8] = []
    var bad = 0
    var droppedHalfLine = false

    mutating func takeEnormousLine() { bad += 1 }

    mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) {
      guard isWhole else {
        droppedHalfLine = true
        return
      }
      let parts = bytes[line].split { $0 == 32 || $0 == 13 }
      guard (2...4).contains(parts.count), FileNames.number(parts[0]) != nil else {
        bad += 1
        return
      }
      let start = texts.count
      texts += parts[1]
      cells.append(MetricCell(texts[start...]))
    }
  }
}
