import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import Testing

/// What the sugar means in the core.
@Suite struct LoweringTests {
  private func rules(_ text: String, set: [(name: String, value: String)] = []) throws -> [Rule] {
    try Loading.policy(Loading.head + text, set: set).rules.filter { !$0.isBuiltIn }
  }

  @Test func thinIsATrashAndAKeepForEachEntry() throws {
    let rules = try rules(
      """
      rules:
        - id: thin
          thin: checkpoints
          where: run.state == finished
          per: run
          after: 24h
          requires: [backup]
          because: space
          keep:
            - every: { n: 10 }
            - best: { n: 1, by: mAP50, missing: drop }
            - latest: 1
            - where: role in [best, last]
      """)
    let scope = Condition.compare(
      Operand(FactReference("state", scope: .run)), .equal, .text("finished"))
    func keep(_ index: Int, _ condition: Condition, _ selector: Selector?) -> Rule {
      Rule(
        id: "thin.keep[\(index)]", verb: .keep, kind: .checkpoint, condition: condition,
        per: selector == nil ? [] : [.run], selector: selector, sugar: "thin.keep[\(index)]")
    }
    let expected = [
      Rule(
        id: "thin", verb: .trash, kind: .checkpoint, condition: scope, after: .hours(24), requiresBackup: true,
        because: "space"),
      keep(0, scope, .every(10, by: FactReference("number"))),
      keep(
        1, scope,
        .ranked(
          Ranking(
            form: .best, count: .limited(1), key: FactReference("mAP50"), better: .higher, missing: .drop))),
      keep(
        2, scope,
        .ranked(
          Ranking(form: .latest, count: .limited(1), key: FactReference("modified_at"), better: .higher))),
      keep(3, .all([scope, .member(Operand(FactReference("role")), [.text("best"), .text("last")])]), nil),
    ]
    #expect(rules == expected)
  }

