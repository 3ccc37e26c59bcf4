internal import PolicyCore
internal import PolicyFiles

/// YOLOv5 and YOLOv9. A run is a directory with `opt.yaml` and `hyp.yaml`; the classification trainer writes no
/// `hyp.yaml`, so there `results.csv` stands in for it. `results.txt` without `results.csv` is YOLOv7's.
struct YOLOv5Layout: TableLayout {
  let name = BuiltInLayouts.yolov5.name
  let metrics = BuiltInLayouts.yolov5.metrics
  let metricFile: ByteString? = "results.csv"
  let argumentFile: String? = "opt.yaml"
  let epochColumns = ["epoch"]
  let countsFromOne = false
  let leavesEndMarks = true

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard listing.holdsFile("opt.yaml") else { return false }
    if listing.holds("results.csv") { return true }
    return listing.holds("hyp.yaml") && !listing.holds("results.txt")
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    WeightsFolder.checkpoint(path, isDirectory: isDirectory)
  }

  func fitness(_ version: String?) -> (definition: FitnessDefinition, isSure: Bool)? { (.weighted, true) }
}
