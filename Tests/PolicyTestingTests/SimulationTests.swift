internal import PolicyCore
internal import PolicyReport
internal import PolicyTesting
internal import Testing

struct SimulationTests {
  private static let start = Timestamp("2027-01-01T00:00:00Z") ?? Timestamp(nanoseconds: 0)

  private static func day(_ number: Int64) -> Timestamp { start.advanced(by: .days(number)) ?? start }

  private static func grid(_ days: Int64) throws -> TickGrid {
    try TickGrid(from: start, to: day(days), every: .days(1))
  }

  private static func run(_ path: ByteString, bytes: Int64, age: Int64 = 10, _ links: [HardLink] = []) -> Entity {
    let stamp = FactValue.integer(day(-age).nanoseconds)
    return Entity(
      kind: .run, path: path,
      facts: FactRow([
        "state": .text("finished"), "user": .text("u"), "bytes": .integer(bytes), "files": .integer(5),
        "finished_at": stamp, "modified_at": stamp,
      ]), links: links)
  }

  private static func checkpoint(_ path: ByteString, bytes: Int64, _ links: [HardLink] = []) -> Entity {
    Entity(
      kind: .checkpoint, path: path,
      facts: FactRow([
        "role": .text("epoch"), "bytes": .integer(bytes), "modified_at": .integer(day(-10).nanoseconds),
      ]), links: links)
  }

  private static func snapshot(_ entities: [Entity], _ volumes: [Volume] = []) -> Snapshot {
    var snapshot = Snapshot(now: start, roots: [Root(path: "/d")], volumes: volumes, entities: entities)
    snapshot.normalise()
    return snapshot
  }

  private static func trash(_ kind: EntityKind, after: TimeSpan? = nil, tier: Tier = .live) -> Rule {
    Rule(id: "trash-\(tier.rawValue)", verb: .trash, kind: kind, after: after, tier: tier)
  }

  // MARK: Ticks

  @Test func `ticks count both ends`() throws {
    #expect(try Self.grid(0).count == 1)
    #expect(try Self.grid(30).count == 31)
    #expect(try TickGrid(from: Self.start, to: Self.day(1), every: .hours(7)).count == 4)
  }