  @Test(arguments: ["finished_at", "modified_at", "created_at"]) func ageCountsFromTheDefault(_ stamp: String) throws {
    let policy = try Loading.policy(
      Loading.head + """
        defaults: { age_of: \(stamp) }
        rules:
          - id: a
            trash: runs
            where: age > 1d
          - id: b
            keep: runs
            per: all
            latest: 2
          - id: c
            keep: checkpoints
            where: age < 1d and run.age < 2d
        """)
    let age = Operand(FactReference(stamp), isAge: true)
    #expect(policy.rules.first { $0.id == "a" }?.condition == .compare(age, .greater, .duration(.days(1))))
    guard case .ranked(let ranking)? = policy.rules.first(where: { $0.id == "b" })?.selector else {
      Issue.record("no ranking")
      return
    }
    #expect(ranking.key == FactReference(stamp))
    let own = Operand(FactReference("modified_at"), isAge: true)
    let ofRun = Operand(FactReference(stamp, scope: .run), isAge: true)
    #expect(
      policy.rules.first { $0.id == "c" }?.condition
        == .all([
          .compare(own, .less, .duration(.days(1))), .compare(ofRun, .less, .duration(.days(2))),
        ]))
  }

  @Test func implicitRulesAreAlwaysThere() throws {
    let policy = try Loading.policy(Loading.head)
    #expect(policy.rules == Policy.implicitRules())
  }

  @Test func anOmittedOrderIsOldestFirst() throws {
    let policy = try Loading.policy(
      Loading.head + """
        quotas:
          - { id: q, of: checkpoints, limit: 1GiB, evict: { where: true } }
        pressure:
          - { id: p, volume: /data, high: 90%, low: 80%, relieve: [ { purge: trash, min_age: 1h } ] }
        """)
    let age = OrderKey.fact(Operand(FactReference("modified_at"), isAge: true), ascending: false, missing: nil)
    #expect(policy.quotas.first?.evict.order == [age])
    #expect(policy.quotas.first?.downTo == ExactDecimal(1))
    #expect(policy.pressures.first?.relieve == [.purge(minimumAge: .hours(1), oldestFirst: true)])
  }

  @Test func aListOfConditionsIsTheirConjunction() throws {
    let list =
      "rules:\n  - id: a\n    trash: runs\n    where: [state == failed, bytes > 1GiB or files > 9, files > 1]\n"
    let text =
      "rules:\n  - id: a\n    trash: runs\n    where: state == failed and ((bytes > 1GiB or files > 9) and files > 1)\n"
    #expect(try rules(list) == rules(text))
  }

  /// One span a node, in the order of the nodes.
  @Test func theSourceMapKnowsEveryNode() throws {
    let result = Loading.load(
      Loading.head + """
        rules:
          - id: a
            trash: runs
            where:
              - state == failed
              - not (pinned or files > 3)
        """)
    let entry = try #require(result.loaded?.sourceMap.entries["a"])
    #expect(Loading.written(entry.id, result) == "a")
    #expect(Loading.written(entry.verb, result) == "trash")
    let nodes = entry.conditionNodes.map { Loading.written($0, result) }
    #expect(
      nodes.dropFirst() == [
        "state == failed", "not (pinned or files > 3)", "pinned or files > 3", "pinned", "files > 3",
      ])
  }

  // MARK: - Params

  private static let withParam = """
    params: { recent: { default: 3 }, floor: { default: 0.5 }, share: { default: 80% }, who: { default: alice } }
    rules:
      - id: a
        keep: runs
        per: user
        latest: $recent
        where: mAP50 > $floor or user == $who
    """

  @Test func setReplacesTheDefault() throws {
    let policy = try Loading.policy(
      Loading.head + Self.withParam, set: [("recent", "5"), ("floor", "1"), ("share", "0.25"), ("who", "9")])
    #expect(
      policy.params == [
        Param(name: "floor", value: "1", isInteger: true), Param(name: "recent", value: "5", isInteger: true),
        Param(name: "share", value: "0.25", isInteger: false), Param(name: "who", value: "\"9\"", isInteger: false),
      ])
    let rule = try #require(policy.rules.first { $0.id == "a" })
    guard case .ranked(let ranking)? = rule.selector else {
      Issue.record("no ranking")
      return
    }
    #expect(ranking.count == .limited(5))
    #expect(
      rule.condition
        == .any([
          .compare(Operand(FactReference("mAP50")), .greater, .number(ExactDecimal(1))),
          .compare(Operand(FactReference("user")), .equal, .text("9")),
        ]))
  }

  @Test(arguments: [
    ("recent", "24h", "P0202"), ("recent", "2.5", "P0202"), ("recent", "many", "P0202"), ("share", "2", "P0202"),
    ("floor", "1GiB", "P0202"), ("resent", "3", "P0204"), ("recent", "", "P0034"), ("recent", "-1", "P0202"),
  ]) func setIsTypeChecked(_ name: String, _ value: String, _ code: String) {
    let result = Loading.load(Loading.head + Self.withParam, set: [(name, value)])
    #expect(result.loaded == nil)
    #expect(result.diagnostics.map(\.code) == [code])
  }

  /// A slot for the coming run: `--set recent=N-1`, also where N is 1. In the policy itself 0 is an error (corpus, P0202).
  @Test func aParamOfNoneIsNone() throws {
    let result = Loading.load(Loading.head + Self.withParam, set: [("recent", "0")])
    let rule = try #require(result.loaded?.policy.rules.first { $0.id == "a" })
    guard case .ranked(let ranking)? = rule.selector else {
      Issue.record("no ranking")
      return
    }
    #expect(ranking.count == .none)
  }

  @Test func setNeverBecomesText() {
    let result = Loading.load(Loading.head + Self.withParam, set: [("who", "x or true")])
    let rule = result.loaded?.policy.rules.first { $0.id == "a" }
    guard case .any(let parts)? = rule?.condition, case .compare(_, _, let constant)? = parts.last else {
      Issue.record("not the condition that was written")
      return
    }
    #expect(constant == .text("x or true"))
  }

  // MARK: - Imports

  @Test func ofTwoLimitsTheStricterHolds() throws {
    let policy = try Loading.policy(
      Loading.head + "imports: [lib/a.yaml]\nlimits: { max_trash: 20, max_archive: all, max_share: 20% }\n",
      files: [
        "lib/a.yaml": "version: 1\nimports: [../lib/b.yaml]\nlimits: { max_trash: 30, max_trash_bytes: 10GiB }\n",
        "lib/b.yaml":
          "version: 1\nlimits: { max_trash: none, max_archive: 5, max_share: 0.3, max_trash_bytes: 5GiB }\n",
      ])
    #expect(
      policy.limits
        == Limits(
          maxTrash: Count.none, maxArchive: .limited(5), maxTrashBytes: .bytes(5 << 30),
          maxShare: ExactDecimal("0.2")))
  }

  @Test func anOverrideChangesOnlyWhatItNames() throws {
    let base =
      "version: 1\nlimits: { max_trash: 3 }\nrules:\n  - id: s\n    trash: runs\n    where: state == failed\n    after: 24h\n"
    let text = Loading.head + "imports: [base.yaml]\noverride: { s: { after: 48h }, limits: { max_trash: 9 } }\n"
    let policy = try Loading.policy(text, files: ["base.yaml": base])
    let rule = try #require(policy.rules.first { $0.id == "s" })
    #expect(rule.after == .hours(48))
    #expect(rule.condition == .compare(Operand(FactReference("state")), .equal, .text("failed")))
    #expect(policy.limits.maxTrash == .limited(9))
  }

  @Test func filesAreNamedFromTheMainPolicysFolder() throws {
    let result = Loading.load(
      Loading.head + "imports: [../lib/a.yaml, b.yaml]\n",
      files: ["etc/lib/a.yaml": "version: 1\n", "etc/box/b.yaml": "version: 1\nimports: [../lib/a.yaml]\n"],
      as: "etc/box/main.yaml")
    #expect(result.loaded?.files.map(\.path) == ["main.yaml", "../lib/a.yaml", "b.yaml"])
  }

  @Test func aCycleNamesItsChain() throws {
    let result = Loading.load(
      Loading.head + "imports: [a.yaml]\n",
      files: [
        "a.yaml": "version: 1\nimports: [sub/b.yaml]\n",
        "sub/b.yaml": "version: 1\nimports: [../a.yaml]\n",
      ])
    let diagnostic = try #require(result.diagnostics.first)
    #expect(diagnostic.code == "P0045")
    #expect(diagnostic.notes == ["a.yaml → sub/b.yaml → a.yaml"])
  }
}
