import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyTesting
import Testing

/// Whatever a policy says and a case can see, some mutant says otherwise.
@Suite struct MutatorTests {
  static let policy = """
    version: 1
    roots: [runs]
    trash: { purge_after: 7d }
    limits: { max_trash: 200, max_trash_bytes: 1GiB, max_share: 50% }
    never:
      - { id: good, destroy: checkpoints, where: "role in [best, last] and run.mAP50 ?? 0 > 0.8" }
    rules:
      - { id: best, keep: runs, per: user, best: { n: 2, by: mAP50, missing: drop } }
      - { id: last, keep: runs, per: all, latest: 1, yields_to: [pressure, quota] }
      - { id: old, trash: runs, where: state == finished, after: 2d }
      - id: thin
        thin: checkpoints
        where: run.state == finished and role == epoch
        per: run
        keep: [{ every: { n: 50 } }, { latest: 1 }]
    quotas:
      - id: box
        of: runs
        per: user
        limit: 500GiB
        down_to: 90%
        evict:
          where: state == finished and age > 24h
          order: [pinned first, mAP50 asc missing first]
    pressure:
      - id: data
        volume: /data
        high: 90%
        low: 80%
        relieve:
          - { purge: trash, min_age: 12h }
          - { trash: runs, where: "state in [failed, interrupted]", order: [bytes desc] }
          - { trash: runs, where: state == finished }
    """

  static func mutants() throws -> (Policy, [Mutant]) {
    let result = PolicyLoader.load("p.yaml") { _ in .success(Array(policy.utf8)) }
    let loaded = try #require(result.loaded, "\(result.diagnostics.map(\.message))")
    return (loaded.policy, Mutator.mutants(of: loaded.policy))
  }

  @Test(arguments: [
    "best: missing drop becomes keep", "best: per without its part 1", "best: per with project as well",
    "best: best counts from the other end", "last: per with user as well", "last: pressure dropped from yields_to",
    "old: after 2d becomes more than 2d", "old: after 2d becomes 1d23h59m59s", "thin: per without its part 1",
    "box: limit one byte less", "box: limit one byte more", "box: down_to dropped", "box: down_to 90% becomes 91%",
    "box: down_to 90% becomes 89%", "box: per without its part 1", "box: per with project as well",
    "box: age(finished_at) > 1d becomes >=", "box: age(finished_at) > 1d becomes > 1d1s",
    "box: order part 1 turned round", "box: order part 2 turned round",
    "box: order part 2: missing first becomes last", "box: order part 2: missing first dropped",
    "data: high 90% becomes 91%", "data: high 90% becomes 89%", "data: low 80% becomes 81%",
    "data: low 80% becomes 79%", "data: without step 1", "data: step 3 before step 2",
    "data: step 1: min_age 12h becomes more than 12h", "data: step 1: min_age 12h becomes 11h59m59s",
    "data: step 1: order turned round", "data: step 2: interrupted dropped from state in [failed, interrupted]",
    "data: step 2: order without its part 1", "data: step 2: order part 1 turned round",
    "good: dropped", "good: last dropped from role in [best, last]", "good: run.mAP50 ?? 0 > 0.8 becomes >=",
    "good: run.mAP50 ?? 0 > 0.8 becomes > 0.81", "good: ?? dropped from run.mAP50 ?? 0 > 0.8",
    "limits: max_trash 200 becomes 201", "limits: max_trash 200 becomes 199",
    "limits: max_trash_bytes one byte more", "limits: max_trash_bytes one byte less",
    "limits: max_share 50% becomes 51%", "limits: max_share 50% becomes 49%",
    "trash: purge_after 7d becomes more than 7d", "trash: purge_after 7d becomes 6d23h59m59s",
    "trash: purge_after dropped",
  ])
  func `there is a mutant`(name: String) throws {
    let (_, mutants) = try Self.mutants()
    #expect(mutants.contains { $0.name == name })
  }

  /// One that changed nothing would survive every case; two of one name could not be explained apart.
  @Test func `each changes something, and has a name of its own`() throws {
    let (policy, mutants) = try Self.mutants()
    #expect(mutants.allSatisfy { $0.policy != policy })
    #expect(Set(mutants.map(\.policy)).count == mutants.count)
    #expect(Set(mutants.map(\.name)).count == mutants.count)
    // A purge before another step or after it takes the same.
    #expect(!mutants.contains { $0.name == "data: step 2 before step 1" })
  }

  /// A case with params of its own is asked about the same mistakes, also where one of them changes nothing there.
  @Test func `params do not shift mutants`() throws {
    let text = """
      version: 1
      roots: [runs]
      trash: { purge_after: 7d }
      params: { floor: { default: 0.8 }, wait: { default: 2d } }
      never:
        - { id: good, destroy: checkpoints, where: "role in [best, last] and run.mAP50 ?? 0 > $floor" }
      rules:
        - { id: old, trash: runs, where: state == failed, after: $wait }
      """
    let cases = """
      version: 1
      policy: p.yaml
      cases:
        - name: without a wait
          now: 2027-01-15T08:00:00Z
          params: { wait: 0s, floor: 0.7 }
          trash:
            - path: a
              age: 8d
              runs: [{ path: a, mAP50: 0.705 }]
              checkpoints: [{ path: a/best.pt, role: best }]
          expect: { keep: { a: good } }
      """
    let suite = try TestSuite.open(
      SourceText(path: "cases.yaml", bytes: Array(cases.utf8)), policyPath: "p.yaml"
    ) { set in
      PolicyLoader.load("p.yaml", set: set) { _ in .success(Array(text.utf8)) }
    }.get()
    #expect(suite.run().map(\.difference) == [[]])
    let survivors = Set(MutationRun([suite]).survivors.map(\.mutant.name))
    // Noticed by the value under the case's own param; `last` and the wait are not looked at.
    #expect(!survivors.contains("good: dropped"))
    #expect(!survivors.contains("good: run.mAP50 ?? 0 > 0.8 becomes > 0.81"))
    #expect(survivors.contains("good: last dropped from role in [best, last]"))
    #expect(survivors.contains("old: after 2d becomes 1d23h59m59s"))
  }
}
