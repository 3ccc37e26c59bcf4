internal import PolicyCore
internal import PolicyFiles

/// A layout whose metrics stand in one CSV file with one row an epoch.
protocol TableLayout: Layout {
  /// Relative to the run.
  var metricFile: ByteString? { get }
  /// Columns that may number the rows, first choice first.
  var epochColumns: [String] { get }
  /// Whether a metric file that does not begin at 0 counts from 1.
  var countsFromOne: Bool { get }
  /// `nil` where the framework has no such notion; else the definition that is sure, or the newest with a doubt.
  func fitness(_ version: String?) -> (definition: FitnessDefinition, isSure: Bool)?
}

extension TableLayout {
  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    readTable(directory, listing, into: &draft)
  }

  func readTable(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    draft.plannedEpochs = draft.arguments?.count("epochs")
    draft.nameShift = countsFromOne ? 1 : 0
    guard let path = metricFile.flatMap({ RelativePath($0.bytes) }), let first = path.names.first,
      listing.index(of: first.bytes) != nil
    else { return }
    let file = MetricFile(directory, path)
    draft.table = (path, file)
    draft.notes += file.notes
    draft.metrics = MetricStanding(file)
    guard let table = file.table else { return }
    guard var series = MetricSeries(table, metrics: metrics, epochNames: epochColumns) else {
      if !table.rows.isEmpty {
        draft.metrics.content = .unreadable
        draft.notes.append(ScanNote(code: "no-epoch-column", text: "the metric file has no epoch column"))
      }
      return
    }
    if draft.arguments?.bool("val") == false { draft.dropPlaceholders(&series) }
    if let (definition, isSure) = fitness(draft.lastHeader?.version) {
      series.computeFitness(definition)
      if !isSure, series.column("fitness") != nil {
        draft.notes.append(
          ScanNote(code: "fitness-definition", text: "no version is recorded; fitness is that of the newest one"))
      }
    }
    draft.notes += MetricFacts.notes(series)
    let isZeroBased = series.lowestEpoch == 0 || !countsFromOne
    draft.nameShift = isZeroBased ? 0 : 1
    if let planned = draft.plannedEpochs, let last = series.epochs.last {
      draft.hasAllEpochs = (isZeroBased ? last + 1 : last) >= planned
    }
    draft.series = series
  }
}

extension RunDraft {
  /// Turns what a training without validation wrote for want of a figure into missing, and says so.
  mutating func dropPlaceholders(_ series: inout MetricSeries) {
    let dropped = series.dropPlaceholders()
    if dropped > 0 {
      notes.append(
        ScanNote(
          code: "placeholder-zeros", text: "\(dropped) rows hold placeholders of a training without validation"))
    }
  }
}
