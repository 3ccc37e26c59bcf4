internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import Testing

/// Law 2: same policy bytes and same snapshot bytes give the same plan bytes.
@Suite("law 2: same bytes, same plan") struct SameBytesLaw {
  /// From bytes to bytes, sharing nothing with another call.
  private static func plan(_ policy: [UInt8], _ snapshot: [UInt8]) -> [UInt8]? {
    guard let policy = try? PolicyCodec.decode(JSONReader.parse(policy)),
      let snapshot = SnapshotCodec.decode(snapshot, path: "snapshot.jsonl").snapshot
    else { return nil }
    return PlanCodec.encode(OrderLaw.sealed(policy, snapshot))
  }

  @Test func plansAreTheSameToTheByte() {
    var figures = Figures()
    let count = CaseCount.scaled(400)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(2_000_000 + seed)
      let policy = CanonicalJSON.encode(PolicyCodec.encode(it.policy))
      let snapshot = SnapshotCodec.encode(it.snapshot)
      guard let first = Self.plan(policy, snapshot), let second = Self.plan(policy, snapshot) else {
        figures.add("not readable")
        continue
      }
      figures.add("compared")
      #expect(first == second, "\(it.description)")
      figures.add("with actions", if: !OrderLaw.sealed(it.policy, it.snapshot).plan.actions.isEmpty)
    }
    print("law 2: \(count) cases: \(figures.line)")
    #expect(figures["compared"] * 10 >= count * 9)
    #expect(figures["with actions"] * 4 > count)
  }
}
