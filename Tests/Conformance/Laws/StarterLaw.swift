internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax
internal import Testing

/// What `policy init` writes for a tree, whatever is in it.
@Suite("a first policy") struct StarterLaw {
  private static func written(
    for snapshot: Snapshot, set: [(name: String, value: String)] = []
  ) -> LoadResult {
    let text = StarterPolicy(snapshot).text(limit: 100_000, file: "policy.yaml")
    return PolicyLoader.load("policy.yaml", set: set) { _ in .success(Array(text.utf8)) }
  }

  /// Nothing is found in it, and it lets go nothing that cannot be compared.
  @Test func `it has no findings and destroys only what it can explain`() throws {
    var figures = Figures()
    let count = CaseCount.scaled(150)
    for seed in 0..<UInt64(count) {
      var it = GeneratedCase.generate(53_000_000 + seed)
      // A metric's name and a state are all that its rules read.
      it.snapshot.declaredFacts = nil
      // Generated trees are small and young: lower floors and another month bring them into reach.
      it.snapshot.now = try #require(it.snapshot.now.advanced(by: .days(seed.isMultiple(of: 3) ? 0 : 31)))
      let result = Self.written(for: it.snapshot, set: [("recent", "1"), ("best", "1")])
      #expect(result.diagnostics.map(\.message) == [], "seed \(seed)")
      let loaded = try #require(result.loaded, "seed \(seed)")
      let analysis = Analyzer.analyze(
        loaded.policy, loaded.sourceMap, result.sources, now: it.snapshot.now, snapshot: nil)
      #expect(analysis.diagnostics.map(\.message) == [], "seed \(seed)")
      let plan = Planner.plan(loaded.policy, on: it.snapshot)
      #expect(plan.refusals == [], "seed \(seed)")
      let trashed = plan.actions.filter { $0.verb == .trash }
      figures.add("acting", if: !trashed.isEmpty)
      figures.add("trashed", trashed.count)
      for action in trashed {
        #expect(!action.because.isEmpty && action.because.allSatisfy { !$0.readings.isEmpty }, "seed \(seed)")
        let entity = try #require(
          it.snapshot.entities.first {
            $0.kind == action.kind && $0.path == action.path && $0.tier == .live
              && it.snapshot.roots[$0.root].path == action.root && it.snapshot.roots[$0.root].host == action.host
          })
        let rules = action.because.map(\.rule)
        #expect(
          rules.allSatisfy { $0 == "failed-starts" || Self.isMeasured(entity.facts, loaded.policy) }, "seed \(seed)")
      }
      figures.add("floors", try Self.floors(it.snapshot, trashed))
    }
    print("first policies: \(count) cases: \(figures.line)")
    #expect(figures["acting"] * 20 > count)
    #expect(figures["floors"] * 2 > count)
  }

  private static func isMeasured(_ facts: FactRow, _ policy: Policy) -> Bool {
    policy.schema.runs.contains { metric in
      guard metric.origin == .layout, case .value = facts.fact(metric.name) else { return false }
      return true
    }
  }

  /// Everybody's newest run that did not fail stays: how many people have one.
  private static func floors(_ snapshot: Snapshot, _ trashed: [Action]) throws -> Int {
    let gone = Set(trashed.filter { $0.kind == .run }.map { "\($0.host)\u{0}\($0.root)\u{0}\($0.path)" })
    var newest: [Fact: (stamp: Int64, key: String)] = [:]
    for entity in snapshot.entities where entity.kind == .run && entity.tier == .live {
      let facts = entity.facts
      guard case .value(.text(let state)) = facts.fact("state"), state != "failed",
        case .value(.text) = facts.fact("user"), case .value(.integer(let stamp)) = facts.fact("finished_at"),
        stamp <= snapshot.now.nanoseconds
      else { continue }
      let root = snapshot.roots[entity.root]
      let user = facts.fact("user")
      guard newest[user].map({ $0.stamp < stamp }) ?? true else { continue }
      newest[user] = (stamp, "\(root.host)\u{0}\(root.path)\u{0}\(entity.path)")
    }
    for (user, run) in newest { #expect(!gone.contains(run.key), "\(user)") }
    return newest.count
  }

  @Test func `nothing at all is no obstacle`() throws {
    let empty = Snapshot(now: Timestamp(nanoseconds: 1_800_000_000_000_000_000), roots: [Root(path: "/data/runs")])
    let result = Self.written(for: empty)
    #expect(result.diagnostics.map(\.message) == [])
    #expect(result.loaded?.policy.roots == ["/data/runs"])
  }

  /// A root's name is data, not YAML.
  @Test(arguments: [
    "/data/a b", "/data/a: b", "/data/#1", "/data/\"x\"", "/data/back\\slash", "/data/特征级融合", "/data/line\nfeed",
    "/data/{user}", "/data/*", "/data/'", "/data/- x", "/data/%",
  ])
  func `odd names of roots`(_ name: String) throws {
    let snapshot = Snapshot(
      now: Timestamp(nanoseconds: 1_800_000_000_000_000_000), roots: [Root(path: ByteString(name))])
    let result = Self.written(for: snapshot)
    #expect(result.loaded?.policy.roots == [ByteString(name)], "\(result.diagnostics.map(\.message))")
  }
}
