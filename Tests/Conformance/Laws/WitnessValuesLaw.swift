internal import Foundation
internal import PolicyAnalysis
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicySyntax
internal import PolicyTestSupport
internal import Testing

/// What an analysis shows is a snapshot that a scan could have written: every value is one that its fact can have, and
/// whoever saves it can read it again.
@Suite("analysis: witnesses can exist") struct WitnessValuesLaw {
  /// What is wrong with a snapshot; `nil` where nothing is.
  static func mistake(_ snapshot: Snapshot, _ policy: Policy) -> String? {
    let bytes = SnapshotCodec.encode(snapshot)
    let (read, diagnostics) = SnapshotCodec.decode(bytes, path: "w.jsonl", schema: policy.schema)
    if let first = diagnostics.first { return first.message }
    guard let read, SnapshotCodec.encode(read) == bytes else { return "it is another one when it is read" }
    for entity in snapshot.entities {
      for (name, value) in entity.facts.known {
        guard let type = policy.schema.definition(of: FactReference(name), on: entity.kind)?.type else {
          return "`\(name)` is no fact"
        }
        if !fits(value, type) { return "`\(name)` cannot be \(value)" }
      }
    }
    return nil
  }

  private static func fits(_ value: FactValue, _ type: FactType) -> Bool {
    switch (type, value) {
    case (.bool, .bool), (.string, .text), (.stringSet, .set): true
    case (.enumeration(let members), .text(let text)): members.contains(text.displayText)
    case (.int, .integer(let count)), (.bytes, .integer(let count)), (.duration, .integer(let count)): count >= 0
    case (.time, .integer), (.number, .number), (.number, .integer): true
    case (.ratio, .number(let text)): ExactDecimal(text).map { $0 >= .zero && $0 <= ExactDecimal(1) } ?? false
    case (.ratio, .integer(let whole)): whole == 0 || whole == 1
    default: false
    }
  }

  static func policy(_ kind: String, per: String) -> String {
    let floor = kind == "runs" ? "user" : "run"
    return "version: 1\nroots: [/runs]\ntrash: { purge_after: 1d }\nrules:\n"
      + "  - { id: k, keep: \(kind), per: [\(floor)\(per)], latest: 1 }\n"
      + "  - { id: t, trash: \(kind), where: bytes > 0B }\n"
  }

  @Test(arguments: [
    ("runs", "state"), ("runs", "project"), ("runs", "tags"), ("runs", "referenced"), ("runs", "pinned"),
    ("runs", "resumable"), ("runs", "epochs"), ("checkpoints", "role"), ("checkpoints", "pinned"),
    ("checkpoints", "epoch"),
  ])
  func anotherGroupIsOneThatCanBe(_ kind: String, _ fact: String) throws {
    let loaded = ["", ", \(fact)"].compactMap { per in
      let bytes = Array(Self.policy(kind, per: per).utf8)
      return PolicyLoader.load("p.yaml") { _ in .success(bytes) }.loaded?.policy
    }
    try #require(loaded.count == 2)
    guard case .different(let difference) = PolicyComparer.compare(loaded[0], loaded[1]).verdict else {
      // A fact that cannot be told apart among what goes.
      #expect(["pinned", "referenced"].contains(fact), "nothing shows \(fact)")
      return
    }
    #expect(Self.mistake(difference.snapshot, loaded[0]) == nil)
  }

  @Test func everyDifferenceCanBeReadAgain() {
    var count = 0
    for seed in 0..<UInt64(CaseCount.scaled(60)) {
      let it = GeneratedCase.generate(8_100_000 + seed, seed % 3 == 0 ? .everything : .rulesOnly)
      var editor = PolicyEditor(dice: Dice(seed))
      let other = editor.edited(editor.edited(it.policy))
      guard case .different(let difference) = PolicyComparer.compare(it.policy, other).verdict else { continue }
      count += 1
      let mistake = Self.mistake(difference.snapshot, it.policy)
      #expect(mistake == nil, "seed \(seed)")
    }
    print("witnesses: \(count) differences read again")
    #expect(count > 10)
  }

  @Test func everyCounterexampleCanBeReadAgain() throws {
    var count = 0
    for path in FormattingLaw.paths where path.contains("analysis") {
      guard let data = try? Data(contentsOf: URL(filePath: repositoryRoot + "/" + path)) else { continue }
      let result = PolicyLoader.load("p.yaml") { _ in .success(Array(data)) }
      guard let loaded = result.loaded, !loaded.policy.properties.isEmpty else { continue }
      let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
      for example in analysis.counterexamples {
        count += 1
        #expect(Self.mistake(example.snapshot, loaded.policy) == nil, "\(path)")
      }
    }
    print("witnesses: \(count) counterexamples read again")
    #expect(count > 3)
  }
}
