internal import PolicyCore

/// Everything on disk that tells what a run is doing; all stamps in nanoseconds.
struct StateEvidence: Equatable {
  var clock: Int64
  var grace: Int64
  /// Hours before the first row are often spent on caching data: nothing is written meanwhile.
  static let graceBeforeFirstRow = TimeSpan.hours(6).nanoseconds
  /// A file written while the scan runs is newer than the scan's clock; more than this is a clock that is wrong.
  static let clockTolerance = TimeSpan.minutes(1).nanoseconds

  var lock: TrainingLock.Verdict?
  var lockModified: Int64?
  var isFlocked = false
  var hasOpenFile = false
  /// Why nothing may happen to the run, whatever else is known.
  var guarded: ScanNote?
  /// What a file of the framework's own says.
  var recordedEnd: RecordedEnd?
  /// mtime of `last.pt` when its header says that it was stripped.
  var strippedAt: Int64?
  /// mtimes of `results.png` and of confusion matrices.
  var plotsAt: Int64?
  var argumentsModified: Int64?
  var metricsModified: Int64?
  /// Rows of the last training in the metric file; `nil` where it cannot be believed.
  var rows: Int? = 0
  var hasMetricFile = false
  /// The last row is that of the last planned epoch.
  var hasAllEpochs = false
  /// From the `time` column, where there is one.
  var longestEpoch: Int64?
  /// (last row − start) ÷ rows where there is no such column.
  var averageEpoch: Int64?
  /// Longest time between two checkpoints, where nothing better is known.
  var longestPause: Int64?
  var hasCheckpoints = false
  /// Newest mtime of a regular file of the run itself.
  var newestFile: Int64?
  /// Something in the run could not be read, or lies on another mount.
  var isIncomplete = false
  /// `last.pt`, which would tell whether it ended, may not be read.
  var isLastUnreadable = false
}

/// What the evidence says.
struct StateVerdict: Equatable {
  enum State: String { case running, finished, interrupted, failed, unknown }
  let state: State
  /// The evidence that decided.
  let ground: StateGround
  /// `nil` while it runs and where it is unknown.
  let finishedAt: Int64?
  let note: ScanNote?

  private init(_ state: State, _ ground: StateGround, at finishedAt: Int64? = nil, note: ScanNote? = nil) {
    self.state = state
    self.ground = ground
    self.finishedAt = finishedAt
    self.note = note
  }

  /// The strongest evidence first; see the table of the scanning page.
  init(_ evidence: StateEvidence) {
    if let ground = evidence.life {
      self.init(.running, ground)
      return
    }
    if let newest = evidence.newestFile, newest > Self.sum(evidence.clock, StateEvidence.clockTolerance) {
      self.init(
        .unknown, .clockSkew, note: ScanNote(code: "clock-skew", text: "a file is newer than the clock of this host"))
      return
    }
    let end = evidence.end
    if evidence.lock == .untestable, evidence.lockModified ?? .max >= end?.at ?? .min {
      self.init(
        .unknown, .foreignLock,
        note: ScanNote(code: "foreign-lock", text: "the training lock cannot be tested on this host"))
      return
    }
    if let note = evidence.guarded {
      self.init(.unknown, .otherTool, note: note)
      return
    }
    let isRecent = evidence.wasChangedWithinGrace
    // A training that was started again in the same place leaves the end marks of the one before: those do not count
    // while the new one may be alive.
    let isRestarted = end.map { (evidence.argumentsModified ?? .min) > $0.at } ?? false
    if evidence.isIncomplete {
      // Something may be written where nobody can look, and apply would leave the run alone anyway.
      self.init(
        .unknown, .incomplete, note: ScanNote(code: "incomplete", text: "not everything in the run could be read"))
    } else if let end, !(isRestarted && isRecent) {
      self.init(evidence.endWord, end.ground, at: end.at)
    } else if isRecent {
      self.init(.running, .recentChange)
    } else if evidence.isLastUnreadable {
      self.init(
        .unknown, .incomplete, note: ScanNote(code: "incomplete", text: "not everything in the run could be read"))
    } else if let rows = evidence.rows {
      if rows > 0 || evidence.hasCheckpoints && evidence.hasMetricFile {
        self.init(.interrupted, .resultsWithoutEnd, at: evidence.newestFile)
      } else if !evidence.hasCheckpoints {
        self.init(.failed, .onlyArguments, at: evidence.newestFile)
      } else {
        self.init(
          .unknown, .checkpointsWithoutMetrics,
          note: ScanNote(code: "no-results", text: "there are checkpoints but no metric file"))
      }
    } else {
      self.init(
        .unknown, .metricsUnreadable, note: ScanNote(code: "no-results", text: "the metric file cannot be read"))
    }
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}

extension StateEvidence {
  /// How it ended, where something tells that it did.
  var endWord: StateVerdict.State {
    guard strippedAt == nil, let recordedEnd else { return .finished }
    switch recordedEnd.word {
    case .finished: return .finished
    case .failed: return .failed
    case .interrupted: return .interrupted
    }
  }

  /// What shows that it is alive.
  var life: StateGround? {
    if lock == .held { return .liveLock }
    if isFlocked { return .flock }
    return hasOpenFile ? .openFile : nil
  }

  /// When the training ended by its own account, and what says so.
  var end: (at: Int64, ground: StateGround)? {
    if let strippedAt { return (strippedAt, .stripped) }
    if let recordedEnd { return (recordedEnd.at, .recorded) }
    // Plots of a training before the last row belong to an earlier one.
    if let plotsAt, hasMetricFile, let metricsModified, rows != 0, plotsAt >= metricsModified {
      return (plotsAt, .plots)
    }
    // Between the last row and the end lie a last validation and the stripping of the weights: callbacks run then.
    if hasAllEpochs, !wasChangedWithinGrace, let metricsModified { return (metricsModified, .allEpochs) }
    return nil
  }

  /// Rows that a training before this one left do not count as its first.
  private var isBeforeFirstRow: Bool {
    if rows == 0 { return true }
    guard let argumentsModified, let metricsModified else { return false }
    return argumentsModified > metricsModified
  }

  var wasChangedWithinGrace: Bool {
    guard let newestFile else { return false }
    var span = grace
    if let longestEpoch { span = max(span, Self.tripled(longestEpoch)) }
    if let averageEpoch { span = max(span, min(Self.tripled(averageEpoch), Self.graceBeforeFirstRow)) }
    if let longestPause { span = max(span, min(Self.tripled(longestPause), Self.graceBeforeFirstRow)) }
    if isBeforeFirstRow { span = max(span, Self.graceBeforeFirstRow) }
    let (age, overflow) = clock.subtractingReportingOverflow(newestFile)
    return overflow ? clock < newestFile : age < span
  }

  private static func tripled(_ span: Int64) -> Int64 {
    let (product, overflow) = span.multipliedReportingOverflow(by: 3)
    return overflow ? .max : product
  }
}
