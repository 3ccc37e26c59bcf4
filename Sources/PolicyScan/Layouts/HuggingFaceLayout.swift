internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The Trainer of Hugging Face transformers. A run is the output directory: it holds a `checkpoint-N` directory with
/// `trainer_state.json`, or that file itself beside the results of the end.
struct HuggingFaceLayout: Layout {
  let name = BuiltInLayouts.huggingface.name
  let metrics = BuiltInLayouts.huggingface.metrics
  private static let state = "trainer_state.json"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    let hasEnded =
      listing.holdsFile(Self.state) && (listing.holds("all_results.json") || listing.holds("train_results.json"))
    guard hasEnded || Self.steps(listing).contains(where: { Self.isComplete(directory, $0) }) else { return false }
    return !listing.isWorkplace
  }

  /// Numbers of the `checkpoint-N` directories, the highest first.
  private static func steps(_ listing: DirectoryListing) -> [Int64] {
    listing.range(beginning: "checkpoint-").compactMap { index in
      guard listing.typeHint(index) != .regular else { return nil }
      return FileNames.rest(listing.bytes(index), after: "checkpoint-").flatMap { FileNames.number($0) }
    }
    .sorted(by: >)
  }

  /// The state is written after weights and optimizer: without it the checkpoint is a part of one.
  private static func isComplete(_ directory: borrowing DirectoryDescriptor, _ step: Int64) -> Bool {
    guard let name = Name("checkpoint-\(step)"), let file = Name(state), let folder = try? directory.open(name) else {
      return false
    }
    return (try? folder.status(file))?.type == .regular
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard isDirectory, let step = FileNames.rest(path[...], after: "checkpoint-").flatMap({ FileNames.number($0) })
    else { return nil }
    return CheckpointName(role: .step, number: step, step: step)
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    let steps = Self.steps(listing)
    let newest = steps.first { Self.isComplete(directory, $0) }
    // The Trainer resumes from the highest number, whole or not.
    if let highest = steps.first {
      draft.needed.append(ByteString("checkpoint-\(highest)"))
      if highest != newest {
        draft.notes.append(
          ScanNote(code: "partial-checkpoint", text: "checkpoint-\(highest) holds no \(Self.state): it is not whole"))
      }
    }
    if let newest { draft.roles[ByteString("checkpoint-\(newest)")] = .last }
    var final: TrainerState?
    if listing.holdsFile(Self.state) { final = read(directory, Self.state, &draft) }
    var current = final
    if let newest, !draft.areMetricsUnreadable, final?.step ?? -1 < newest {
      current = read(directory, "checkpoint-\(newest)/\(Self.state)", &draft)
    }
    readBase(directory, newest, &draft)
    guard let current else { return }
    draft.epochsDone = current.epochsDone
    draft.plannedEpochs = current.plannedEpochs
    if let best = current.best { draft.roles[ByteString("checkpoint-\(best)")] = .best }
    draft.take(current.assembly, of: current.file)
    if let final, final.step ?? -1 >= newest ?? 0, let modified = draft.metrics.modified {
      // Written by `save_state` when everything is over.
      draft.recordedEnd = RecordedEnd(word: .finished, at: modified)
    } else if let step = current.step, let planned = current.plannedSteps, planned > 0 {
      draft.hasAllEpochs = step >= planned
    }
  }

  private func read(
    _ directory: borrowing DirectoryDescriptor, _ file: String, _ draft: inout RunDraft
  ) -> TrainerState? {
    guard let path = RelativePath(Array(file.utf8)) else { return nil }
    switch RunFile.read(directory, path, limit: MetricFile.limit) {
    case .absent: return nil
    case .failed(let words): draft.refuseMetrics(nil, "unreadable", "\(file) cannot be read: \(words)")
    case .unstable(let status):
      draft.refuseMetrics(status, "changed-while-read", "\(file) changed while it was read, twice")
    case .content(let content):
      let start = content.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      if content.isCut {
        draft.refuseMetrics(content.status, "too-large", "\(file) is larger than \(MetricFile.limit >> 20) MiB")
      } else if let defect = CSVTable.defect(of: content.bytes[start...]) {
        draft.refuseMetrics(content.status, ScanNote(defect, file).code, ScanNote(defect, file).text)
      } else if let state = TrainerState(content.bytes, at: start, file: file, metrics) {
        draft.metrics = MetricStanding(content: .read, modified: content.status.modified)
        return state
      } else {
        draft.refuseMetrics(content.status, "not-json", "\(file) is no whole JSON object")
      }
    }
    return nil
  }

  /// An adapter does not go without the model that it was trained on.
  private func readBase(_ directory: borrowing DirectoryDescriptor, _ newest: Int64?, _ draft: inout RunDraft) {
    let folders = [""] + (newest.map { ["checkpoint-\($0)/"] } ?? [])
    for file in folders.flatMap({ [$0 + "adapter_config.json", $0 + "config.json"] }) {
      guard let path = RelativePath(Array(file.utf8)),
        case .content(let content) = RunFile.read(directory, path, limit: 1 << 20)
      else { continue }
      var cursor = JSONCursor(content.bytes)
      try? cursor.members { (cursor, key) throws(JSONError) in
        let isBase = ["base_model_name_or_path", "_name_or_path"].contains { cursor.matches(key, Array($0.utf8)) }
        guard isBase else { return try cursor.skipValue() }
        if let text = try cursor.plainText() { draft.references.append(ByteString(text)) }
      }
    }
  }
}

