public import PolicyCore
public import PolicyFormats

/// What journals and trash amount to, in the text format of Prometheus: for the textfile collector of its node exporter.
///
/// Counters grow with the journal; they are over its whole life. Times are seconds since 1970.
public enum LogMetrics {
  /// Whose figures: one root's, one owner's.
  private struct Series: Hashable, Comparable {
    let root: ByteString
    let uid: UInt32
    static func < (left: Series, right: Series) -> Bool { (left.root, left.uid) < (right.root, right.uid) }
  }

  private struct Sums {
    /// By event: `saved`, `archived`, `trashed`, `restored`, `purged`, `skipped`, `abandoned`.
    var items: [String: Int64] = [:]
    var bytes: [String: Int64] = [:]
    /// By command.
    var lastEnd: [String: (at: Timestamp, status: Int64)] = [:]
    var lastSuccess: [String: Timestamp] = [:]
    var trashItems: Int64 = 0
    var trashBytes: Int64 = 0
  }

  private static let events: [LogEntry.Event] = [.saved, .archived, .trashed, .restored, .purged, .skipped]

  public static func render(
    _ lines: [(root: ByteString, entry: LogEntry)], trash: [TrashEntry]
  ) -> String {
    var table: [Series: Sums] = [:]
    for (root, entry) in lines {
      guard let run = entry.run else { continue }
      let series = Series(root: root, uid: entry.delegate ?? run.uid)
      var sums = table[series] ?? Sums()
      if events.contains(entry.event) {
        sums.items[entry.event.rawValue, default: 0] &+= 1
        sums.bytes[entry.event.rawValue, default: 0] &+= entry.bytes ?? 0
      }
      if entry.event == .ended, let status = entry.status {
        sums.lastEnd[run.command] = (entry.at, status)
        // An ordinary user's apply leaves what is others', night after night.
        if status == 0 || status == 6 && series.uid != 0 { sums.lastSuccess[run.command] = entry.at }
      }
      table[series] = sums
    }
    for entry in trash {
      let series = Series(root: entry.root, uid: entry.uid)
      table[series, default: Sums()].trashItems &+= 1
      table[series, default: Sums()].trashBytes &+= entry.bytes
    }
    let all = table.sorted { $0.key < $1.key }
    var text = ""
    func family(_ name: String, _ type: String, _ help: String, _ rows: (Series, Sums) -> [(String, String)]) {
      let lines = all.flatMap { series, sums in
        rows(series, sums).map { labels, value in "policy_\(name){\(Self.labels(series))\(labels)} \(value)\n" }
      }
      guard !lines.isEmpty else { return }
      text += "# HELP policy_\(name) \(help)\n# TYPE policy_\(name) \(type)\n" + lines.joined()
    }
    family("items_total", "counter", "Runs and checkpoints, by what became of them.") { _, sums in
      events.map { (",event=\"\($0.rawValue)\"", "\(sums.items[$0.rawValue] ?? 0)") }
    }
    family("bytes_total", "counter", "Allocated bytes of them; purged ones are free.") { _, sums in
      events.map { (",event=\"\($0.rawValue)\"", "\(sums.bytes[$0.rawValue] ?? 0)") }
    }
    family("trash_items", "gauge", "Things that lie in the trash.") { _, sums in [("", "\(sums.trashItems)")] }
    family("trash_bytes", "gauge", "Allocated bytes that lie in the trash.") { _, sums in [("", "\(sums.trashBytes)")] }
    family("last_run_timestamp_seconds", "gauge", "When a command last came to its end.") { _, sums in
      sums.lastEnd.sorted { $0.key < $1.key }.map { (command($0.key), seconds($0.value.at)) }
    }
    family("last_run_status", "gauge", "The exit status it ended with.") { _, sums in
      sums.lastEnd.sorted { $0.key < $1.key }.map { (command($0.key), "\($0.value.status)") }
    }
    family("last_success_timestamp_seconds", "gauge", "When a command last ended with status 0, or, but for root, 6.") {
      _, sums in
      sums.lastSuccess.sorted { $0.key < $1.key }.map { (command($0.key), seconds($0.value)) }
    }
    return text
  }

  private static func labels(_ series: Series) -> String {
    "root=\"\(MetricLabel.escape(series.root))\",uid=\"\(series.uid)\""
  }

  private static func command(_ name: String) -> String { ",command=\"\(MetricLabel.escape(ByteString(name)))\"" }

  private static func seconds(_ time: Timestamp) -> String { "\(time.nanoseconds / 1_000_000_000)" }
}
