internal import PolicyCore
internal import Testing

struct ReliefTests {
  private func quota(_ limit: Int64, downTo: String = "1", order: [OrderKey]? = nil) -> Quota {
    Quota(
      id: "q", kind: .run, per: [.fact(FactReference("user"))], limit: limit, downTo: ExactDecimal(downTo) ?? .zero,
      evict: Eviction(
        condition: .stateIn("finished"),
        order: order ?? [.fact(Operand(FactReference("finished_at"), isAge: true), ascending: false, missing: nil)]))
  }

  @Test func `a quota takes the shortest prefix, never skipping a big one`() {
    var scene = Scene()
    scene.run("old-big", hours: 90, bytes: 60)
    scene.run("mid-small", hours: 80, bytes: 5)
    scene.run("new", hours: 70, bytes: 50)
    scene.run("bob", hours: 90, bytes: 1000, user: "bob")
    #expect(scene.plan(.of([], quotas: [quota(2000)])).actions.isEmpty)
    #expect(scene.plan(.of([], quotas: [quota(110)])).moves == ["trash bob", "trash old-big"])
    let plan = scene.plan(.of([], quotas: [quota(110, downTo: "0.48")]))
    #expect(plan.moves == ["trash bob", "trash mid-small", "trash old-big"])
    #expect(plan.unmet.isEmpty)
  }

  @Test func `an inode told in two sizes is taken away as it was added`() {
    var scene = Scene()
    func link(_ bytes: Int64) -> HardLink { HardLink(device: 1, inode: 7, bytes: bytes, total: 2, inside: 1) }
    scene.run("e", hours: 100, bytes: 0)
    scene.run("e/a", hours: 60, bytes: 200, links: [link(200)])
    scene.run("e/b", hours: 60, bytes: 100, links: [link(100)])
    scene.run("f", hours: 50, bytes: 60)
    let plan = scene.plan(.of([], quotas: [quota(150)]))
    #expect(plan.moves == ["trash e"])
    #expect(plan.actions.map(\.bytes) == [100])
  }

  @Test func `a quota that cannot be met says who holds`() {
    var scene = Scene()
    scene.run("a", hours: 90, bytes: 60)
    scene.run("b", state: "running", hours: nil, bytes: 60)
    let plan = scene.plan(.of([.latest(1)], quotas: [quota(100)]))
    #expect(plan.actions.isEmpty)
    #expect(plan.unmet.first?.heldBy == ["builtin-live", "recent"])
    #expect(plan.unmet.first?.usage == 120)
  }

  @Test func `a soft keep yields to what it names`() {
    var scene = Scene()
    scene.run("a", hours: 90, bytes: 60)
    scene.run("b", hours: 80, bytes: 60)
    var soft = Rule.latest(2)
    soft.yieldsTo = [.quota]
    #expect(scene.plan(.of([soft], quotas: [quota(100)])).moves == ["trash a"])
    soft.yieldsTo = [.pressure]
    #expect(scene.plan(.of([soft], quotas: [quota(100)])).actions.isEmpty)
    #expect(scene.plan(.of([soft, .stale], quotas: [quota(100)])).actions.isEmpty)
  }

  @Test func `what gives way to a quota goes for the quota alone`() {
    var scene = Scene()
    scene.run("a", hours: 90, bytes: 60)
    scene.run("b", hours: 80, bytes: 60)
    scene.run("c", hours: 100, bytes: 60)
    var soft = Rule.latest(2)
    soft.yieldsTo = [.quota]
    let plan = scene.plan(.of([soft, .stale], quotas: [quota(100)]))
    #expect(plan.moves == ["trash a", "trash c"])
    #expect(plan.actions.map { $0.because.map(\.rule) } == [["q"], ["stale"]])
  }

