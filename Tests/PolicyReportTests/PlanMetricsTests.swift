internal import Foundation
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicyTestSupport
internal import Testing

/// What `policy log --format prometheus --with-plan` adds; and that what others are shown speaks of metrics that exist.
struct PlanMetricsTests {
  private func metrics(_ plan: Plan, _ snapshot: Snapshot?) throws -> String {
    PlanMetrics.render(PlanReport(sealed: try Scene.saved(plan), snapshot: snapshot))
  }

  @Test func `bytes by user and decision add up to all of them`() throws {
    var snapshot = Scene.snapshot()
    snapshot.volumes = [Volume(host: "gpu1", path: "/data", size: 100, used: 90)]
    let text = try metrics(Planner.plan(Scene.policy(), on: snapshot), snapshot)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("policy_plan_bytes{") }
    let sum = rows.compactMap { $0.split(separator: " ").last.flatMap { Int64($0) } }.reduce(0, +)
    #expect(sum == Scene.bytes(snapshot))
    #expect(text.contains("policy_plan_runs{root=\"/data/runs\",user=\"bob\",decision=\"kept\"} 1\n"))
    #expect(text.contains("policy_volume_used_bytes{volume=\"/data\"} 90\n"))
    #expect(text.contains("policy_plan_refused 0\n"))
  }

  @Test func `what cannot be met is told with how far it is off`() throws {
    let text = try metrics(Scene.everything(), nil)
    #expect(text.contains("policy_plan_unmet 2\n"))
    #expect(
      text.contains("policy_plan_unmet_bytes{want=\"quota\",id=\"per-user\",group=\"alice\"} \(80 * Scene.gib)\n"))
    for line in text.split(separator: "\n") { #expect(line.hasPrefix("#") || line.hasPrefix("policy_")) }
  }

  /// Names after `policy_` in a text.
  private static func names(_ text: String) -> Set<String> {
    Set(
      text.components(separatedBy: "policy_").dropFirst().map { rest in
        String(rest.prefix { $0.isLetter || $0 == "_" })
      }.filter { !$0.isEmpty })
  }

  @Test(arguments: ["alerts.yml", "dashboard.json"]) func `an example asks for metrics that exist`(_ file: String)
    throws
  {
    var everything = Scene.everything()
    everything.counts = Plan.Counts()
    var snapshot = Scene.snapshot()
    snapshot.volumes = [Volume(host: "gpu1", path: "/data", size: 100, used: 90)]
    let known = Self.names(try metrics(everything, snapshot)).union([
      // Those of the journal, whose own test has their text.
      "items_total", "bytes_total", "trash_items", "trash_bytes", "last_run_timestamp_seconds", "last_run_status",
      "last_success_timestamp_seconds",
    ])
    let text = try String(contentsOfFile: repositoryRoot + "/integrations/prometheus/" + file, encoding: .utf8)
    let asked = Self.names(text)
    #expect(asked.count >= 5)
    #expect(asked.subtracting(known).isEmpty)
    if file.hasSuffix(".json") { _ = try JSONSerialization.jsonObject(with: Data(text.utf8)) }
  }
}
