internal import ArgumentParser
internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax

/// A tree that nobody has written a policy for yet, and the policy that would fit it.
struct StarterInput {
  let snapshot: Snapshot
  let survey: TreeSurvey
  let text: String
  let loaded: LoadedPolicy
  let plan: Plan

  /// Looks at directories, writes a policy for what is there and tries it: what comes out has no findings.
  static func look(_ roots: [ByteString], file: String, now: Timestamp?) throws -> StarterInput {
    if let bad = roots.map(Surroundings.absolute).first(where: { $0.utf8Text == nil }) {
      Console.complain(
        "root \(DisplayText.escape(bad)): its name is not UTF-8, so no policy can name it", help: "rename it first")
      throw ExitStatus.refused.code
    }
    var snapshot = try SnapshotInput.search(roots, ScanSettings(), [], now: now)
    var starter = StarterPolicy(snapshot)
    // Whose runs they are follows from the settings, and what fits from whose they are: at most a third look.
    for _ in 0..<2 where starter.scan != (snapshot.scan ?? ScanSettings()) {
      snapshot = try SnapshotInput.search(roots, starter.scan, [], now: now ?? snapshot.now)
      starter = StarterPolicy(snapshot, after: starter)
    }
    let first = try load(starter.text(limit: 1_000_000, file: file), file, snapshot.now)
    let wanted = Planner.plan(first.policy, on: snapshot).actions.count { $0.verb == .trash }
    // Room for as much again as lies there today, in round numbers.
    let text = starter.text(limit: max(20, (wanted + wanted / 4 + 9) / 10 * 10), file: file)
    let loaded = try load(text, file, snapshot.now)
    return StarterInput(
      snapshot: snapshot, survey: TreeSurvey(snapshot), text: text, loaded: loaded,
      plan: Planner.plan(loaded.policy, on: snapshot))
  }

  private static func load(_ text: String, _ file: String, _ now: Timestamp) throws -> LoadedPolicy {
    let result = PolicyLoader.load(file) { _ in .success(Array(text.utf8)) }
    var findings = result.diagnostics
    if let loaded = result.loaded {
      findings += Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: now, snapshot: nil).diagnostics
    }
    if let loaded = result.loaded, findings.isEmpty { return loaded }
    Console.say(DiagnosticText.render(findings.inSourceOrder(), result.sources, style: Surroundings.errorStyle))
    Console.complain(
      "the policy that would fit has findings, so it was not written",
      help: "this is a mistake of this program: please report it with what stands above")
    throw ExitStatus.internalError.code
  }

  /// What was named; else `runs` below here, where training frameworks put theirs; else here.
  static func roots(_ named: [String]) -> [ByteString] {
    if !named.isEmpty { return named.map { ByteString($0) } }
    return [Folders.isFolder("runs") ? "runs" : "."]
  }
}
