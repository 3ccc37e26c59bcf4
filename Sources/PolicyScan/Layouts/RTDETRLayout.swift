internal import PolicyCore
internal import PolicyFiles

/// RT-DETR of lyuwenyu and the other children of DETR's training script. A run is a directory whose `log.txt` holds one
/// object a line with `epoch` and `train_…`.
struct RTDETRLayout: Layout {
  let name = BuiltInLayouts.rtdetr.name
  let metrics = BuiltInLayouts.rtdetr.metrics
  private static let file = "log.txt"

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard listing.holdsFile(Self.file), !listing.isWorkplace else { return false }
    switch FileHead.firstLine(directory, Self.file) {
    case .object(let keys): return keys.contains("epoch") && keys.contains { $0.bytes.starts(with: "train_".utf8) }
    case .undecided:
      return listing.contains { self.checkpoint(Array($0), isDirectory: false) != nil }
    case .other: return false
    }
  }

  /// `checkpoint.pth` (v1) or `last.pth` (v2), `checkpoint0012.pth`, `best.pth`. What lies in `eval/` are no weights.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, FileNames.isTopLevel(path), let stem = FileNames.stem(path[...], ending: ".pth") else {
      return nil
    }
    if stem.elementsEqual("last".utf8) || stem.elementsEqual("checkpoint".utf8) { return CheckpointName(role: .last) }
    if stem.starts(with: "best".utf8) || stem.elementsEqual("checkpoint_best_regular".utf8) {
      return CheckpointName(role: .best)
    }
    guard let rest = FileNames.rest(stem, after: "checkpoint") else { return nil }
    if let number = FileNames.number(rest) { return CheckpointName(role: .epoch, number: number) }
    return CheckpointName(role: .other)
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    let assembly = SeriesAssembly(metrics, folds: false)
    guard let rows = draft.readLines(directory, Self.file, into: JSONRows(assembly, keys: ["epoch"])) else { return }
    draft.take(rows.assembly, of: Self.file)
  }
}
