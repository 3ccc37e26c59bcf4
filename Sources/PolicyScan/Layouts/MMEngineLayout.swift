internal import PolicyCore
internal import PolicyFiles

/// OpenMMLab on mmengine. A run is the work directory: each start made a `<YYYYmmdd_HHMMSS>/vis_data/scalars.json` in it,
/// and the checkpoints lie beside those.
struct MMEngineLayout: Layout {
  let name = BuiltInLayouts.mmengine.name
  let metrics = BuiltInLayouts.mmengine.metrics
  /// Counted to 100 by MMPretrain and MMSegmentation.
  let percentages: Set<String> = [
    "accuracy_top1", "accuracy_top5", "accuracy", "f1", "precision", "recall", "mIoU",
  ]
  private static let pointer = "last_checkpoint"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    let starts = Self.starts(listing)
    guard !starts.isEmpty, !listing.isWorkplace else { return false }
    if starts.contains(where: { Self.holdsScalars(directory, $0) }) { return true }
    return listing.holdsFile(Self.pointer)
  }

  /// Names of the directories of the starts, the oldest first.
  private static func starts(_ listing: DirectoryListing) -> [String] {
    listing.range(beginning: "20").compactMap { index in
      let name = listing.bytes(index)
      guard name.count == 15, listing.typeHint(index) != .regular, FileNames.number(name.prefix(8)) != nil,
        name[name.startIndex + 8] == UInt8(ascii: "_"), FileNames.number(name.suffix(6)) != nil
      else { return nil }
      return String(decoding: name, as: UTF8.self)
    }
  }

  private static func holdsScalars(_ directory: borrowing DirectoryDescriptor, _ start: String) -> Bool {
    guard let path = RelativePath(Array("\(start)/vis_data/scalars.json".utf8)) else { return false }
    return (try? directory.status(path))?.type == .regular
  }

  /// `epoch_12.pth`, `iter_4000.pth`, `best_coco_bbox_mAP_epoch_12.pth`.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, FileNames.isTopLevel(path), let stem = FileNames.stem(path[...], ending: ".pth") else {
      return nil
    }
    let parts = stem.split(separator: UInt8(ascii: "_"))
    let number = parts.last.flatMap { FileNames.number($0) }
    let word = parts.dropLast().last
    let isEpoch = number != nil && word?.elementsEqual("epoch".utf8) == true
    let isStep = number != nil && word?.elementsEqual("iter".utf8) == true
    if stem.starts(with: "best_".utf8) {
      return CheckpointName(role: .best, number: isEpoch || isStep ? number : nil, step: isStep ? number : nil)
    }
    guard parts.count == 2 else { return CheckpointName(role: .other) }
    if isEpoch { return CheckpointName(role: .epoch, number: number) }
    return isStep ? CheckpointName(role: .step, number: number, step: number) : CheckpointName(role: .other)
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    let starts = Self.starts(listing)
    let config = starts.last.map { PythonConfig(FileHead.read(directory, "\($0)/vis_data/config.py", count: 1 << 20)) }
    draft.plannedEpochs = config?.count("max_epochs")
    draft.references += [config?.text("load_from"), config?.text("resume_from")].compactMap { $0 }
    draft.startedAt = starts.first.flatMap { Self.started(directory, $0) }
    readPointer(directory, listing, config, &draft)
    let files = starts.filter { Self.holdsScalars(directory, $0) }.map { "\($0)/vis_data/scalars.json" }
    let byStep = files.last.map { Self.countsSteps(directory, $0) } ?? false
    var rows = JSONRows(
      SeriesAssembly(metrics, percentages: percentages, axis: byStep ? .step : .epoch),
      keys: byStep ? ["step", "iter"] : ["epoch", "step"]
    ) { values in values[0] ?? values[1] }
    for file in files {
      guard let read = draft.readLines(directory, file, into: rows) else { continue }
      rows = read
    }
    draft.take(rows.assembly, of: "scalars.json")
  }

  /// Rows of a training by iterations name no epoch.
  private static func countsSteps(_ directory: borrowing DirectoryDescriptor, _ file: String) -> Bool {
    let head = FileHead.read(directory, file)
    for line in head.split(separator: UInt8(ascii: "\n")) where line.contains(UInt8(ascii: "{")) {
      let text = String(decoding: line, as: UTF8.self)
      if text.contains("\"epoch\":") { return false }
      if text.contains("\"iter\":") { return true }
    }
    return false
  }

  /// The directory's name is the local time of a machine whose zone is not known; its config was written then.
  private static func started(_ directory: borrowing DirectoryDescriptor, _ start: String) -> Int64? {
    guard let path = RelativePath(Array("\(start)/vis_data/config.py".utf8)) else { return nil }
    return (try? directory.status(path))?.modified
  }

  /// `last_checkpoint` holds an absolute path, perhaps of another machine; only its name counts.
  private func readPointer(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ config: PythonConfig?,
    _ draft: inout RunDraft
  ) {
    guard listing.holdsFile(Self.pointer), let path = RelativePath(Array(Self.pointer.utf8)),
      case .content(let file) = RunFile.read(directory, path, limit: 4096)
    else { return }
    let text = file.bytes.filter { $0 != 10 && $0 != 13 }
    let name = ByteString(FileNames.last(text[...]))
    guard listing.index(of: name.bytes) != nil, let checkpoint = checkpoint(name.bytes, isDirectory: false) else {
      draft.noteMissingCheckpoint(name)
      return
    }
    draft.needed.append(name)
    if checkpoint.role == .epoch || checkpoint.role == .step { draft.roles[name] = .last }
    let planned = checkpoint.step == nil ? config?.count("max_epochs") : config?.count("max_iters")
    if let planned, let number = checkpoint.number, number >= planned {
      draft.recordedEnd = RecordedEnd(word: .finished, at: file.status.modified)
    }
  }
}
