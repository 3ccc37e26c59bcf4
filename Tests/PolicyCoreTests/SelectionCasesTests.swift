internal import PolicyCore
internal import Testing

/// What has gone wrong in the checkpoint rotation of well-known frameworks, each as a case of ours: here it keeps.
struct SelectionCasesTests {
  private static let thin = Rule(id: "thin", verb: .trash, kind: .checkpoint)

  private func keep(
    _ form: Ranking.Form, _ count: Int, by key: String, missing: Ranking.MissingKeys = .keep
  ) -> Rule {
    Rule(
      id: form.rawValue, verb: .keep, kind: .checkpoint, per: [.run],
      selector: .ranked(
        Ranking(form: form, count: .limited(count), key: FactReference(key), better: .higher, missing: missing)))
  }

  private func scene(_ checkpoints: [(number: Int64, hours: Int64, mAP50: String?)]) -> Scene {
    var scene = Scene()
    scene.run("a", hours: 1)
    for (number, hours, score) in checkpoints {
      var facts: [String: FactValue] = ["number": .integer(number)]
      if let score { facts["mAP50"] = .number(score) }
      scene.checkpoint(ByteString("a/weights/epoch\(number).pt"), hours: hours, facts)
    }
    return scene
  }

  private func gone(_ plan: Plan) -> [String] {
    plan.moves.map { String($0.dropFirst("trash a/weights/epoch".count).dropLast(3)) }
  }

  @Test func `the last one of one is never removed`() {
    let only = scene([(400, 50, "0.5")])
    #expect(only.plan(.of([Self.thin, keep(.latest, 1, by: "modified_at")])).actions.isEmpty)
    #expect(only.plan(.of([Self.thin, keep(.best, 1, by: "mAP50")])).actions.isEmpty)
  }

  @Test func `the one just written is the newest, whatever number it has`() {
    // A new training in an old folder begins to count from the start.
    let again = scene([(9000, 300, nil), (9500, 200, nil), (100, 2, nil)])
    #expect(gone(again.plan(.of([Self.thin, keep(.latest, 1, by: "modified_at")]))) == ["9000", "9500"])
    let plain = scene([(100, 30, nil), (200, 20, nil), (300, 10, nil)])
    #expect(gone(plain.plan(.of([Self.thin, keep(.latest, 2, by: "modified_at")]))) == ["100"])
  }

  @Test func `the best stays beside the latest, even where it is the oldest`() {
    let scene = scene([(100, 90, "0.9"), (200, 60, "0.4"), (300, 30, "0.5")])
    let both = [Self.thin, keep(.best, 1, by: "mAP50"), keep(.latest, 1, by: "modified_at")]
    #expect(gone(scene.plan(.of(both))) == ["200"])
    #expect(gone(scene.plan(.of(both.reversed()))) == ["200"])
  }

  @Test func `numbers are compared as numbers`() {
    let scene = scene([(9, 10, nil), (10, 20, nil), (99, 30, nil), (100, 40, nil), (.max, 50, nil)])
    #expect(gone(scene.plan(.of([Self.thin, keep(.best, 2, by: "number")]))) == ["10", "9", "99"])
    let tenth = Rule(
      id: "tenth", verb: .keep, kind: .checkpoint, per: [.run], selector: .every(10, by: FactReference("number")))
    #expect(gone(scene.plan(.of([Self.thin, tenth]))) == ["9", "9223372036854775807", "99"])
  }

  @Test func `where nothing is known of any, the best of them are all of them`() {
    let scene = scene([(1, 10, nil), (2, 20, nil), (3, 30, nil)])
    #expect(scene.plan(.of([Self.thin, keep(.best, 1, by: "mAP50")])).actions.isEmpty)
    // Said otherwise it is the policy's word; what cannot be read is kept all the same.
    #expect(gone(scene.plan(.of([Self.thin, keep(.best, 1, by: "mAP50", missing: .drop)]))) == ["1", "2", "3"])
    var broken = scene
    for index in broken.entities.indices where broken.entities[index].kind == .checkpoint {
      broken.entities[index].facts = FactRow(
        ["bytes": .integer(1), "modified_at": Scene.ago(hours: 10)], unreadable: ["mAP50"])
    }
    #expect(broken.plan(.of([Self.thin, keep(.best, 1, by: "mAP50", missing: .drop)])).actions.isEmpty)
  }

  @Test func `a score that is none never makes the best and never loses its own`() {
    for nonsense in ["1.7", "-0.2"] {
      let scene = scene([(1, 10, "0.5"), (2, 20, nonsense), (3, 30, "0.4")])
      #expect(gone(scene.plan(.of([Self.thin, keep(.best, 1, by: "mAP50")]))) == ["3"], "\(nonsense)")
    }
  }

