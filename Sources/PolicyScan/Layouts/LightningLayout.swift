internal import PolicyCore
internal import PolicyFiles

/// PyTorch Lightning. A run is what a logger makes: a directory with `hparams.yaml` or `metrics.csv` that is called
/// `version_N` or holds checkpoints or events, or whose `metrics.csv` counts epochs and steps.
struct LightningLayout: Layout {
  let name = BuiltInLayouts.lightning.name
  let metrics = BuiltInLayouts.lightning.metrics
  let argumentFile: String? = nil
  private static let hyperparameters = "hparams.yaml"
  private static let file = "metrics.csv"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    let hasTable = listing.holdsFile(Self.file)
    guard hasTable || listing.holdsFile(Self.hyperparameters) else { return false }
    if FileNames.rest(name, after: "version_").flatMap({ FileNames.number($0) }) != nil { return true }
    if listing.holdsFile(Self.hyperparameters) {
      if hasTable || listing.holds("checkpoints") || listing.contains(where: EventFile.isOne) { return true }
    }
    return hasTable && TableHead.columns(directory, Self.file).isSuperset(of: ["epoch", "step"])
  }

  /// `epoch=3-step=400.ckpt`, `last.ckpt`, `last-v1.ckpt`, and any other `.ckpt`; sharded ones are directories.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    let name = FileNames.rest(path[...], after: "checkpoints/") ?? path[...]
    guard !name.contains(UInt8(ascii: "/")), name.first != 46, let stem = FileNames.stem(name, ending: ".ckpt") else {
      return nil
    }
    let (epoch, step) = (Self.value(of: "epoch=", stem), Self.value(of: "step=", stem))
    if stem.starts(with: "last".utf8) { return CheckpointName(role: .last, number: epoch, step: step) }
    if stem.starts(with: "best".utf8) { return CheckpointName(role: .best, number: epoch, step: step) }
    if epoch != nil { return CheckpointName(role: .epoch, number: epoch, step: step) }
    return CheckpointName(role: step == nil ? .other : .step, number: step, step: step)
  }

  /// The number behind `epoch=`, up to the next `-` or the end.
  private static func value(of key: String, _ stem: ArraySlice<UInt8>) -> Int64? {
    for part in stem.split(separator: UInt8(ascii: "-")) {
      if let number = FileNames.rest(part, after: key).flatMap({ FileNames.number($0) }) { return number }
    }
    return nil
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    draft.startedAt = EventFile.start(listing)
    readHyperparameters(directory, &draft)
    readLinks(directory, listing, &draft)
    guard listing.holds(Self.file) else {
      // The figures are there, in a form that is not read: not the same as none.
      if draft.startedAt != nil {
        draft.refuseMetrics(nil, "events-only", "the figures stand in event files, which are not read")
      }
      return
    }
    draft.readSparseTable(directory, Self.file, metrics)
    guard let planned = draft.plannedEpochs, let series = draft.series, let last = series.epochs.last else { return }
    // Steps of the last epoch are logged while it runs; its validation is logged when it is over.
    let validated = ["val.loss", "accuracy", "f1", "mIoU", "auroc"].compactMap { series.column($0)?.cells.last }
    draft.hasAllEpochs = last + 1 >= planned && validated.contains { $0 != .empty }
  }

  private func readHyperparameters(_ directory: borrowing DirectoryDescriptor, _ draft: inout RunDraft) {
    guard let path = RelativePath(Array(Self.hyperparameters.utf8)),
      case .content(let file) = RunFile.read(directory, path, limit: ArgumentFile.limit)
    else { return }
    let values = ArgumentFile(parsing: file.bytes)
    draft.plannedEpochs = values.count("max_epochs") ?? values.count("num_epochs") ?? values.count("epochs")
    let keys = [
      "ckpt_path", "resume_from_checkpoint", "checkpoint_path", "checkpoint", "pretrained_ckpt", "pretrained",
      "weights",
      "model", "model_path", "resume",
    ]
    draft.references += keys.compactMap { values[$0] }
  }

  /// `save_last="link"` makes `last.ckpt` a link to one of the others: that one is needed.
  private func readLinks(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ draft: inout RunDraft
  ) {
    guard listing.holds("checkpoints"), let name = Name("checkpoints"), let folder = try? directory.open(name),
      let files = try? folder.list()
    else { return }
    for index in files.indices where files.bytes(index).starts(with: "last".utf8) {
      guard let target = try? folder.linkTarget(files.name(index)) else { continue }
      draft.needed.append(ByteString(Array("checkpoints/".utf8) + FileNames.last(target[...])))
    }
  }
}
