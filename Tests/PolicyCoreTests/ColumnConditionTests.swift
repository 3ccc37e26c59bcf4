import Testing

@testable import PolicyCore

/// Every fact of every entity is asked in two ways: at once, as rules are, and by itself.
@Suite("conditions over columns") struct ColumnConditionTests {
  private static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
  private static let schema = FactSchema(declared: [
    FactDeclaration(name: "took", type: .duration, better: nil, source: nil),
    FactDeclaration(name: "loss", type: .number, better: nil, source: nil),
  ])
  /// One or two of each type.
  private static let asked: [EntityKind: Set<String>] = [
    .run: [
      "state", "user", "mAP50", "loss", "epochs", "bytes", "finished_at", "started_at", "took", "pinned", "tags",
      "name",
      "layout",
    ],
    .checkpoint: ["mAP50", "modified_at", "role", "epoch", "bytes", "path"],
  ]

  private static func asks(_ fact: FactDefinition, _ kind: EntityKind) -> Bool {
    asked[kind]?.contains(fact.name) == true
  }

  /// Near each other, equal in different spellings, at and beyond what a double holds, and no numbers at all.
  private static let numbers = [
    "0.8", "0.80", "8e-1", "0.80000000000000001", "0.79999999999999999", "0.8000000000000000000000001", "0", "0.0",
    "-0.0", "1",
    "1.0", "1.00000000000000000001", "1.1", "-0.5", "00.5", "1.", ".5", "5e-1", "1e400", "1e-400", "9007199254740993",
    "9007199254740992", "9007199254740993.0", "9007199254740992.0", "123456789012345678901234567890",
    "0.1234567890123456",
    "x", "0.8x", "1e", "--1", "nan",
  ]
  private static let integers: [Int64] = [
    .min, -1, 0, 1, 2, 100, 9_007_199_254_740_992, 9_007_199_254_740_993, .max, now.nanoseconds - 1, now.nanoseconds,
    now.nanoseconds + 1, now.nanoseconds - 86_400_000_000_000,
  ]
  private static let words =
    (0..<20).map { "user\($0)" } + [
      "finished", "failed", "interrupted", "", "exactly sixteen!", "seventeen letters",
      "exactly sixteen?", "exactly-sixteen!",
    ]

  private static var values: [FactValue?] {
    numbers.map { .number($0) } + integers.map { .integer($0) } + words.map { .text(ByteString(Array($0.utf8))) }
      + [.bool(true), .bool(false), .set([]), .set(["a"]), .set(["b", "a"]), nil]
  }

  /// Rows share shapes as those of files do, several that take turns; with `eachAlone` each row has its own.
  private static func snapshot(now: Timestamp, eachAlone: Bool) -> Snapshot {
    var (entities, shapes): ([Entity], [[String]: FactShape]) = ([], [:])
    func row(_ facts: [String: FactValue], _ unreadable: [String]) -> FactRow {
      if eachAlone { return FactRow(facts, unreadable: unreadable) }
      let names = facts.keys.sorted()
      let shape = shapes[names] ?? FactShape(names)
      shapes[names] = shape
      return FactRow(shape: shape, values: shape.names.map { facts[$0] }, unreadable: unreadable)
    }
    for (place, value) in values.enumerated() {
      for (turn, unreadable) in [[], ["mAP50", "other"], []].enumerated() {
        var facts: [String: FactValue] = [:]
        for (number, entry) in schema.runs.enumerated() where asks(entry, .run) && (place + number) % 7 != turn {
          facts[entry.name] = value
        }
        // More shapes than are remembered, now and then.
        if place % 9 == 0 { facts["extra\(place)"] = .integer(1) }
        let path = ByteString(Array("r\(place)-\(turn)".utf8))
        let tier: Tier = turn == 2 ? .archived : .live
        entities.append(Entity(kind: .run, path: path, tier: tier, facts: row(facts, unreadable)))
        var own: [String: FactValue] = [:]
        for entry in schema.checkpoints where asks(entry, .checkpoint) && place % 5 != turn { own[entry.name] = value }
        entities.append(
          Entity(
            kind: .checkpoint, path: ByteString(path.bytes + Array("/a.pt".utf8)), tier: tier,
            facts: row(own, unreadable)))
      }
    }
    entities.append(Entity(kind: .checkpoint, path: "nowhere.pt", facts: row(["mAP50": .number("0.8")], [])))
    // Two stretches of each kind, and runs of one path that are not alike.
    entities.append(Entity(kind: .run, root: 1, path: "r0-0", facts: row(["mAP50": .number("0.9")], [])))
    entities.append(Entity(kind: .checkpoint, root: 1, path: "r0-0/a.pt", facts: row(["mAP50": .number("0.9")], [])))
    var snapshot = Snapshot(
      now: now, roots: [Root(host: "h", path: "/a"), Root(host: "h", path: "/b")], entities: entities)
    snapshot.normalise()
    return snapshot
  }

