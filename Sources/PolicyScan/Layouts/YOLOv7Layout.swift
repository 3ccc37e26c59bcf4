internal import PolicyCore
internal import PolicyFiles

/// YOLOv7, and YOLOv5 up to 4.0. A run is a directory with `opt.yaml` and `results.txt`, which has no header: epoch,
/// memory, four training losses, labels, image size, four validation figures, three validation losses.
struct YOLOv7Layout: Layout {
  let name = BuiltInLayouts.yolov7.name
  let metrics = BuiltInLayouts.yolov7.metrics
  let argumentFile: String? = "opt.yaml"
  let leavesEndMarks = true

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    listing.holdsFile("opt.yaml") && listing.holdsFile("results.txt")
  }

  /// Besides those of the family `epoch_024.pt` and `best_213.pt`: a best that was overtaken is the state of its epoch.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard let name = WeightsFolder.checkpoint(path, isDirectory: isDirectory) else { return nil }
    guard name.role == .other, let stem = WeightsFolder.stem(path) else { return name }
    for beginning in ["epoch_", "best_"] {
      if let number = FileNames.rest(stem, after: beginning).flatMap({ FileNames.number($0) }) {
        return CheckpointName(role: .epoch, number: number)
      }
    }
    return name
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    draft.plannedEpochs = draft.arguments?.count("epochs")
    let file = "results.txt"
    guard let rows = draft.readLines(directory, file, into: Rows(SeriesAssembly(metrics, folds: false))) else { return }
    draft.take(rows.assembly, of: file)
    guard var series = draft.series else { return }
    if draft.arguments?.bool("notest") == true { draft.dropPlaceholders(&series) }
    series.computeFitness(.weighted)
    draft.series = series
    if let planned = draft.plannedEpochs, let last = series.epochs.last { draft.hasAllEpochs = last + 1 >= planned }
  }

  /// Fifteen cells between blanks, the first of them `epoch/last epoch`.
  struct Rows: LineReader {
    private static let names: [String] = [
      "epoch", "gpu_mem", "box", "obj", "cls", "total", "labels", "img_size", "P", "R", "mAP@.5", "mAP@.5:.95",
      "val box", "val obj", "val cls",
    ]
    var assembly: SeriesAssembly
    /// The cell of each source of the assembly.
    private let places: [Int?]

    init(_ assembly: SeriesAssembly) {
      self.assembly = assembly
      places = assembly.sources.map { source in Self.names.firstIndex { $0.utf8.elementsEqual(source.key) } }
    }

    mutating func takeEnormousLine() { assembly.badRows += 1 }

    mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) {
      guard isWhole else {
        assembly.droppedHalfLine = true
        return
      }
      let cells = bytes[line].split { $0 == 32 || $0 == 9 }
      guard cells.count == Self.names.count, let slash = cells[0].firstIndex(of: UInt8(ascii: "/")),
        let epoch = FileNames.number(cells[0][..<slash]), FileNames.number(cells[0][(slash + 1)...]) != nil,
        !bytes[line].contains(0)
      else {
        assembly.badRows += 1
        return
      }
      for (source, place) in places.enumerated() { if let place { assembly.add(source, cells[place]) } }
      assembly.endRow(epoch)
    }
  }
}
