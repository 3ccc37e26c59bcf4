internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import Testing

/// What holds of the text of any plan.
struct PlanPropertyTests {
  @Test(arguments: 0..<120) func `nothing is too wide, hidden or unreadable`(seed: UInt64) throws {
    var random = SeededPlans(seed: seed)
    let sealed = try Scene.saved(random.plan())
    let plan = sealed.plan
    for width in [60, 80, 133] {
      for all in [false, true] {
        let style = TextStyle(width: width)
        let text = PlanText.render(sealed, savedAs: "plan.json", all: all, style: style)
        Layout.check(text, width: width, "seed \(seed)")
        let colored = PlanText.render(
          sealed, savedAs: "plan.json", all: all, style: TextStyle(width: width, color: true))
        #expect(Golden.stripped(colored) == text)
        let words = Self.packed(text)
        func shows(_ name: ByteString) -> Bool { words.contains(Self.packed(DisplayText.escape(name))) }
        for action in plan.actions { #expect(shows(action.path.lastComponent), "seed \(seed): \(action.path)") }
        #expect(plan.actions.isEmpty == text.contains("nothing to do"))
        for verb in ActionVerb.allCases {
          let count = plan.actions.count { $0.verb == verb }
          let rows = text.split(separator: "\n").count { $0.hasPrefix("  \(verb.rawValue) ") }
          #expect(rows >= count, "seed \(seed): every \(verb) has a line of its own")
        }
        for unmet in plan.unmet { #expect(words.contains(Self.packed("\(unmet.want.rawValue) \(unmet.id):"))) }
        if all {
          for held in plan.held { #expect(shows(held.path.lastComponent), "seed \(seed)") }
          for undecided in plan.undecided { #expect(shows(undecided.path), "seed \(seed)") }
        } else {
          let holders = Set(plan.held.flatMap(\.by).map(\.rule))
          for rule in holders {
            let votes = plan.held.flatMap(\.by).count { $0.rule == rule }
            #expect(words.contains("\(rule)\(votes)"), "seed \(seed): votes of \(rule)")
          }
          let more = text.split(separator: "\n").compactMap { line -> Int? in
            guard line.hasPrefix("    and "), line.hasSuffix(" more (--all lists them)") else { return nil }
            return Int(line.dropFirst(8).prefix { $0.isNumber })
          }
          let listed = plan.undecided.count { shows($0.path) }
          #expect(listed + more.reduce(0, +) >= plan.undecided.count, "seed \(seed): undecided")
        }
      }
    }
  }

  /// Without blanks and line ends, which lie wherever a line was broken.
  private static func packed(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != " " && $0 != "\n" }))
  }
}

/// Plans with names of every kind.
private struct SeededPlans {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  private mutating func below(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(count))
  }

  private mutating func name() -> ByteString {
    let pieces: [[UInt8]] = [
      Array("exp".utf8), Array(" ".utf8), [0xFF], [0x0A], Array("特征".utf8), Array("🚀".utf8), [0xE2, 0x80, 0xAE],
      Array("e\u{301}".utf8), Array("a-rather-long-name-of-an-experiment".utf8), [0x1B, 0x5B, 0x33], [0x5C], [0x09],
    ]
    var bytes = Array("n\(below(1000))".utf8)
    for _ in 0..<below(7) { bytes += pieces[below(pieces.count)] }
    return ByteString(bytes)
  }

  private mutating func path() -> ByteString {
    ByteString(Array((0...below(3)).map { _ in name().bytes }.joined(separator: [UInt8(ascii: "/")])))
  }

  private mutating func readings() -> [FactReading] {
    let values = ["finished", "30d", "0.71", "missing", "unreadable", "1234567", name().displayText]
    return ["state", "age", "mAP50", "bytes", "tags", "name"].prefix(below(6)).map {
      FactReading(fact: $0, value: values[below(values.count)])
    }
  }

  mutating func plan() -> Plan {
    var plan = Scene.everything()
    plan.actions = ActionVerb.allCases.flatMap { verb in
      (0..<below(6)).map { _ in
        Scene.action(
          verb, path(), kind: below(2) == 0 ? .run : .checkpoint, bytes: Int64(below(1 << 30)) << Int64(below(20)),
          because: [Reason(rule: "stale", readings: readings(), text: below(3) == 0 ? name().displayText : nil)],
          notKept: [NearMiss(rule: "recent", rank: 7, of: 9, keeps: 2), NearMiss(rule: "good", readings: readings())],
          record: verb == .purge ? "r\(below(1 << 30))" : nil)
      }
    }
    plan.held = (0..<below(9)).map { _ in
      Held(
        kind: .run, host: Scene.root.host, root: Scene.root.path, path: path(), bytes: 4096, wanted: ["stale"],
        by: [Held.Holder(rule: "rule-\(below(3))", via: below(2) == 0 ? path() : nil)])
    }
    plan.undecided = (0..<below(20)).map { _ in
      Undecided(
        kind: .run, host: Scene.root.host, root: Scene.root.path, path: path(),
        questions: [
          Undecided.Question(
            rule: "stale", unknown: [FactReading(fact: below(2) == 0 ? "mAP50" : "finished_at", value: "missing")])
        ])
    }
    return plan
  }
}