/// What a `trainer_state.json` says.
private struct TrainerState {
  let file: String
  var assembly: SeriesAssembly
  var step: Int64?
  var plannedSteps: Int64?
  var plannedEpochs: Int64?
  /// Whole epochs.
  var epochsDone: Int64?
  /// Step of the checkpoint that the Trainer holds for the best.
  var best: Int64?

  /// `nil` where the bytes are no JSON object.
  init?(_ bytes: [UInt8], at start: Int, file: String, _ metrics: [MetricDeclaration]) {
    self.file = file
    var rows = JSONRows(SeriesAssembly(metrics, axis: .step), keys: ["step"])
    assembly = rows.assembly
    var cursor = JSONCursor(bytes, at: start)
    do throws(JSONError) {
      try cursor.members { (cursor, key) throws(JSONError) in
        switch cursor.text(of: key) {
        case "global_step": step = try cursor.wholeNumber()
        case "max_steps": plannedSteps = try cursor.wholeNumber()
        case "num_train_epochs": plannedEpochs = try cursor.wholeNumber()
        case "epoch":
          guard let next = cursor.peek(), (48...57).contains(next), case .number(let range) = try cursor.scalar() else {
            return try cursor.skipValue()
          }
          epochsDone = ExactDecimal(ascii: cursor.bytes[range])?.scaled(1)
        case "best_model_checkpoint":
          guard let path = try cursor.plainText() else { return }
          best = FileNames.rest(FileNames.last(path[...]), after: "checkpoint-").flatMap { FileNames.number($0) }
        case "log_history":
          guard cursor.peek() == UInt8(ascii: "[") else { return try cursor.skipValue() }
          try cursor.elements { (cursor, _) throws(JSONError) in
            guard cursor.peek() == UInt8(ascii: "{") else {
              rows.assembly.badRows += 1
              return try cursor.skipValue()
            }
            var values: [Int64?] = [nil]
            try rows.read(&cursor, &values)
            if let number = values[0] {
              rows.assembly.endRow(number)
            } else {
              rows.assembly.dropRow()
              rows.assembly.badRows += 1
            }
          }
        case _: try cursor.skipValue()
        }
      }
      guard cursor.peek() == nil else { return nil }
    } catch {
      return nil
    }
    if let planned = plannedEpochs, planned <= 0 { plannedEpochs = nil }
    assembly = rows.assembly
  }
}