  @Test func `ties have one order, in whatever order they are found`() {
    var scene = scene([(1, 50, "0.5"), (2, 40, "0.5"), (3, 40, "0.50"), (4, 60, "0.5")])
    let policy = Policy.of([Self.thin, keep(.best, 1, by: "mAP50")])
    let first = scene.plan(policy)
    // The newer first, then the higher number: 3 before 2.
    #expect(gone(first) == ["1", "2", "4"])
    for _ in 0..<4 {
      scene.entities.append(scene.entities.removeFirst())
      #expect(scene.plan(policy).moves == first.moves)
    }
  }

  @Test func `of equal times the higher epoch is the later, as a number`() {
    let copied = scene([(3, 40, nil), (9, 40, nil), (10, 40, nil), (0, 40, nil)])
    #expect(gone(copied.plan(.of([Self.thin, keep(.latest, 1, by: "modified_at")]))) == ["0", "3", "9"])
    #expect(gone(copied.plan(.of([Self.thin, keep(.latest, 2, by: "modified_at")]))) == ["0", "3"])
    var oldest = keep(.oldest, 1, by: "modified_at")
    oldest.selector = .ranked(
      Ranking(form: .oldest, count: .limited(1), key: FactReference("modified_at"), better: .lower))
    #expect(gone(copied.plan(.of([Self.thin, oldest]))) == ["10", "3", "9"])
    // The epoch goes before the step, and that before the number in the name.
    var scene = Scene()
    scene.run("a", hours: 1)
    for (name, epoch, step, number) in [(1, 2, 900, 900), (2, 3, 100, 100), (3, 3, 700, 7), (4, 3, 700, 8)] {
      scene.checkpoint(
        ByteString("a/weights/epoch\(name).pt"), hours: 40,
        ["epoch": .integer(Int64(epoch)), "step": .integer(Int64(step)), "number": .integer(Int64(number))])
    }
    #expect(gone(scene.plan(.of([Self.thin, keep(.latest, 1, by: "modified_at")]))) == ["1", "2", "3"])
  }

  @Test func `of equal times an unknown epoch neither takes the place of a known one nor loses its own`() {
    var scene = scene([(0, 40, nil), (3, 40, nil)])
    scene.checkpoint("a/weights/best.pt", hours: 40)
    scene.checkpoint("a/weights/last.pt", hours: 40)
    let latest = Policy.of([Self.thin, keep(.latest, 1, by: "modified_at")])
    // Of two of which nothing is known the path decides, as it does of runs.
    #expect(scene.plan(latest).moves == ["trash a/weights/epoch0.pt", "trash a/weights/last.pt"])
    let held = scene.plan(latest).held
    #expect(held.map(\.path) == ["a/weights/best.pt", "a/weights/epoch3.pt"])
    #expect(held.allSatisfy { $0.by.first?.rank == 1 && $0.by.first?.of == 4 })
    // What cannot be read is counted against nothing.
    for index in scene.entities.indices where scene.entities[index].path == "a/weights/epoch0.pt" {
      scene.entities[index].facts = FactRow(
        ["bytes": .integer(1), "modified_at": Scene.ago(hours: 40), "number": .integer(0)], unreadable: ["epoch"])
    }
    #expect(scene.plan(latest).moves == ["trash a/weights/last.pt"])
    // A newer one comes before all of them.
    scene.checkpoint("a/weights/new.pt", hours: 39)
    #expect(scene.plan(latest).moves.count == 4)
  }

  @Test func `a quota takes the lower of equal times first, and the unknown last`() {
    var scene = scene([(10, 40, nil), (3, 40, nil)])
    scene.checkpoint("a/weights/best.pt", hours: 40)
    for (limit, moves) in [(Int64(2), ["3"]), (1, ["10", "3"])] {
      let quota = Quota(
        id: "q", kind: .checkpoint, per: [.run], limit: limit,
        evict: Eviction(
          condition: .always,
          order: [.fact(Operand(FactReference("modified_at"), isAge: true), ascending: false, missing: nil)]))
      #expect(gone(scene.plan(.of([], quotas: [quota]))) == moves)
    }
  }

  @Test func `what disagrees is kept, and both rules are named`() throws {
    let scene = scene([(1, 50, "0.9"), (2, 40, "0.1")])
    let good = Rule(id: "good", verb: .keep, kind: .checkpoint, condition: .mAP50(orZero: true, above: "0.8"))
    let plan = scene.plan(.of([Self.thin, good]))
    #expect(gone(plan) == ["2"])
    let held = try #require(plan.held.first)
    #expect(held.wanted == ["thin"] && held.by.map(\.rule) == ["good"])
  }

  @Test func `what no rule speaks of stays`() {
    let scene = scene([(1, 5000, nil), (2, 4000, nil)])
    #expect(scene.plan(.of([])).actions.isEmpty)
    let other = Rule(id: "other", verb: .trash, kind: .checkpoint, condition: .stateIn("failed", run: true))
    let plan = scene.plan(.of([other]))
    #expect(plan.actions.isEmpty && plan.held.isEmpty && plan.counts.checkpoints.kept == 2)
  }
}
