internal import PolicyCore
internal import Testing

struct PlannerTests {
  @Test func `the latest stay, the rest goes, with a near miss`() throws {
    var scene = Scene()
    for (name, hours) in [("a", 30), ("b", 50), ("c", 70), ("d", 90)] as [(ByteString, Int64)] {
      scene.run(name, hours: hours)
    }
    let plan = scene.plan(.of([.stale, .latest(2)]))
    #expect(plan.moves == ["trash c", "trash d"])
    #expect(plan.holds == ["a: recent", "b: recent"])
    let miss = try #require(plan.actions.first?.notKept.first)
    #expect(miss == NearMiss(rule: "recent", rank: 3, of: 4, keeps: 2))
    #expect(plan.actions.first?.because.first?.readings.map(\.fact) == ["state", "age"])
    #expect(plan.counts.runs.trash == 2 && plan.counts.runs.kept == 2 && plan.counts.runs.total == 4)
  }

  @Test func `after means at least, to the nanosecond`() {
    for (extra, expected) in [(-1, 0), (0, 1), (1, 1)] as [(Int64, Int)] {
      var scene = Scene()
      scene.run("a", hours: nil, ["finished_at": Scene.ago(hours: 24, nanoseconds: extra)])
      #expect(scene.plan(.of([.stale])).actions.count == expected, "24h \(extra)ns")
    }
  }

  @Test func `a running run is neither counted nor lost`() {
    var scene = Scene()
    scene.run("live", state: "running", hours: nil)
    for (name, hours) in [("a", 30), ("b", 50)] as [(ByteString, Int64)] { scene.run(name, hours: hours) }
    let plan = scene.plan(.of([.stale, .latest(1)]))
    #expect(plan.moves == ["trash b"])
    #expect(plan.counts.runs.protected == 1)
  }

  @Test func `ignorance keeps`() {
    var scene = Scene()
    scene.run("missing")
    scene.run("good", ["mAP50": .number("0.81")])
    scene.run("bad", ["mAP50": .number("0.80")])
    scene.run("nonsense", ["mAP50": .number("1.7")])
    scene.run("broken", unreadable: ["mAP50"])
    let strict = Rule(id: "good", verb: .keep, kind: .run, condition: .mAP50(orZero: false, above: "0.8"))
    #expect(scene.plan(.of([.stale, strict])).moves == ["trash bad"])
    let lenient = Rule(id: "good", verb: .keep, kind: .run, condition: .mAP50(orZero: true, above: "0.8"))
    #expect(scene.plan(.of([.stale, lenient])).moves == ["trash bad", "trash missing"])
  }

  @Test func `what a trash rule cannot decide is reported`() {
    var scene = Scene()
    scene.run("unknown-age", hours: nil)
    let plan = scene.plan(.of([.stale]))
    #expect(plan.actions.isEmpty)
    #expect(plan.undecided.map(\.path) == ["unknown-age"])
    #expect(plan.undecided.first?.questions.first?.unknown == [FactReading(fact: "finished_at", value: "missing")])
    #expect(plan.counts.runs.undecided == 1)
  }

  @Test func `a protected checkpoint shields its run and a protected run its checkpoints`() {
    var scene = Scene()
    scene.run("a")
    scene.checkpoint("a/weights/best.pt", ["pinned": .bool(true)])
    scene.run("b", ["pinned": .bool(true)])
    scene.checkpoint("b/weights/epoch1.pt")
    let thin = Rule(id: "thin", verb: .trash, kind: .checkpoint, condition: .always)
    let plan = scene.plan(.of([.stale, thin]))
    #expect(plan.actions.isEmpty)
    #expect(
      plan.holds == [
        "a: builtin-pins-checkpoints", "a/weights/best.pt: builtin-pins-checkpoints", "b: builtin-pins",
        "b/weights/epoch1.pt: builtin-pins",
      ])
  }

  @Test func `what lies in a run that goes is not a second action`() {
    var scene = Scene()
    scene.run("a", bytes: 100)
    scene.checkpoint("a/weights/epoch1.pt", bytes: 40)
    scene.run("a/nested", bytes: 7)
    let thin = Rule(id: "thin", verb: .trash, kind: .checkpoint, condition: .always)
    let plan = scene.plan(.of([.stale, thin]))
    #expect(plan.moves == ["trash a"])
    #expect(plan.actions.first?.bytes == 107)
    #expect(plan.actions.first?.freesNow == 0 && plan.actions.first?.freesLater == 107)
    #expect(plan.counts.checkpoints.withRun == 1 && plan.counts.runs.withRun == 1)
  }

  @Test func `a keep of a nested run holds the enclosing run`() {
    var scene = Scene()
    scene.run("a", hours: 90)
    scene.run("a/nested", hours: 30)
    #expect(scene.plan(.of([.stale, .latest(1)])).actions.isEmpty)
  }

  @Test func `archive wins over trash, and an undecided archive holds it back`() {
    var scene = Scene()
    scene.run("a")
    scene.run("b", ["mAP50": .number("0.1")])
    let cold = Rule(id: "cold", verb: .archive, kind: .run, condition: .mAP50(orZero: false, above: "0.05"))
    let plan = scene.plan(.of([.stale, cold]))
    #expect(plan.moves == ["archive b"])
    #expect(plan.holds == ["a: cold"])
  }

  @Test func `hard links are freed with their last name`() {
    let link = HardLink(device: 1, inode: 7, bytes: 50, total: 2, inside: 1)
    var scene = Scene()
    scene.run("a", bytes: 60, links: [link])
    scene.run("b", bytes: 60, links: [link])
    scene.run("c", hours: 1, bytes: 5)
    let both = scene.plan(.of([.stale]))
    #expect(both.actions.map(\.bytes) == [60, 60])
    #expect(both.actions.map(\.freesLater) == [10, 60])
    let one = scene.plan(.of([.stale, .latest(2)]))
    #expect(one.actions.map(\.freesLater) == [10])
  }
}
