internal import PolicyCore
internal import PolicyFormats

/// What a policy would do now, in the text format of Prometheus: bytes and runs by user and decision, what that frees,
/// what cannot be met, how full the disks are. All of them are gauges.
public enum PlanMetrics {
  private struct Series: Hashable, Comparable {
    let root: ByteString
    let user: ByteString
    let fate: Int
    static func < (left: Series, right: Series) -> Bool {
      (left.root, left.user, left.fate) < (right.root, right.user, right.fate)
    }
    var labels: String {
      "root=\"\(MetricLabel.escape(root))\",user=\"\(MetricLabel.escape(user))\","
        + "decision=\"\(Fate.allCases[fate].rawValue)\""
    }
  }

  /// Without a snapshot, only what the plan speaks of is counted.
  public static func render(_ report: PlanReport) -> String {
    let (plan, rows) = (report.sealed.plan, ReportRows(report).rows)
    var sums: [Series: (runs: Int64, bytes: Int64)] = [:]
    func add(_ row: ReportRow, _ fate: Fate, runs: Int64, bytes: Int64) {
      let place = Fate.allCases.firstIndex(of: fate) ?? 0
      let series = Series(root: row.key.root, user: row.user ?? "", fate: place)
      let old = sums[series] ?? (0, 0)
      sums[series] = (old.runs + runs, old.bytes.addingReportingOverflow(bytes).partialValue)
    }
    for row in rows {
      // Of a run that loses checkpoints, the rest stays.
      let going = row.items.filter { $0.verb != .backup }.map(\.bytes).sum
      if row.fate == .thin {
        add(row, .thin, runs: 1, bytes: going)
        add(row, .kept, runs: 0, bytes: max(0, row.bytes - going))
      } else {
        add(row, row.fate, runs: 1, bytes: row.bytes)
      }
    }
    let all = sums.sorted { $0.key < $1.key }
    var text = ""
    func family(_ name: String, _ help: String, _ rows: [(labels: String, value: Int64)]) {
      guard !rows.isEmpty else { return }
      text += "# HELP policy_\(name) \(help)\n# TYPE policy_\(name) gauge\n"
      text += rows.map { "policy_\(name)\($0.labels.isEmpty ? "" : "{\($0.labels)}") \($0.value)\n" }.joined()
    }
    family(
      "plan_runs", "Runs, and things in the trash, by what a plan made now decides.",
      all.map { ($0.key.labels, $0.value.runs) })
    family("plan_bytes", "Allocated bytes of them.", all.map { ($0.key.labels, $0.value.bytes) })
    family(
      "plan_frees_bytes", "What the plan would free: at once, and once the trash is purged.",
      [
        ("when=\"now\"", plan.actions.map(\.freesNow).sum), ("when=\"later\"", plan.actions.map(\.freesLater).sum),
      ])
    family("plan_unmet", "Quotas and watermarks that the plan cannot meet.", [("", Int64(plan.unmet.count))])
    family(
      "plan_unmet_bytes", "How far above its target each of them stays.",
      plan.unmet.map { unmet in
        let group = unmet.group.map { MetricLabel.escape(ByteString($0.value)) }.joined(separator: ",")
        let labels =
          "want=\"\(unmet.want.rawValue)\",id=\"\(MetricLabel.escape(ByteString(unmet.id)))\",group=\"\(group)\""
        return (labels, max(0, unmet.usage.subtractingReportingOverflow(unmet.target).partialValue))
      })
    family(
      "plan_undecided", "Runs and checkpoints about which something is not known.", [("", Int64(plan.undecided.count))])
    family("plan_refused", "1 where a limit or a `never` refuses the plan.", [("", plan.refusals.isEmpty ? 0 : 1)])
    family(
      "plan_timestamp_seconds", "The moment that the plan counts ages to.", [("", plan.now.nanoseconds / 1_000_000_000)]
    )
    let volumes = report.snapshot?.volumes ?? []
    family("volume_size_bytes", "Size of a file system that holds roots.", volumes.map { (volume($0), $0.size) })
    family("volume_used_bytes", "How much of it is used.", volumes.map { (volume($0), $0.used) })
    return text
  }

  private static func volume(_ volume: Volume) -> String { "volume=\"\(MetricLabel.escape(volume.path))\"" }
}
