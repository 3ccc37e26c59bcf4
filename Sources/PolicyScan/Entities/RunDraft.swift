internal import PolicyCore
internal import PolicyFiles

/// A checkpoint as the walk met it.
struct CheckpointDraft {
  /// Relative to the root.
  let path: ByteString
  let name: CheckpointName
  let summary: TreeSummary
  let isOpen: Bool
}

/// Everything known of a run while the walk is inside it.
struct RunDraft {
  let path: ByteString
  let layout: any Layout
  let status: FileStatus
  var arguments: ArgumentFile?
  var argumentsModified: Int64?
  var isArgumentFileUnreadable = false
  var metricFile = MetricFile.none
  var series: MetricSeries?
  var fitnessIsSure = true
  var zeroBased = false
  var declared = DeclaredFactReader.Reading()
  var tags = Fact.missing
  var lock: TrainingLock.Verdict?
  var lockModified: Int64?
  var isFlocked = false
  /// Header of `weights/last.pt`, and its mtime.
  var lastHeader: CheckpointHeader?
  var lastModified: Int64?
  var notes: [ScanNote] = []

  // What the walk adds.
  var own = TreeSums()
  var plotsAt: Int64?
  var hasOpenFile = false
  var isIncomplete = false
  var checkpoints: [CheckpointDraft] = []
  var hasEmptyCheckpoint = false

  /// Its metrics are there and cannot be believed.
  var areMetricsUnreadable: Bool {
    if metricFile.isUnreadable { return true }
    if let table = metricFile.table, series == nil { return !table.rows.isEmpty }
    return false
  }

  var newestFile: Int64? { own.newestFileModified }

  func evidence(clock: Timestamp, grace: TimeSpan) -> StateEvidence {
    var evidence = StateEvidence(clock: clock.nanoseconds, grace: grace.nanoseconds)
    evidence.lock = lock
    evidence.lockModified = lockModified
    evidence.isFlocked = isFlocked
    evidence.hasOpenFile = hasOpenFile
    if layout.leavesEndMarks {
      evidence.strippedAt = lastHeader?.epoch == -1 ? lastModified : nil
      evidence.plotsAt = plotsAt
    }
    evidence.argumentsModified = argumentsModified
    evidence.metricsModified = metricFile.modified
    evidence.hasMetricFile = !metricFile.isAbsent
    evidence.rows = areMetricsUnreadable ? nil : series?.epochs.count ?? 0
    evidence.hasAllEpochs = hasAllEpochs
    evidence.longestEpoch = series?.longestEpoch
    evidence.averageEpoch = averageEpoch
    evidence.hasCheckpoints = !checkpoints.isEmpty || hasEmptyCheckpoint
    evidence.newestFile = newestFile
    evidence.isIncomplete = isIncomplete
    return evidence
  }

  var plannedEpochs: Int64? { arguments?.count("epochs") }

  private var hasAllEpochs: Bool {
    guard let planned = plannedEpochs, let last = series?.epochs.last else { return false }
    return (zeroBased ? last + 1 : last) >= planned
  }

  /// Where no `time` column tells how long an epoch takes.
  private var averageEpoch: Int64? {
    guard let series, !series.hasTimeColumn, let rows = Int64(exactly: series.epochs.count), rows > 0,
      let start = argumentsModified, let end = metricFile.modified, start < end
    else { return nil }
    return (end - start) / rows
  }
}
