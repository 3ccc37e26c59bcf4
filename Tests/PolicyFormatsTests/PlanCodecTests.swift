internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import Testing

@Suite struct PlanCodecTests {
  private static func decode(_ text: String) -> (plan: SealedPlan?, diagnostics: [Diagnostic]) {
    PlanCodec.decode(Array(text.utf8), path: "plan.json")
  }

  @Test func generatedPlansRoundTrip() throws {
    var random = SeededGenerator(seed: 31)
    var actions = 0
    for _ in 0..<300 {
      let sealed = random.sealedPlan()
      let bytes = PlanCodec.encode(sealed)
      let (decoded, diagnostics) = PlanCodec.decode(bytes, path: "plan.json")
      let again = try #require(decoded, "\(diagnostics)")
      #expect((again == sealed) as Bool)
      #expect((PlanCodec.encode(again) == bytes) as Bool)
      #expect(try JSONReader.parse(bytes) == PlanCodec.json(sealed))
      actions += sealed.plan.actions.count
    }
    #expect(actions > 1000)
  }

  @Test func oneActionALineAndKeysInOrder() throws {
    var random = SeededGenerator(seed: 32)
    for _ in 0..<20 {
      let sealed = random.sealedPlan()
      let lines = PlanCodec.encode(sealed).split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
      for id in sealed.ids { #expect(lines.count { $0.contains("\"id\":\"\(id)\"") } == 1) }
      let keys = lines.filter { $0.hasPrefix("  \"") }.map { $0.dropFirst(3).prefix { $0 != "\"" } }
      #expect(keys == keys.sorted())
      #expect(keys.count == 12)
    }
  }

  @Test func placesAndFileHashesAreNotDigested() {
    var random = SeededGenerator(seed: 33)
    let (plan, policy) = (random.plan(), random.policy())
    func digest(_ sha256: String, _ locations: [String: String], _ snapshot: String = "sha256:00") -> String {
      PlanCodec.seal(
        plan, policy: policy, files: [("a.yaml", sha256)], locations: locations, snapshotDigest: snapshot
      ).digest
    }
    let first = digest("00", [:])
    #expect(digest("11", ["rule-0": "a.yaml:3"]) == first)
    #expect(digest("00", [:], "sha256:11") != first)
  }

  @Test func readingsInAnyOrderAreOnePlan() {
    var random = SeededGenerator(seed: 34)
    let policy = random.policy()
    var plan = random.plan()
    plan.actions = [random.action(plan.roots[0], verb: .trash)]
    plan.actions[0].because[0].readings = [
      FactReading(fact: "state", value: "failed"), FactReading(fact: "age", value: "30d"),
    ]
    var other = plan
    other.actions[0].because[0].readings.reverse()
    func seal(_ plan: Plan) -> SealedPlan {
      PlanCodec.seal(plan, policy: policy, files: [], locations: [:], snapshotDigest: "")
    }
    #expect((seal(plan) == seal(other)) as Bool)
  }

  // MARK: Ids

  private static func trash(_ path: ByteString, host: ByteString = "gpu1", record: String? = nil) -> Action {
    Action(
      verb: record == nil ? .trash : .purge, kind: .run, host: host, root: "/data/runs", path: path, record: record,
      owner: nil, bytes: 1, because: [])
  }

  private static func ids(_ actions: [Action]) -> [String] {
    let plan = Plan(
      now: Timestamp(nanoseconds: 0), roots: [], actions: actions, held: [], undecided: [], unmet: [], checks: [],
      counts: Plan.Counts(), refusals: [])
    return PlanCodec.seal(plan, policy: Policy(), files: [], locations: [:], snapshotDigest: "").ids
  }

  /// From SHA-256 of `["gpu1","/data/runs","trash","run","alice/det/exp-03",null]`, by `openssl` and `base32`.
  @Test func idOfAKnownAction() { #expect(Self.ids([Self.trash("alice/det/exp-03")]) == ["7mpolo3m"]) }

  @Test func idsDependOnTheTupleAlone() {
    var reasoned = Self.trash("a")
    reasoned.because = [Reason(rule: "stale")]
    reasoned.bytes = 2
    #expect(Self.ids([reasoned]) == Self.ids([Self.trash("a")]))
    let different = Self.ids([
      Self.trash("a"), Self.trash("b"), Self.trash("a", host: "gpu2"), Self.trash("a", record: "r1"),
      Self.trash("a", record: "r2"), Self.trash(ByteString([0x61, 0xFF])), Self.trash("a\\xff"),
    ])
    #expect(Set(different).count == different.count)
  }

  @Test func idsThatBeginAlikeAreLonger() {
    let names = ["aaaaaaaabcde", "aaaaaaaabcdf", "aaaaaaaacccc", "bbbbbbbbbbbb", "aaaaaaabaaaa"]
    #expect(
      ActionIdentifiers.shorten(names) == ["aaaaaaaabcde", "aaaaaaaabcdf", "aaaaaaaac", "bbbbbbbb", "aaaaaaab"])
    #expect(ActionIdentifiers.shorten(names.reversed()) == ActionIdentifiers.shorten(names).reversed())
    #expect(ActionIdentifiers.shorten([]).isEmpty)
  }

  // MARK: Applyable

  @Test func handWrittenSnapshotsMakePlansThatDoNotApply() {
    var random = SeededGenerator(seed: 35)
    let policy = random.policy()
    var plan = random.plan()
    plan.refusals = []
    plan.roots = [Root(host: "gpu1", path: "/r", device: 1, inode: 2)]
    plan.actions = [random.action(plan.roots[0], verb: .trash), random.action(plan.roots[0], verb: .purge)]
    func applyable(_ change: (inout Plan) -> Void) -> Bool {
      var plan = plan
      change(&plan)
      return PlanCodec.seal(plan, policy: policy, files: [], locations: [:], snapshotDigest: "").isApplyable
    }
    #expect(applyable { _ in })
    #expect(!applyable { $0.roots[0].host = "" })
    #expect(!applyable { $0.roots[0].inode = nil })
    #expect(!applyable { $0.roots[0].device = nil })
    #expect(!applyable { $0.actions[0].expect = nil })
    #expect(!applyable { $0.refusals = ["max_trash"] })
  }

  // MARK: Refusals

  @Test func unknownKeysAreIgnoredAndDigested() throws {
    var random = SeededGenerator(seed: 36)
    let sealed = random.sealedPlan()
    var object = try #require(PlanCodec.json(sealed).objectValue)
    object["weather"] = "fine"
    let (plan, diagnostics) = Self.decode(CanonicalJSON.text(.object(object)))
    #expect(plan == nil)
    #expect(diagnostics.map(\.code) == ["P0414"])
  }

  @Test(arguments: [
    ("", "P0412"), ("[]", "P0412"), ("{}", "P0411"), (#"{"format":"policy-plan/2.0"}"#, "P0411"),
    (#"{"format":"policy-snapshot/1.0"}"#, "P0411"), (#"{"format":7}"#, "P0411"),
    (#"{"format":"policy-plan/1.0"}"#, "P0414"), (#"{"format":"policy-plan/1.3","digest":"sha256:"}"#, "P0414"),
    (
      // A digest that fits does not make a plan.
      #"{"format":"policy-plan/1.0","digest":"sha256:b90c0c8fb0c0a1dd5eb5d4c5a2b5b6e2f5e6b8a6a8a8a3c4d1e2f3a4b5c6d7e8"}"#,
      "P0414"
    ),
  ])
  func refuses(_ text: String, _ code: String) {
    let (plan, diagnostics) = Self.decode(text)
    #expect(plan == nil)
    #expect(diagnostics.map(\.code) == [code])
    #expect(diagnostics.allSatisfy { $0.span != nil })
  }

  @Test func changedByHandIsNamedAsThat() throws {
    var random = SeededGenerator(seed: 37)
    var sealed = random.sealedPlan()
    while !sealed.plan.actions.contains(where: { $0.verb == .trash }) { sealed = random.sealedPlan() }
    let text = String(decoding: PlanCodec.encode(sealed), as: UTF8.self)
    let changed = text.replacing("\"verb\":\"trash\"", with: "\"verb\":\"purge\"", maxReplacements: 1)
    let (plan, diagnostics) = Self.decode(changed)
    #expect(plan == nil)
    #expect(diagnostics.first?.message.contains("changed by hand") == true)
  }
}
