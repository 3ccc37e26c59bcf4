import PolicyFormats
import PolicySyntax

@testable import PolicyCore

/// Usage: read-metrics evaluate POLICY SNAPSHOT: every rule of a policy asked about every row of a packed snapshot, nothing
/// else: nanoseconds a row and rule, the median of nine times; then how often one was asked, and how many rows some rule takes
/// hold of.
enum Evaluate {
  static func run(_ policyFile: [UInt8], _ snapshotFile: [UInt8]) {
    guard let policy = PolicyLoader.load("policy.yaml", read: { _ in .success(policyFile) }).loaded?.policy,
      let snapshot = try? PackedSnapshot.decode(snapshotFile, schema: policy.schema).snapshot
    else { return print("no policy, or no packed snapshot") }
    let facts = FactReader(
      entities: snapshot.entities, parents: ParentTable(snapshot.entities), roots: snapshot.roots, now: snapshot.now,
      schema: policy.schema)
    let evaluator = RuleEvaluator(policy: policy, facts: facts)
    var (times, held): ([Duration], Int) = ([], 0)
    for _ in 0..<9 {
      held = 0
      let clock = ContinuousClock()
      times.append(
        clock.measure {
          for rule in policy.rules where !rule.isBuiltIn {
            let outcome = evaluator.outcome(of: rule)
            held += outcome.picked.count { $0 }
          }
        })
    }
    let rules = policy.rules.filter { !$0.isBuiltIn }
    let asked = rules.reduce(0) { sum, rule in sum + facts.ranges(of: rule.kind).reduce(0) { $0 + $1.count } }
    let median = times.sorted()[times.count / 2]
    let nanoseconds = Double(median.components.attoseconds) / 1e9 + Double(median.components.seconds) * 1e9
    print("\(nanoseconds / Double(asked)) \(asked) \(held)")
  }
}
