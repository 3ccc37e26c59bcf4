internal import PolicyCore
internal import PolicyFiles

/// YOLOX and ByteTrack. A run is the directory of one experiment: `train_log.txt` that YOLOX wrote, or beside
/// `…_ckpt.pth`.
struct YOLOXLayout: Layout {
  let name = BuiltInLayouts.yolox.name
  let metrics = BuiltInLayouts.yolox.metrics
  private static let file = "train_log.txt"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard listing.holdsFile(Self.file) else { return false }
    if listing.contains(where: { Self.stem($0) != nil }) { return true }
    return FileHead.read(directory, Self.file).firstRange(of: Array("| yolox.".utf8)) != nil
  }

  private static func stem(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    FileNames.stem(name, ending: "_ckpt.pth") ?? FileNames.stem(name, ending: "_ckpt.pth.tar")
  }

  /// `latest_ckpt.pth`, `best_ckpt.pth`, `epoch_12_ckpt.pth`, `last_mosaic_epoch_ckpt.pth`.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, FileNames.isTopLevel(path), let stem = Self.stem(path[...]) else { return nil }
    if stem.elementsEqual("latest".utf8) { return CheckpointName(role: .last) }
    if stem.elementsEqual("best".utf8) { return CheckpointName(role: .best) }
    if let number = FileNames.rest(stem, after: "epoch_").flatMap({ FileNames.number($0) }) {
      return CheckpointName(role: .epoch, number: number)
    }
    return CheckpointName(role: .other)
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    guard var rows = draft.readLines(directory, Self.file, into: Rows(assembly: SeriesAssembly(metrics))) else {
      return
    }
    rows.finish()
    draft.plannedEpochs = rows.planned
    draft.references += [rows.beginning].compactMap { $0 }
    draft.take(rows.assembly, of: Self.file)
    if rows.isDone, let modified = draft.metrics.modified {
      draft.recordedEnd = RecordedEnd(word: .finished, at: modified)
    }
  }

  /// `… - epoch: 3/300, iter: 10/1849, …, total_loss: 10.5, …`, then the table of the evaluation.
  struct Rows: LineReader {
    var assembly: SeriesAssembly
    private var epoch: Int64?
    private(set) var planned: Int64?
    private(set) var isDone = false
    /// The weights that the last training in the log began with.
    private(set) var beginning: ByteString?

    init(assembly: SeriesAssembly) { self.assembly = assembly }

    mutating func takeEnormousLine() { assembly.badRows += 1 }

    mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) {
      guard isWhole else {
        assembly.droppedHalfLine = true
        return
      }
      let text = bytes[line]
      if let place = text.firstRange(of: Array(" - args: Namespace(".utf8)) {
        beginning = Self.checkpoint(text[place.upperBound...])
      } else if let number = Self.number(text, after: "start train epoch") {
        begin(number)
      } else if let number = Self.number(text, after: " epoch: "), let loss = Self.value(text, after: "total_loss: ") {
        if number != epoch { begin(number) }
        planned = Self.number(text, after: " epoch: \(number)/") ?? planned
        assembly.add(key: "total_loss", loss)
      } else if text.firstRange(of: Array("Average Precision".utf8)) != nil,
        text.firstRange(of: Array("area=   all".utf8)) != nil, epoch != nil,
        let equals = text.lastIndex(of: UInt8(ascii: "="))
      {
        let value = CSVTable.trimmed(text[(equals + 1)...])
        if text.firstRange(of: Array("IoU=0.50:0.95 ".utf8)) != nil {
          assembly.add(key: "IoU=0.50:0.95", value)
        } else if text.firstRange(of: Array("IoU=0.50 ".utf8)) != nil {
          assembly.add(key: "IoU=0.50", value)
        }
      } else if text.firstRange(of: Array("Training of experiment is done".utf8)) != nil {
        isDone = true
      }
    }

    private mutating func begin(_ number: Int64) {
      finish()
      epoch = number
      isDone = false
    }

    mutating func finish() {
      if let epoch { assembly.endRow(epoch) } else { assembly.dropRow() }
      epoch = nil
    }

    /// `ckpt='…'` among the arguments; `None` is none.
    private static func checkpoint(_ arguments: ArraySlice<UInt8>) -> ByteString? {
      for opening in ["ckpt='", "ckpt=\""] {
        guard let place = arguments.firstRange(of: Array(opening.utf8)) else { continue }
        let isWord = place.lowerBound == arguments.startIndex || arguments[place.lowerBound - 1] == 32
        guard isWord, let quote = opening.utf8.last else { continue }
        return ByteString(arguments[place.upperBound...].prefix { $0 != quote })
      }
      return nil
    }

    /// The digits behind a text.
    private static func number(_ line: ArraySlice<UInt8>, after text: String) -> Int64? {
      guard let place = line.firstRange(of: Array(text.utf8)) else { return nil }
      return FileNames.number(line[place.upperBound...].prefix { (48...57).contains($0) })
    }

    /// What stands behind a text, up to the next comma or blank.
    private static func value(_ line: ArraySlice<UInt8>, after text: String) -> ArraySlice<UInt8>? {
      guard let place = line.firstRange(of: Array(text.utf8)) else { return nil }
      return line[place.upperBound...].prefix { $0 != UInt8(ascii: ",") && $0 != 32 }
    }
  }
}
