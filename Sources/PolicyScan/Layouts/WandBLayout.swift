internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// A run that Weights & Biases keeps locally: a directory with `run-<id>.wandb`, or with `files/` that holds the summary
/// or the metadata.
struct WandBLayout: Layout {
  let name = BuiltInLayouts.wandb.name
  let metrics = BuiltInLayouts.wandb.metrics
  private static let summary = "files/wandb-summary.json"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    if !Self.records(listing).isEmpty { return true }
    guard listing.holds("files") else { return false }
    return [Self.summary, "files/wandb-metadata.json"].contains { file in
      guard let path = RelativePath(Array(file.utf8)) else { return false }
      return (try? directory.status(path))?.type == .regular
    }
  }

  private static func records(_ listing: DirectoryListing) -> [Int] {
    listing.range(beginning: "run-").filter { FileNames.stem(listing.bytes($0), ending: ".wandb") != nil }
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? { nil }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    readEnd(directory, listing, &draft)
    readSummary(directory, &draft)
  }

  /// `wandb sync` leaves `run-<id>.wandb.synced` beside the record. Without it this may be the only copy.
  private func readEnd(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ draft: inout RunDraft
  ) {
    let records = Self.records(listing)
    let synced = records.compactMap { index -> Int64? in
      guard let name = Name(Array(listing.bytes(index)) + Array(".synced".utf8)) else { return nil }
      return (try? directory.status(name))?.modified
    }
    if !records.isEmpty, synced.count == records.count, let at = synced.max() {
      draft.recordedEnd = RecordedEnd(word: .finished, at: at)
      return
    }
    let isOffline = draft.path.lastComponent.bytes.starts(with: "offline-run-".utf8)
    let why = isOffline ? "an offline run not synced may be the only copy" : "nothing here says that it was synced"
    draft.guarded = ScanNote(code: "wandb-run", text: "\(why); use `wandb sync`, then `wandb sync --clean`")
  }

  /// The last values of a training, in one object.
  private func readSummary(_ directory: borrowing DirectoryDescriptor, _ draft: inout RunDraft) {
    draft.holdsLastValuesOnly = true
    guard let path = RelativePath(Array(Self.summary.utf8)) else { return }
    switch RunFile.read(directory, path, limit: DeclaredFactReader.jsonLimit) {
    case .absent: return
    case .failed(let words): draft.refuseMetrics(nil, "unreadable", "\(Self.summary) cannot be read: \(words)")
    case .unstable(let status):
      draft.refuseMetrics(status, "changed-while-read", "\(Self.summary) changed while it was read, twice")
    case .content(let file):
      let start = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      draft.metrics = MetricStanding(content: .empty, modified: file.status.modified)
      if let defect = CSVTable.defect(of: file.bytes[start...]) {
        let note = ScanNote(defect, Self.summary)
        draft.refuseMetrics(file.status, note.code, note.text)
        return
      }
      guard !CSVTable.trimmed(file.bytes[start...]).isEmpty else {
        draft.notes.append(ScanNote(.empty, Self.summary))
        return
      }
      var rows = JSONRows(SeriesAssembly(metrics, axis: .step), keys: ["_step"])
      var values: [Int64?] = [nil]
      var cursor = JSONCursor(file.bytes, at: start)
      guard !file.isCut, (try? rows.read(&cursor, &values)) != nil, cursor.peek() == nil else {
        draft.refuseMetrics(file.status, "not-json", "\(Self.summary) is no whole JSON object")
        return
      }
      rows.assembly.endRow(max(values[0] ?? 0, 0))
      draft.metrics.content = .read
      draft.take(rows.assembly, of: Self.summary)
    }
  }
}
