internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// nnU-Net v2. A run is the `fold_K` directory of one trainer: it holds `training_log_….txt` beside `debug.json`,
/// `progress.png` or checkpoints.
struct NNUNetLayout: Layout {
  let name = BuiltInLayouts.nnunet.name
  let metrics = BuiltInLayouts.nnunet.metrics
  private static let final = "checkpoint_final.pth"
  private static let latest = "checkpoint_latest.pth"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    let logs = listing.range(beginning: "training_log_")
    guard logs.contains(where: { Self.stamp(listing.bytes($0)) != nil }) else { return false }
    return [Self.final, Self.latest, "checkpoint_best.pth", "debug.json", "progress.png"].contains { listing.holds($0) }
  }

  /// The numbers in `training_log_2026_3_7_18_05_33.txt`, which are not padded.
  private static func stamp(_ name: ArraySlice<UInt8>) -> [Int64]? {
    guard let stem = FileNames.stem(name, ending: ".txt"), let rest = FileNames.rest(stem, after: "training_log_")
    else { return nil }
    let numbers = rest.split(separator: UInt8(ascii: "_")).map { FileNames.number($0) }
    return numbers.contains(nil) || numbers.count < 6 ? nil : numbers.compactMap { $0 }
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, FileNames.isTopLevel(path), let stem = FileNames.stem(path[...], ending: ".pth"),
      let word = FileNames.rest(stem, after: "checkpoint_")
    else { return nil }
    if word.elementsEqual("best".utf8) { return CheckpointName(role: .best) }
    if word.elementsEqual("latest".utf8) || word.elementsEqual("final".utf8) { return CheckpointName(role: .last) }
    return CheckpointName(role: .other)
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    readPlan(directory, &draft)
    readEnd(directory, &draft)
    let logs = listing.range(beginning: "training_log_").compactMap { index in
      Self.stamp(listing.bytes(index)).map { (stamp: $0, name: String(decoding: listing.bytes(index), as: UTF8.self)) }
    }
    .sorted { $0.stamp.lexicographicallyPrecedes($1.stamp) }
    var rows = Rows(assembly: SeriesAssembly(metrics))
    for log in logs {
      guard let read = draft.readLines(directory, log.name, into: rows) else { continue }
      rows = read
      rows.finish()
    }
    draft.take(rows.assembly, of: "training_log")
  }

  /// `debug.json` holds the trainer's attributes as texts.
  private func readPlan(_ directory: borrowing DirectoryDescriptor, _ draft: inout RunDraft) {
    guard let path = RelativePath(Array("debug.json".utf8)),
      case .content(let file) = RunFile.read(directory, path, limit: 1 << 20)
    else { return }
    // Written anew at every start.
    draft.argumentsModified = file.status.modified
    var cursor = JSONCursor(file.bytes)
    var planned: Int64?
    try? cursor.members { (cursor, key) throws(JSONError) in
      guard cursor.matches(key, Array("num_epochs".utf8)) else { return try cursor.skipValue() }
      if cursor.peek() == UInt8(ascii: "\"") {
        planned = try cursor.plainText().flatMap { FileNames.number($0[...]) }
      } else {
        planned = try cursor.wholeNumber()
      }
    }
    draft.plannedEpochs = planned.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The latest checkpoint is removed when the final one is written; where it is newer, training went on.
  private func readEnd(_ directory: borrowing DirectoryDescriptor, _ draft: inout RunDraft) {
    guard let final = Self.modified(directory, Self.final) else { return }
    if let latest = Self.modified(directory, Self.latest), latest > final { return }
    draft.recordedEnd = RecordedEnd(word: .finished, at: final)
  }

  private static func modified(_ directory: borrowing DirectoryDescriptor, _ file: String) -> Int64? {
    guard let name = Name(file), let status = try? directory.status(name), status.type == .regular else { return nil }
    return status.modified
  }

  /// Lines such as `2026-03-07 18:06:01.123456: train_loss -0.1234`; those of one epoch follow `Epoch 12`.
  struct Rows: LineReader {
    var assembly: SeriesAssembly
    private var epoch: Int64?

    init(assembly: SeriesAssembly) { self.assembly = assembly }

    mutating func takeEnormousLine() { assembly.badRows += 1 }

    mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) {
      guard isWhole else {
        assembly.droppedHalfLine = true
        return
      }
      // The text behind the stamp and its colon.
      guard let colon = bytes[line].firstRange(of: Array(": ".utf8)) else { return }
      let text = CSVTable.trimmed(bytes[colon.upperBound..<line.upperBound])
      if let number = FileNames.rest(text, after: "Epoch ").flatMap({ FileNames.number($0) }) {
        finish()
        epoch = number
      } else if epoch != nil {
        for key in ["train_loss", "val_loss"] {
          if let value = FileNames.rest(text, after: key + " ") { assembly.add(key: key, CSVTable.trimmed(value)) }
        }
        let best = "New best EMA pseudo Dice:"
        if let place = text.firstRange(of: Array(best.utf8)) {
          assembly.add(key: best, CSVTable.trimmed(text[place.upperBound...]))
        }
        // The last line of an epoch.
        if text.starts(with: "Epoch time:".utf8) { isDone = true }
      }
    }

    private var isDone = false

    /// Ends the row of the epoch that was read. An epoch that was cut off is none.
    mutating func finish() {
      if let epoch, isDone { assembly.endRow(epoch) } else { assembly.dropRow() }
      (epoch, isDone) = (nil, false)
    }
  }
}
