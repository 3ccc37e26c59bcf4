internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// Recognises runs, and reads the files of one that say what it is.
struct RunReader {
  let layouts: [any Layout]
  let declared: DeclaredFactReader
  let machine: Machine

  /// `nil` where no layout recognises the directory.
  func read(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus, path: ByteString
  ) -> RunDraft? {
    var read: [(name: String, file: RunFile)] = []
    for layout in layouts {
      var arguments: ArgumentFile?
      var file = RunFile.absent
      if let name = layout.argumentFile {
        guard listing.holds(name), let path = RelativePath(Array(name.utf8)) else { continue }
        if let known = read.first(where: { $0.name == name }) {
          file = known.file
        } else {
          file = RunFile.read(directory, path, limit: ArgumentFile.limit)
          read.append((name, file))
        }
        if case .content(let content) = file { arguments = ArgumentFile(parsing: content.bytes) }
      }
      guard layout.recognises(directory, listing, arguments) else { continue }
      var draft = RunDraft(path: path, layout: layout, status: status)
      draft.arguments = arguments
      switch file {
      case .content(let content): draft.argumentsModified = content.status.modified
      case .unstable, .failed:
        draft.isArgumentFileUnreadable = true
        draft.notes.append(
          ScanNote(code: "arguments-unreadable", text: "\(layout.argumentFile ?? "") cannot be read"))
      case .absent: break
      }
      fill(&draft, directory, listing)
      return draft
    }
    return nil
  }

  private func fill(
    _ draft: inout RunDraft, _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing
  ) {
    readCheckpointHeader(&draft, directory, listing)
    if let path = draft.layout.metricPath, let first = path.names.first, listing.index(of: first.bytes) != nil {
      draft.metricFile = MetricFile(directory, path)
      draft.notes += draft.metricFile.notes
      readMetrics(&draft)
    }
    draft.declared = declared.read(directory, shared: draft.metricFile, at: draft.layout.metricPath)
    draft.notes += draft.declared.notes
    if listing.holds(TagFile.name) {
      draft.tags = TagFile.read(directory, owner: draft.status.uid, &draft.notes)
    }
    if listing.holds(TrainingLock.fileName) { readLock(&draft, directory) }
    draft.isFlocked = (try? directory.isLockedByAnother()) ?? false
  }

  private func readMetrics(_ draft: inout RunDraft) {
    guard let table = draft.metricFile.table else { return }
    let layout = draft.layout
    guard var series = MetricSeries(table, metrics: layout.metrics, epochNames: layout.epochColumns) else {
      if !table.rows.isEmpty {
        draft.notes.append(ScanNote(code: "no-epoch-column", text: "the metric file has no epoch column"))
      }
      return
    }
    if draft.arguments?.bool("val") == false {
      let dropped = series.dropPlaceholders()
      if dropped > 0 {
        draft.notes.append(
          ScanNote(
            code: "placeholder-zeros", text: "\(dropped) rows hold placeholders of a training without validation"))
      }
    }
    if let (definition, isSure) = layout.fitness(draft.lastHeader?.version) {
      series.computeFitness(definition)
      if !isSure, series.column("fitness") != nil {
        draft.notes.append(
          ScanNote(code: "fitness-definition", text: "no version is recorded; fitness is that of the newest one"))
      }
    }
    draft.notes += MetricFacts.notes(series)
    draft.zeroBased = series.lowestEpoch.map { $0 == 0 } ?? false || !layout.countsFromOne
    draft.series = series
  }

  private func readCheckpointHeader(
    _ draft: inout RunDraft, _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing
  ) {
    guard draft.layout.leavesEndMarks, listing.holds("weights"), let folder = Name("weights") else { return }
    guard let weights = try? directory.open(folder) else { return }
    if let (header, modified) = Self.header(weights, "last.pt") {
      draft.lastHeader = header
      draft.lastModified = modified
    } else if let (header, _) = Self.header(weights, "best.pt") {
      // For its version only: a stripped best.pt says nothing of the run's end.
      draft.lastHeader = CheckpointHeader(version: header.version)
    }
  }

  private static func header(
    _ weights: borrowing DirectoryDescriptor, _ file: String
  ) -> (CheckpointHeader, modified: Int64)? {
    guard let name = Name(file), let opened = try? weights.openFile(name),
      let bytes = try? opened.read(at: 0, count: CheckpointHeader.length), let header = CheckpointHeader(bytes)
    else { return nil }
    return (header, opened.status.modified)
  }

  private func readLock(_ draft: inout RunDraft, _ directory: borrowing DirectoryDescriptor) {
    guard let path = RelativePath(Array(TrainingLock.fileName.utf8)) else { return }
    switch RunFile.read(directory, path, limit: TrainingLock.limit) {
    case .absent: return
    case .failed, .unstable: draft.lock = .untestable
    case .content(let file):
      draft.lockModified = file.status.modified
      draft.lock = TrainingLock(parsing: file.bytes)?.verdict(machine) ?? .untestable
    }
  }
}
