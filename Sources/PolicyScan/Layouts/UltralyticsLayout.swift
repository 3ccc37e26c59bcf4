internal import PolicyCore
internal import PolicyFiles

/// Ultralytics v8 to today and its forks. A run is a directory with `args.yaml`: one that speaks of a training, or one
/// that lies beside `weights/` or `results.csv`.
struct UltralyticsLayout: TableLayout {
  let name = BuiltInLayouts.ultralytics.name
  let metrics = BuiltInLayouts.ultralytics.metrics
  let metricFile: ByteString? = "results.csv"
  let argumentFile: String? = "args.yaml"
  let epochColumns = ["epoch"]
  let countsFromOne = true
  let leavesEndMarks = true

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard listing.holdsFile("args.yaml") else { return false }
    if listing.holds("weights") || listing.holds("results.csv") { return true }
    guard let arguments else { return false }
    // Validation, prediction and export write the same keys; only a training makes a run.
    return arguments.has("task") && arguments.has("epochs") && arguments.text("mode") == "train"
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    WeightsFolder.checkpoint(path, isDirectory: isDirectory)
  }

  func fitness(_ version: String?) -> (definition: FitnessDefinition, isSure: Bool)? {
    guard let definition = version.flatMap(FitnessDefinition.init(version:)) else { return (.strict, false) }
    return (definition, true)
  }
}