  @Test func `ticks that make no sense`() {
    #expect(throws: TickGrid.Problem.backwards) { try TickGrid(from: Self.day(1), to: Self.day(0), every: .days(1)) }
    #expect(throws: TickGrid.Problem.standing) { try TickGrid(from: Self.day(0), to: Self.day(1), every: .hours(0)) }
    #expect(throws: TickGrid.Problem.tooMany(86_401)) {
      try TickGrid(from: Self.day(0), to: Self.day(1), every: .seconds(1))
    }
    #expect((try? TickGrid(from: Self.day(0), to: Self.day(9999), every: .days(1)))?.count == 10_000)
    #expect(throws: TickGrid.Problem.tooMany(10_001)) {
      try TickGrid(from: Self.day(0), to: Self.day(10_000), every: .days(1))
    }
    #expect(throws: TickGrid.Problem.self) {
      try TickGrid(from: Timestamp(nanoseconds: .min), to: Timestamp(nanoseconds: .max), every: .days(1))
    }
  }

  // MARK: The disk on paper

  @Test func `a trashed run frees its bytes when it is purged`() throws {
    let policy = Policy(trash: TrashSettings(purgeAfter: .days(3)), rules: [Self.trash(.run, after: .days(12))])
    let volumes = [Volume(path: "/d", size: 1000, used: 900)]
    let report = Simulator.future(policy, from: Self.snapshot([Self.run("a", bytes: 100)], volumes), try Self.grid(9))
    #expect(report.steps.map(\.at) == [Self.day(2), Self.day(5)])
    #expect(report.steps.map(\.freed) == [0, 100])
    #expect(report.steps.map(\.after.inUse) == [900, 800])
    #expect(report.steps.map(\.after.trashedBytes) == [100, 0])
    #expect(report.end.runs == 0 && report.sequel?.stays.isEmpty == true && report.sequel?.followedUntil == nil)
  }

  @Test func `a thinned run is smaller, and keeps content that has another name in it`() throws {
    let link = HardLink(device: 1, inode: 1, bytes: 10, total: 2, inside: 1)
    var both = link
    both.inside = 2
    let shared = Self.snapshot([
      Self.run("a", bytes: 100, [both]), Self.checkpoint("a/x.pt", bytes: 10, [link]),
      Self.checkpoint("a/y.pt", bytes: 20),
    ])
    let policy = Policy(rules: [
      Rule(
        id: "thin", verb: .trash, kind: .checkpoint,
        condition: .matches(Operand(FactReference("name")), Glob("x.pt")))
    ])
    let report = Simulator.future(policy, from: shared, try Self.grid(2))
    #expect(report.steps.count == 1)
    #expect(report.end.bytes == 100 && report.end.checkpoints == 1)
    let all = Simulator.future(Policy(rules: [Self.trash(.checkpoint)]), from: shared, try Self.grid(2))
    #expect(all.end.bytes == 80 && all.end.checkpoints == 0)
  }

  @Test func `an archived run waits in the archive, and its files in the trash`() throws {
    let policy = Policy(
      trash: TrashSettings(purgeAfter: .days(1)), archive: ArchiveSettings(to: "/z"),
      rules: [
        Rule(id: "cold", verb: .archive, kind: .run, after: .days(11)),
        Rule(
          id: "old", verb: .trash, kind: .run,
          condition: .compare(Operand(FactReference("archived_at"), isAge: true), .greater, .duration(.days(4))),
          tier: .archived),
      ])
    let report = Simulator.future(
      policy, from: Self.snapshot([Self.run("a", bytes: 50), Self.checkpoint("a/x.pt", bytes: 9)]), try Self.grid(20))
    #expect(report.steps.map { $0.actions.map(\.verb) } == [[.archive], [.purge], [.trash], [.purge]])
    // `> 4d` is not yet true after exactly four days.
    #expect(report.steps.map(\.at) == [Self.day(1), Self.day(2), Self.day(6), Self.day(7)])
    #expect(report.steps.map(\.freed) == [0, 50, 0, 0])
    #expect(report.end.runs == 0 && report.end.checkpoints == 0)
  }

  @Test func `a backup is made once, and lets go what waited for it`() throws {
    var waiting = Self.trash(.run)
    waiting.requiresBackup = true
    let policy = Policy(
      backup: BackupSettings(to: "/b"), rules: [waiting, Rule(id: "safe", verb: .backup, kind: .run)])
    let report = Simulator.future(policy, from: Self.snapshot([Self.run("a", bytes: 50)]), try Self.grid(5))
    #expect(report.steps.map { $0.actions.map(\.verb) } == [[.backup], [.trash]])
  }

  @Test func `a refused plan does nothing and is told once`() throws {
    let policy = Policy(limits: Limits(maxTrash: .limited(1)), rules: [Self.trash(.run, after: .days(12))])
    let runs = [Self.run("a", bytes: 1), Self.run("b", bytes: 1), Self.run("c", bytes: 1, age: 7)]
    let report = Simulator.future(policy, from: Self.snapshot(runs), try Self.grid(9))
    #expect(report.steps.map(\.at) == [Self.day(2), Self.day(5)])
    #expect(report.steps.allSatisfy { !$0.refusals.isEmpty && $0.after.runs == 3 })
    #expect(report.sequel?.stays.map(\.why) == [.refused])
    #expect(report.sequel?.stays.first?.rules == ["max_trash"])
  }

  @Test func `recorded snapshots are put in the order of time, and nothing is carried over`() {
    let policy = Policy(rules: [Self.trash(.run, after: .days(12))])
    var late = Self.snapshot([Self.run("a", bytes: 1), Self.run("b", bytes: 1)])
    late.now = Self.day(7)
    let report = Simulator.recorded(policy, [late, Self.snapshot([Self.run("a", bytes: 1)])])
    #expect(report?.steps.map(\.at) == [Self.day(0), Self.day(7)])
    #expect(report?.steps.map { $0.actions.map(\.path) } == [[], ["a", "b"]])
    #expect(report?.every == nil && report?.sequel == nil)
    #expect(Simulator.recorded(policy, []) == nil)
  }
}