  @Test func `pressure purges first, then moves, and says what is not free yet`() throws {
    var scene = Scene()
    scene.volumes = [Volume(path: "/data", size: 1000, used: 950)]
    scene.run("a", hours: 90, bytes: 60)
    scene.run("b", hours: 80, bytes: 60)
    scene.run("c", hours: 70, bytes: 60)
    scene.trash = [
      TrashRecord(
        path: "old", kind: .run, record: "r1", bytes: 50,
        trashedAt: Timestamp(nanoseconds: Scene.now.nanoseconds - 13 * 3_600_000_000_000), purgeAfter: .days(7))
    ]
    let pressure = Pressure(
      id: "p", volume: "/data", high: try #require(ExactDecimal("0.9")), low: try #require(ExactDecimal("0.8")),
      relieve: [
        .purge(minimumAge: .hours(12), oldestFirst: true),
        .trash(
          .run,
          Eviction(
            condition: .always,
            order: [.fact(Operand(FactReference("finished_at"), isAge: true), ascending: false, missing: nil)]),
          minimumAge: nil),
      ])
    let plan = scene.plan(.of([], trash: TrashSettings(purgeAfter: .days(7)), pressures: [pressure]))
    #expect(plan.moves == ["trash a", "trash b", "purge old"])
    #expect(plan.unmet.first?.usage == 900)
    #expect(plan.unmet.first?.target == 800)
    #expect(plan.unmet.first?.later == 120)
  }

  @Test func `the trash is purged after the longer of two times`() {
    var scene = Scene()
    let waits: [(Int, Int64?)] = [(1, 24), (2, 48), (3, nil)]
    scene.trash = waits.map { index, wait in
      TrashRecord(
        path: "x", kind: .run, record: "r\(index)", bytes: 5,
        trashedAt: Timestamp(nanoseconds: Scene.now.nanoseconds - 30 * 3_600_000_000_000),
        purgeAfter: wait.map { TimeSpan.hours($0) })
    }
    let plan = scene.plan(.of([], trash: TrashSettings(purgeAfter: .hours(24))))
    #expect(plan.actions.compactMap(\.record) == ["r1", "r3"])
    #expect(scene.plan(.of([])).actions.isEmpty)
  }

  @Test func `never and limits refuse the whole plan`() {
    var scene = Scene()
    scene.run("a", ["mAP50": .number("0.9")])
    scene.checkpoint("a/best.pt", ["role": .text("best")])
    scene.run("b")
    let property = Property(
      id: "no-good", subject: .destroy, kind: .checkpoint,
      condition: .compare(
        Operand(FactReference("mAP50", scope: .run), fallback: .number(.zero)), .greater,
        .number(ExactDecimal("0.8") ?? .zero)))
    let plan = scene.plan(.of([.stale], limits: Limits(maxTrash: .limited(1)), properties: [property]))
    #expect(plan.moves == ["trash a", "trash b"])
    #expect(!plan.isApplyable)
    #expect(plan.checks.map(\.holds) == [false, false])
    #expect(plan.checks.first { $0.subject == .never }?.violators == ["a/best.pt"])
    #expect(scene.plan(.of([.stale], limits: Limits(maxTrash: .limited(2)))).isApplyable)
  }

  @Test func `a record that a never speaks of is held and refuses nothing`() {
    var scene = Scene()
    scene.trash = [
      TrashRecord(
        path: "x", kind: .run, record: "r1", bytes: 5, trashedAt: Timestamp(nanoseconds: 0), purgeAfter: nil,
        contents: [Entity(kind: .run, path: "x", facts: FactRow(["mAP50": .number("0.9")]))])
    ]
    let property = Property(
      id: "no-good", subject: .destroy, kind: .run, condition: .mAP50(orZero: true, above: "0.8"))
    let plan = scene.plan(.of([], trash: TrashSettings(purgeAfter: .hours(24)), properties: [property]))
    #expect(plan.actions.isEmpty)
    #expect(plan.held.map(\.record) == ["r1"])
    #expect(plan.isApplyable)
  }
}