  private static func constants(_ type: FactType) -> [Constant] {
    switch type {
    case .int, .number, .ratio:
      (numbers.compactMap { ExactDecimal($0) } + integers.map { ExactDecimal($0) }).map { .number($0) }
    case .bytes: integers.map { .bytes($0) }
    case .duration: integers.map { .duration(TimeSpan(nanoseconds: $0)) }
    case .time: integers.map { .time(Timestamp(nanoseconds: $0)) }
    case .bool: [.bool(true), .bool(false)]
    case .string, .enumeration, .stringSet: words.map { .text(ByteString(Array($0.utf8))) }
    }
  }

  private static func tests(_ type: FactType) -> [BoundTest] {
    let constants = constants(type) + [.bytes(1), .number(ExactDecimal(1)), .text("failed")]
    // Each comparison with a quarter of them: all would take minutes.
    return Comparison.allCases.enumerated().flatMap { turn, comparison in
      constants.enumerated().filter { ($0.offset + turn) % 4 == 0 }.map { .compare(comparison, $0.element) }
    }
      + [.member(constants), .isMissing, .flag, .has("a"), .matches(Glob("*finished")), .matches(Glob("user1?"))]
  }

  @Test(arguments: [(now, false), (now, true), (Timestamp(nanoseconds: -5), false)])
  func saysOfEveryRowWhatTheEntityItselfSays(_ now: Timestamp, eachAlone: Bool) {
    let snapshot = Self.snapshot(now: now, eachAlone: eachAlone)
    let facts = FactReader(
      entities: snapshot.entities, parents: ParentTable(snapshot.entities), roots: snapshot.roots, now: snapshot.now,
      schema: Self.schema)
    var asked: [(condition: BoundCondition, kind: EntityKind)] = []
    func ask(_ name: String, _ type: FactType, _ kind: EntityKind, _ scope: FactReference.Scope) {
      let fact = facts.bind(FactReference(name, scope: scope), on: kind)
      let fallbacks: [Constant?] = [nil, Self.constants(type).first]
      for fallback in fallbacks {
        let operand = BoundOperand(fact: fact, isAge: false, fallback: fallback, spelled: name)
        asked += Self.tests(type).map { (.test(operand, $0), kind) }
      }
      let age = BoundOperand(fact: fact, isAge: true, spelled: name)
      asked += Self.tests(.duration).map { (.test(age, $0), kind) }
    }
    for entry in Self.schema.runs where Self.asks(entry, .run) {
      ask(entry.name, entry.type, .run, .own)
      ask(entry.name, entry.type, .checkpoint, .run)
    }
    for entry in Self.schema.checkpoints where Self.asks(entry, .checkpoint) {
      ask(entry.name, entry.type, .checkpoint, .own)
    }
    ask("unheard_of", .string, .run, .own)

    let columns = ColumnConditions(facts, asked: asked)
    var counts: [Truth: Int] = [:]
    for (condition, kind) in asked {
      let truths = columns.truths(condition, kind)
      let entities = Array(facts.ranges(of: kind).joined())
      #expect(truths.count == entities.count)
      for (truth, entity) in zip(truths, entities) {
        counts[truth, default: 0] += 1
        if truth != condition.truth(of: entity, facts) {
          Issue.record("\(condition) of \(snapshot.entities[entity].facts.known): \(truth)")
          return
        }
      }
    }
    for truth in [Truth.no, .unknown, .yes] { #expect(counts[truth, default: 0] > 10_000) }
  }

  @Test func combinesTruthsAsOneEntityDoes() {
    let snapshot = Self.snapshot(now: Self.now, eachAlone: false)
    let facts = FactReader(
      entities: snapshot.entities, parents: ParentTable(snapshot.entities), roots: snapshot.roots, now: snapshot.now,
      schema: Self.schema)
    func test(_ name: String, _ test: BoundTest) -> BoundCondition {
      .test(BoundOperand(fact: facts.bind(FactReference(name), on: .run), isAge: false, spelled: name), test)
    }
    let good = test("mAP50", .compare(.greaterOrEqual, .number(ExactDecimal(1).percent)))
    let failed = test("state", .compare(.equal, .text("failed")))
    let named = test("name", .matches(Glob("r1*")))
    let conditions: [BoundCondition] = [
      .always, .all([]), .any([]), .not(.always), .all([good, failed]), .any([good, failed, named]), .not(good),
      .any([.all([good, .not(failed)]), .all([named, .any([failed, good])])]),
    ]
    let columns = ColumnConditions(facts, asked: conditions.map { ($0, .run) })
    let runs = Array(facts.ranges(of: .run).joined())
    for condition in conditions {
      #expect(columns.truths(condition, .run) == runs.map { condition.truth(of: $0, facts) })
    }
  }
}
