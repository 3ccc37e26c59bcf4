internal import PolicyCore
internal import PolicyFiles

/// What the name of a checkpoint file tells.
struct CheckpointName: Hashable {
  enum Role: String { case best, last, epoch, step, other }
  var role: Role
  /// The number in the name.
  var number: Int64?
  /// The training step, where the name tells one.
  var step: Int64?
}

/// A way of laying out a run directory: data, and the few questions that data cannot answer.
protocol Layout: Sendable {
  var name: String { get }
  var metrics: [MetricDeclaration] { get }
  /// CSV file with one row an epoch, relative to the run.
  var metricFile: ByteString? { get }
  /// File of the training's arguments.
  var argumentFile: String? { get }
  /// Columns that may number the rows, first choice first.
  var epochColumns: [String] { get }
  /// Whether a metric file that does not begin at 0 counts from 1.
  var countsFromOne: Bool { get }
  /// Whether the framework strips `weights/last.pt` and leaves plots behind when it ends.
  var leavesEndMarks: Bool { get }

  /// Whether a directory is a run. `arguments` is the argument file when it could be read.
  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ arguments: ArgumentFile?
  ) -> Bool
  /// What a file or directory of the run is, by its path below the run; `nil` when it is no checkpoint.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName?
  /// `nil` where the framework has no such notion; else the definition that is sure, or the newest with a doubt.
  func fitness(_ version: String?) -> (definition: FitnessDefinition, isSure: Bool)?
}

extension Layout {
  var metricPath: RelativePath? { metricFile.flatMap { RelativePath($0.bytes) } }
}

extension DirectoryListing {
  func holds(_ name: String) -> Bool { index(of: name) != nil }
}

/// `best.pt`, `last.pt`, `epoch12.pt` below `weights/`: shared by the YOLO families.
enum WeightsFolder {
  private static let prefix = Array("weights/".utf8)

  static func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, path.starts(with: prefix) else { return nil }
    let name = path.dropFirst(prefix.count)
    guard name.count > 3, name.suffix(3).elementsEqual(".pt".utf8), !name.contains(UInt8(ascii: "/")),
      name.first != UInt8(ascii: ".")
    else { return nil }
    let stem = name.dropLast(3)
    if stem.elementsEqual("best".utf8) { return CheckpointName(role: .best) }
    if stem.elementsEqual("last".utf8) { return CheckpointName(role: .last) }
    if stem.starts(with: "epoch".utf8) {
      let digits = stem.dropFirst(5)
      if !digits.isEmpty, digits.count <= 9, digits.allSatisfy({ (48...57).contains($0) }) {
        let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
        return CheckpointName(role: .epoch, number: number)
      }
    }
    return CheckpointName(role: .other)
  }
}
