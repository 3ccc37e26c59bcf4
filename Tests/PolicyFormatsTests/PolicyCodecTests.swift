internal import PolicyCore
internal import PolicyFormats
internal import Testing

@Suite struct PolicyCodecTests {
  @Test func generatedPoliciesRoundTrip() throws {
    var random = SeededGenerator(seed: 21)
    for _ in 0..<400 {
      let policy = random.policy()
      let bytes = CanonicalJSON.encode(PolicyCodec.encode(policy))
      let again = try PolicyCodec.decode(JSONReader.parse(bytes))
      #expect((again == policy) as Bool)
      #expect(PolicyCodec.digest(again) == PolicyCodec.digest(policy))
    }
  }

  @Test func orderOfRulesMeansNothing() {
    var random = SeededGenerator(seed: 22)
    let rules = (0..<6).map { random.rule("rule-\($0)") }
    let digest = PolicyCodec.digest(Policy(rules: rules))
    for _ in 0..<20 { #expect(PolicyCodec.digest(Policy(rules: rules.shuffled(using: &random))) == digest) }
  }

  /// Numbers are normalised: `80%`, `0.8` and `0.800` are one policy.
  @Test func spellingOfNumbersMeansNothing() throws {
    let digests = try ["0.8", "0.800", "8e-1"].map { text in
      let share: ExactDecimal = try #require(ExactDecimal(text))
      return PolicyCodec.digest(Policy(limits: Limits(maxShare: share)))
    }
    #expect(Set(digests).count == 1)
    let percent = try #require(ExactDecimal("80")).percent
    #expect(PolicyCodec.digest(Policy(limits: Limits(maxShare: percent))) == digests[0])
  }

  /// Any change that equality notices changes the digest.
  @Test func digestNoticesWhatEqualityNotices() {
    var random = SeededGenerator(seed: 23)
    var digests: [String: Policy] = [:]
    for _ in 0..<400 {
      let policy = random.policy()
      let digest = PolicyCodec.digest(policy)
      #expect((digests[digest].map { $0 == policy } ?? true) as Bool)
      digests[digest] = policy
    }
    #expect(digests.count > 390)
  }

  @Test(
    arguments: [
      (#"{"age_of":"finished_at","roots":[],"rules":[],"scan":{"grace_ns":1}}"#, nil),
      (#"{"age_of":"born_at","roots":[],"rules":[],"scan":{}}"#, "age_of"),
      (#"{"age_of":"finished_at","roots":[],"rules":[{}],"scan":{}}"#, "rules[0].id"),
      (#"{"age_of":"finished_at","roots":[],"rules":[{"id":"a","verb":"delete"}],"scan":{}}"#, "rules[0].verb"),
      (
        #"{"age_of":"finished_at","roots":[],"rules":[{"id":"a","verb":"keep","kind":"run","where":{"test":"~"}}],"scan":{}}"#,
        "rules[0].where.of"
      ),
      (
        #"{"age_of":"finished_at","roots":[],"rules":[{"id":"a","verb":"keep","kind":"run","where":true,"select":{"every":0,"by":{"fact":"number"}}}],"scan":{}}"#,
        "rules[0].select.every"
      ),
      (
        #"{"age_of":"finished_at","roots":[],"rules":[],"limits":{"max_trash":0},"scan":{}}"#, "limits.max_trash"
      ),
      ("[]", ""),
    ] as [(String, String?)])
  func mistakesAreNamed(_ text: String, _ place: String?) throws {
    let value = try JSONReader.parse(text)
    guard let place else {
      #expect(throws: Never.self) { try PolicyCodec.decode(value) }
      return
    }
    #expect {
      try PolicyCodec.decode(value)
    } throws: { error in
      (error as? FormatError)?.place == place
    }
  }
}
