internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax
internal import PolicyTesting

/// Keeps witnesses: as snapshots to plan on, and as cases. One of a `never` fails until the policy is mended, however it
/// is; one of a difference says what the first policy does.
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
    let fate: Expectation.Fate = example.act.verb == .archive ? .archive : .trash
    let text = CaseWriter.file(
      name: "\(example.property) holds", policy: relative(check.file, to: folder), snapshot: example.snapshot,
      never: [Expectation(fate, example.act.path.displayText)])
    try save(text, as: "\(folder)/\(example.property).yaml") {
      reread(text, policy).map { !CaseOutcome($0, on: policy).passed } ?? false
    }
  }

  /// The snapshot that shows a difference, and beside it a case for what the first policy makes of it.
  static func save(_ difference: Difference, as path: String, before: String, _ left: Policy, _ right: Policy) throws {
    try save(difference.snapshot, as: path)
    let text = CaseWriter.file(
      name: "as \(DisplayText.escape(before)) has it", policy: relative(before, to: path + "/.."),
      snapshot: difference.snapshot, expected: CaseOutcome.outcome(of: Planner.plan(left, on: difference.snapshot)))
    let stem = path.hasSuffix(".jsonl") ? String(path.dropLast(".jsonl".count)) : path
    try save(text, as: "\(stem).case.yaml") {
      guard let test = reread(text, left) else { return false }
      return CaseOutcome(test, on: left).passed && !CaseOutcome(test, on: right).passed
    }
  }

  /// The case as it is written.
  private static func reread(_ text: String, _ policy: Policy) -> PolicyCase? {
    let source = SourceText(path: "case", bytes: Array(text.utf8))
    return CaseReader.read(source, schema: policy.schema, policy: policy).file?.cases.first
  }

  private static func save(_ text: String, as path: String, _ shows: () -> Bool) throws {
    if shows() { return try save(Array(text.utf8), as: path) }
    Console.say(
      "no case was saved, for none can say all of this snapshot (several hosts, layouts, copies that are out of date)")
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
