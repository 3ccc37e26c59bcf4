internal import PolicyCore
internal import PolicyFiles

/// Detectron2. A run is an output directory with `metrics.json`, one object a line with `iteration`, or with that file
/// beside `last_checkpoint`.
struct Detectron2Layout: Layout {
  let name = BuiltInLayouts.detectron2.name
  let metrics = BuiltInLayouts.detectron2.metrics
  let percentages: Set<String> = [
    "mAP50", "mAP50-95", "mask.mAP50", "mask.mAP50-95", "pose.mAP50", "pose.mAP50-95", "mIoU",
  ]
  private static let file = "metrics.json"
  private static let pointer = "last_checkpoint"
  private static let final = "model_final.pth"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard listing.holdsFile(Self.file), !listing.isWorkplace else { return false }
    switch FileHead.firstLine(directory, Self.file) {
    case .object(let keys): return keys.contains("iteration")
    case .undecided: return listing.holdsFile(Self.pointer) || listing.holdsFile(Self.final)
    case .other: return false
    }
  }

  /// `model_0004999.pth`, `model_final.pth`, `model_best.pth`.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, let stem = FileNames.stem(path[...], ending: ".pth"),
      let word = FileNames.rest(stem, after: "model_"), !word.contains(UInt8(ascii: "/"))
    else { return nil }
    if word.elementsEqual("final".utf8) { return CheckpointName(role: .last) }
    if word.starts(with: "best".utf8) { return CheckpointName(role: .best) }
    guard let step = FileNames.number(word) else { return CheckpointName(role: .other) }
    return CheckpointName(role: .step, number: step, step: step)
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    readConfiguration(directory, &draft)
    readPointer(directory, listing, &draft)
    let assembly = SeriesAssembly(metrics, percentages: percentages, axis: .step)
    guard let rows = draft.readLines(directory, Self.file, into: JSONRows(assembly, keys: ["iteration"])) else {
      return
    }
    draft.take(rows.assembly, of: Self.file)
  }

  /// Written again at every start; `MODEL.WEIGHTS` is what training began with.
  private func readConfiguration(_ directory: borrowing DirectoryDescriptor, _ draft: inout RunDraft) {
    guard let path = RelativePath(Array("config.yaml".utf8)),
      case .content(let file) = RunFile.read(directory, path, limit: ArgumentFile.limit)
    else { return }
    draft.argumentsModified = file.status.modified
    for line in file.bytes.split(separator: UInt8(ascii: "\n")) {
      let text = CSVTable.trimmed(line)
      guard text.starts(with: "WEIGHTS:".utf8) else { continue }
      if let value = ArgumentFile(parsing: Array(text))["WEIGHTS"] { draft.references.append(value) }
    }
  }

  /// Every save renews it, the final one too: where it names another file, training went on from the final one.
  private func readPointer(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ draft: inout RunDraft
  ) {
    guard let finalName = Name(Self.final), let pointerPath = RelativePath(Array(Self.pointer.utf8)) else { return }
    let final = (try? directory.status(finalName)).flatMap { $0.type == .regular ? $0.modified : nil }
    switch RunFile.read(directory, pointerPath, limit: 4096) {
    case .absent:
      if let final { draft.recordedEnd = RecordedEnd(word: .finished, at: final) }
    case .failed, .unstable: return
    case .content(let file):
      let text = file.bytes.filter { $0 != 10 && $0 != 13 }
      let name = ByteString(FileNames.last(text[...]))
      if name == ByteString(Self.final), let final {
        draft.recordedEnd = RecordedEnd(word: .finished, at: final)
      } else if name != ByteString(Self.final), final != nil {
        draft.roles[ByteString(Self.final)] = .other
      }
      guard listing.index(of: name.bytes) != nil else {
        draft.noteMissingCheckpoint(name)
        return
      }
      draft.needed.append(name)
      draft.roles[name] = .last
    }
  }
}
