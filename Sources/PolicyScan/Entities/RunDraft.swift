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

/// What is known of the metric files of a run, whatever their form.
struct MetricStanding: Equatable {
  enum Content { case absent, empty, read, unreadable }
  var content = Content.absent
  /// Newest mtime; `nil` where there is no file.
  var modified: Int64?
}

/// What a file of the framework's own says of the end of a run.
struct RecordedEnd: Equatable {
  enum Word { case finished, failed, interrupted }
  let word: Word
  let at: Int64
}

/// Everything known of a run while the walk is inside it.
struct RunDraft {
  let path: ByteString
  let layout: any Layout
  let status: FileStatus
  var arguments: ArgumentFile?
  var argumentsModified: Int64?
  var isArgumentFileUnreadable = false
  /// The layout's own CSV file, which declared facts share.
  var table: (path: RelativePath, file: MetricFile)?
  var metrics = MetricStanding()
  var series: MetricSeries?
  /// The metric files tell the last values only.
  var holdsLastValuesOnly = false
  /// What must be added to the number in a name for the number of its row.
  var nameShift: Int64 = 0
  /// Epochs done, where the rows do not count them.
  var epochsDone: Int64?
  var plannedEpochs: Int64?
  /// The last row is that of the last planned epoch.
  var hasAllEpochs = false
  /// When it began, where the argument file does not tell.
  var startedAt: Int64?
  var recordedEnd: RecordedEnd?
  /// Why nothing may happen to it whatever else is known.
  var guarded: ScanNote?
  /// Checkpoints that the framework's own files speak of, by path below the run: what resuming needs.
  var needed: [ByteString] = []
  /// Roles that the names do not tell.
  var roles: [ByteString: CheckpointName.Role] = [:]
  /// Paths into other runs, besides those in the argument file.
  var references: [ByteString] = []
  var declared = DeclaredFactReader.Reading()
  var tags = Fact.missing
  var lock: TrainingLock.Verdict?
  var lockModified: Int64?
  var isFlocked = false
  /// Header of `weights/last.pt`, and its mtime.
  var lastHeader: CheckpointHeader?
  var lastModified: Int64?
  /// It is there, and may not be read.
  var isLastUnreadable = false
  var notes: [ScanNote] = []

  // What the walk adds.
  var own = TreeSums()
  var plotsAt: Int64?
  var hasOpenFile = false
  var isIncomplete = false
  var checkpoints: [CheckpointDraft] = []
  var hasEmptyCheckpoint = false

  init(path: ByteString, layout: any Layout, status: FileStatus) {
    self.path = path
    self.layout = layout
    self.status = status
  }

  var areMetricsUnreadable: Bool { metrics.content == .unreadable }

  var newestFile: Int64? { own.newestFileModified }

  func evidence(clock: Timestamp, grace: TimeSpan) -> StateEvidence {
    var evidence = StateEvidence(clock: clock.nanoseconds, grace: grace.nanoseconds)
    evidence.lock = lock
    evidence.lockModified = lockModified
    evidence.isFlocked = isFlocked
    evidence.hasOpenFile = hasOpenFile
    evidence.guarded = guarded
    evidence.recordedEnd = recordedEnd
    if layout.leavesEndMarks {
      evidence.strippedAt = lastHeader?.epoch == -1 ? lastModified : nil
      evidence.plotsAt = plotsAt
    } else {
      evidence.longestPause = longestPause
    }
    evidence.argumentsModified = argumentsModified
    evidence.metricsModified = metrics.modified
    evidence.hasMetricFile = metrics.content != .absent
    evidence.rows = areMetricsUnreadable ? nil : series?.epochs.count ?? 0
    evidence.hasAllEpochs = hasAllEpochs
    evidence.longestEpoch = series?.longestEpoch
    evidence.averageEpoch = averageEpoch
    evidence.hasCheckpoints = !checkpoints.isEmpty || hasEmptyCheckpoint
    evidence.newestFile = newestFile
    evidence.isIncomplete = isIncomplete
    evidence.isLastUnreadable = isLastUnreadable
    return evidence
  }

  /// Where no `time` column tells how long an epoch takes.
  private var averageEpoch: Int64? {
    guard let series, !series.hasTimeColumn, let rows = Int64(exactly: series.epochs.count), rows > 0,
      let start = startedAt ?? argumentsModified, let end = metrics.modified, start < end
    else { return nil }
    return (end - start) / rows
  }

  /// Longest time between two checkpoints: nothing may be written meanwhile.
  private var longestPause: Int64? {
    let stamps = checkpoints.map { $0.summary.newestFileModified ?? $0.summary.status.modified }.sorted()
    return zip(stamps, stamps.dropFirst()).map { $1.subtractingReportingOverflow($0).partialValue }.max()
  }
}
