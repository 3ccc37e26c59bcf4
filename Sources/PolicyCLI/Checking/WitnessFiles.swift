internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax
internal import PolicyTesting

/// Keeps counterexamples: as snapshots to plan on, and as cases that fail until the policy is mended.
enum WitnessFiles {
  static func save(_ checks: [PolicyCheck], in folder: String) throws {
    if checks.contains(where: { !$0.counterexamples.isEmpty }) { Folders.make(folder) }
    for check in checks {
      for example in check.counterexamples {
        try save(example.snapshot, as: "\(folder)/\(example.property).jsonl")
        try save(example, of: check, in: folder)
      }
    }
  }

  static func save(_ snapshot: Snapshot, as path: String) throws { try save(SnapshotCodec.encode(snapshot), as: path) }

  private static func save(_ example: Counterexample, of check: PolicyCheck, in folder: String) throws {
    guard let policy = check.loaded?.policy else { return }
    let lost = example.act.path.displayText
    // What the plan does now, without what it must never do: that has to be held instead.
    var expected = CaseOutcome.outcome(of: Planner.plan(policy, on: example.snapshot)).filter {
      $0.fate != .refused && $0.path != lost
    }
    expected.append(Expectation(.keep, lost))
    let text = CaseWriter.file(
      name: "\(example.property) holds", policy: relative(check.file, to: folder), snapshot: example.snapshot,
      expected: expected)
    try save(Array(text.utf8), as: "\(folder)/\(example.property).yaml")
  }

  private static func save(_ bytes: [UInt8], as path: String) throws {
    switch Files.write(to: path, { $0(bytes) }) {
    case .success: Console.say("saved `\(DisplayText.escape(path))`")
    case .failure(let failure):
      Console.complain(
        "cannot write `\(DisplayText.escape(path))`: \(failure.reason)",
        help: failure.isMissing ? "make the directory first" : nil)
      throw ExitStatus.environment.code
    }
  }

  /// The way from a folder to a file, by the spelling of both.
  private static func relative(_ path: String, to folder: String) -> String {
    var from = Surroundings.absolute(ByteString(folder)).components.map(\.displayText)[...]
    var to = Surroundings.absolute(ByteString(path)).components.map(\.displayText)[...]
    while let first = from.first, first == to.first, to.count > 1 { (from, to) = (from.dropFirst(), to.dropFirst()) }
    return (from.map { _ in ".." } + to).joined(separator: "/")
  }
}
