internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import Testing

/// What `policy log --format prometheus` prints.
struct LogMetricsTests {
  private func history() throws -> JournalHistory {
    var history = JournalHistory()
    let run = JournalRun(
      command: "apply", plan: "sha256:1", trigger: "cron", uid: 1000, host: "gpu1",
      root: Root(host: "gpu1", path: "/data/runs"), notes: [])
    let skip = JournalSkip(
      operation: .trash, kind: .run, path: "exp2", bytes: 50, record: nil, reason: "it is pinned")
    let bodies: [JournalRecord.Body] = [.begin(run), .skip(skip), .end(JournalEnd(done: 0, skipped: 1, status: 6))]
    for (index, body) in bodies.enumerated() {
      try history.add(
        JournalRecord(
          sequence: Int64(index + 1), synced: 0, at: Timestamp(nanoseconds: 1_800_000_000_000_000_000), boot: nil,
          body: body))
    }
    return history
  }

  @Test func figuresOfOneOwner() throws {
    let lines = try history().log.map { (root: ByteString("/data/runs"), entry: $0) }
    let trash = [
      TrashEntry(
        record: "a-1000-1", uid: 1000, host: "gpu1", root: "/data/runs", path: "exp1", kind: .run, bytes: 100,
        trashedAt: Timestamp(nanoseconds: 0), purgeAt: nil, plan: nil, rules: [])
    ]
    #expect(
      LogMetrics.render(lines, trash: trash) == """
        # HELP policy_items_total Runs and checkpoints, by what became of them.
        # TYPE policy_items_total counter
        policy_items_total{root="/data/runs",uid="1000",event="saved"} 0
        policy_items_total{root="/data/runs",uid="1000",event="archived"} 0
        policy_items_total{root="/data/runs",uid="1000",event="trashed"} 0
        policy_items_total{root="/data/runs",uid="1000",event="restored"} 0
        policy_items_total{root="/data/runs",uid="1000",event="purged"} 0
        policy_items_total{root="/data/runs",uid="1000",event="skipped"} 1
        # HELP policy_bytes_total Allocated bytes of them; purged ones are free.
        # TYPE policy_bytes_total counter
        policy_bytes_total{root="/data/runs",uid="1000",event="saved"} 0
        policy_bytes_total{root="/data/runs",uid="1000",event="archived"} 0
        policy_bytes_total{root="/data/runs",uid="1000",event="trashed"} 0
        policy_bytes_total{root="/data/runs",uid="1000",event="restored"} 0
        policy_bytes_total{root="/data/runs",uid="1000",event="purged"} 0
        policy_bytes_total{root="/data/runs",uid="1000",event="skipped"} 50
        # HELP policy_trash_items Things that lie in the trash.
        # TYPE policy_trash_items gauge
        policy_trash_items{root="/data/runs",uid="1000"} 1
        # HELP policy_trash_bytes Allocated bytes that lie in the trash.
        # TYPE policy_trash_bytes gauge
        policy_trash_bytes{root="/data/runs",uid="1000"} 100
        # HELP policy_last_run_timestamp_seconds When a command last came to its end.
        # TYPE policy_last_run_timestamp_seconds gauge
        policy_last_run_timestamp_seconds{root="/data/runs",uid="1000",command="apply"} 1800000000
        # HELP policy_last_run_status The exit status it ended with.
        # TYPE policy_last_run_status gauge
        policy_last_run_status{root="/data/runs",uid="1000",command="apply"} 6
        # HELP policy_last_success_timestamp_seconds When a command last ended with status 0, or, but for root, 6.
        # TYPE policy_last_success_timestamp_seconds gauge
        policy_last_success_timestamp_seconds{root="/data/runs",uid="1000",command="apply"} 1800000000

        """)
  }

  /// No root can be named so that a line of its own appears.
  @Test func namesAreEscaped() throws {
    let trash = [
      TrashEntry(
        record: "r", uid: 1, host: "h", root: "/a\"b\n\\c", path: "p", kind: .run, bytes: 1,
        trashedAt: Timestamp(nanoseconds: 0), purgeAt: nil, plan: nil, rules: [])
    ]
    let text = LogMetrics.render([], trash: trash)
    #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("policy_") })
    #expect(text.contains("a\\\"b\\\\n\\\\\\\\c"))
  }
}
