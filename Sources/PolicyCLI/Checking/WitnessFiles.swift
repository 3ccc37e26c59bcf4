internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

/// Keeps counterexamples as snapshots, one file a property.
enum WitnessFiles {
  static func save(_ checks: [PolicyCheck], in folder: String) throws {
    for example in checks.flatMap(\.counterexamples) {
      try save(example.snapshot, as: "\(folder)/\(example.property).jsonl")
    }
  }

  static func save(_ snapshot: Snapshot, as path: String) throws {
    switch Files.write(to: path, { write in write(SnapshotCodec.encode(snapshot)) }) {
    case .success: Console.say("saved `\(DisplayText.escape(path))`")
    case .failure(let failure):
      Console.complain(
        "cannot write `\(DisplayText.escape(path))`: \(failure.reason)",
        help: failure.isMissing ? "make the directory first" : nil)
      throw ExitStatus.environment.code
    }
  }
}
