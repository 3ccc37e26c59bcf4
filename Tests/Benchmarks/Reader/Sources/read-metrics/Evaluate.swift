import PolicyFormats
import PolicySyntax

@testable import PolicyCore

/// Usage: read-metrics evaluate POLICY SNAPSHOT: every rule of a policy asked about every row of a packed snapshot, nothing
/// else: nanoseconds a row and rule, the median of nine times, first with decoding the facts that the rules read, then without;
/// then how often one was asked, and how many rows some rule takes hold of.
enum Evaluate {
  static func run(_ policyFile: [UInt8], _ snapshotFile: [UInt8]) {
    guard let policy = PolicyLoader.load("policy.yaml", read: { _ in .success(policyFile) }).loaded?.policy,
      let snapshot = try? PackedSnapshot.decode(snapshotFile, schema: policy.schema).snapshot
    else { return print("no policy, or no packed snapshot") }
    let facts = FactReader(
      entities: snapshot.entities, parents: ParentTable(snapshot.entities), roots: snapshot.roots, now: snapshot.now,
      schema: policy.schema)
    var (decodings, evaluations, held): ([Duration], [Duration], Int) = ([], [], 0)
    let clock = ContinuousClock()
    for _ in 0..<9 {
      held = 0
      let start = clock.now
      let evaluator = RuleEvaluator(policy: policy, facts: facts)
      let decoded = clock.now
      for rule in policy.rules where !rule.isBuiltIn {
        held += evaluator.outcome(of: rule).picked.count { $0 }
      }
      decodings.append(decoded - start)
      evaluations.append(clock.now - decoded)
    }
    let rules = policy.rules.filter { !$0.isBuiltIn }
    let asked = rules.reduce(0) { sum, rule in sum + facts.ranges(of: rule.kind).reduce(0) { $0 + $1.count } }
    func nanoseconds(_ times: [Duration]) -> Double {
      times.sorted()[times.count / 2] / .nanoseconds(1) / Double(asked)
    }
    let evaluation = nanoseconds(evaluations)
    print("\(nanoseconds(decodings) + evaluation) \(evaluation) \(asked) \(held)")
  }
}
