internal import PolicyCore
internal import PolicyFiles

/// What the name of a checkpoint file tells.
struct CheckpointName: Hashable {
  enum Role: String, CaseIterable {
    case best, last, epoch, step, other
    private static let words = Dictionary(uniqueKeysWithValues: allCases.map { ($0, ByteString($0.rawValue)) })
    /// The word as a fact has it, made once.
    var word: ByteString { Self.words[self] ?? ByteString(rawValue) }
  }
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
  /// Names of metrics that the framework counts to 100 and we to 1.
  var percentages: Set<String> { get }
  /// File of the training's arguments, as flat YAML.
  var argumentFile: String? { get }
  /// Whether the framework strips `weights/last.pt` and leaves plots behind when it ends.
  var leavesEndMarks: Bool { get }

  /// Whether a directory is a run. `name` is its own, empty for a root; `arguments` is the argument file when it could
  /// be read.
  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool
  /// What a file or directory of the run is, by its path below the run; `nil` when it is no checkpoint.
  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName?
  /// Reads metrics and evidence off a run that was just recognised.
  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft)
}

extension Layout {
  var percentages: Set<String> { [] }
  var argumentFile: String? { nil }
  var leavesEndMarks: Bool { false }
}
