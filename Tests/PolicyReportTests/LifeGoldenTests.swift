internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import Testing

struct LifeGoldenTests {
  private typealias Item = ApplySummary.Item

  private func weights(_ number: Int) -> ByteString { ByteString("alice/exp4/weights/epoch\(number)0.pt") }

  @Test func `apply, with what could not be done`() throws {
    let items =
      [Item(verb: "trash", path: "alice/exp1", bytes: 3 << 30, isDone: true)]
      + (0..<15).map { Item(verb: "trash", kind: .checkpoint, path: weights($0), bytes: 52_428_800, isDone: true) }
      + [
        Item(verb: "trash", path: "李雷/特征级融合", bytes: 512, isDone: true),
        Item(
          verb: "trash", path: "bob/exp1", bytes: 4096, isDone: false, reason: "permission denied: it belongs to bob"),
        Item(
          verb: "trash", path: "bob/exp2", bytes: 4096, isDone: false,
          reason: "it changed since the plan was made: its newest modification is another one"),
        Item(
          verb: "archive", path: "bob/exp3", bytes: 4096, isDone: false,
          reason: "this version does not carry out archives"),
        Item(verb: "purge", path: "bob/old\u{1B}[2J", bytes: 7 << 30, isDone: true),
      ]
    let summary = ApplySummary(
      items: items, message: nil, notes: ["one action is of host gpu2: apply it there"], freedNow: 7 << 30,
      freedLater: 4_006_608_896, purgeFrom: Scene.now, plan: "sha256:07438c0e57e1", place: " --root /data/runs")
    try Golden.check("apply") { ApplyText.render(summary, style: $0) }
  }

  @Test func `apply refused`() throws {
    let summary = ApplySummary(
      items: [], message: "the policy has changed since this plan was made; make a new plan", notes: [], freedNow: 0,
      freedLater: 0, purgeFrom: nil, plan: "sha256:07438c0e57e1", place: "")
    try Golden.check("apply-refused") { ApplyText.render(summary, style: $0) }
  }

  @Test func `restore and purge`() throws {
    let summary = ApplySummary(
      items: [
        Item(verb: "restore", path: "alice/exp1", bytes: 3 << 30, isDone: true),
        Item(verb: "restore", path: "alice/exp2", bytes: 3 << 30, isDone: true, destination: "alice/exp2.restored"),
        Item(
          verb: "restore", path: "alice/exp4/weights/epoch7.pt", bytes: 1 << 20, isDone: true,
          destination: "alice/exp4.restored/weights/epoch7.pt"),
        Item(verb: "purge", path: "alice/exp3", bytes: 1 << 20, isDone: true),
      ], message: nil, notes: [], freedNow: 1 << 20, freedLater: 0, purgeFrom: nil, plan: nil, place: "")
    try Golden.check("restore-purge") { ApplyText.render(summary, style: $0) }
  }

  @Test func `the trash`() throws {
    func entry(
      _ path: ByteString, _ kind: EntityKind = .run, root: ByteString = "/data/runs", plan: String? = "sha256:0743"
    )
      -> TrashEntry
    {
      TrashEntry(
        record: "r", host: "gpu1", root: root, path: path, kind: kind, bytes: 52_428_800, trashedAt: Scene.now,
        purgeAt: plan == nil ? nil : Scene.now, plan: plan, rules: kind == .run ? ["stale"] : ["thin"])
    }
    let entries =
      [entry("alice/exp1")] + (0..<15).map { entry(weights($0), .checkpoint) }
      + [entry("李雷/特征级融合"), entry("bob/by hand", plan: nil), entry("it's here", root: "/scratch")]
    try Golden.check("trash") { TrashText.render(entries, place: " --root /data/runs", style: $0) }
    try Golden.check("trash-quoted") { TrashText.render(entries.suffix(1), place: "", style: $0) }
    try Golden.check("trash-empty") { TrashText.render([], place: "", style: $0) }
  }

  @Test func `the log`() throws {
    var history = JournalHistory()
    var sequence: Int64 = 0
    func add(_ body: JournalRecord.Body) throws {
      sequence += 1
      try history.add(JournalRecord(sequence: sequence, synced: sequence - 1, at: Scene.now, boot: nil, body: body))
    }
    func begin(_ command: String, _ plan: String?) throws {
      try add(
        .begin(
          JournalRun(
            command: command, plan: plan, trigger: "cron", uid: 1000, host: "gpu1", root: Scene.root, notes: [])))
    }
    try begin("apply", "sha256:07438c0e57e1")
    for (index, path) in (["alice/exp1"] + (0..<3).map(weights)).enumerated() {
      let reason = Reason(rule: index == 0 ? "stale" : "thin", readings: [FactReading(fact: "age", value: "20d")])
      try add(
        .trash(
          JournalItem(
            record: "r\(index)", action: nil, plan: "sha256:07438c0e57e1", kind: index == 0 ? .run : .checkpoint,
            path: path, stored: "x", owner: nil, bytes: 52_428_800, identity: Scene.identity(), purgeAfter: nil,
            because: [reason], contents: [])))
      try add(.commit(.trash, record: "r\(index)", identity: Scene.identity()))
    }
    try add(
      .skip(
        JournalSkip(
          operation: .trash, kind: .run, path: "bob/特征级融合", bytes: 4096, record: nil,
          reason: "it changed since the plan was made")))
    try add(.end(JournalEnd(done: 4, skipped: 1, status: 6)))
    try begin("restore", nil)
    try add(.restore(record: "r0", to: "alice/exp1"))
    try add(.commit(.restore, record: "r0", identity: Scene.identity()))
    try add(.end(JournalEnd(done: 1, skipped: 0, status: 0)))
    let lines = history.log.map { (root: ByteString("/data/runs"), entry: $0) }
    #expect(lines.count >= 8)
    try Golden.check("log") { LogText.render(lines, style: $0) }
    try Golden.check("log-empty") { LogText.render([], style: $0) }
  }
}
