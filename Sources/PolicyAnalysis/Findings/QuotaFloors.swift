internal import PolicyCore
internal import PolicyDiagnostics

/// P0363: a quota that what is kept exceeds already.
enum QuotaFloors {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    guard let snapshot = it.snapshot, !it.policy.quotas.isEmpty else { return [] }
    let plan = Planner.plan(it.policy, on: snapshot)
    return plan.unmet.filter { $0.want == .quota }.map { unmet in
      let group = unmet.group.map { "\($0.fact) \($0.value)" }.joined(separator: ", ")
      let holders = unmet.heldBy.map { "`\($0)`" }.joined(separator: ", ")
      return it.finding(
        nil,
        Diagnostic(
          "P0363", .warning, "quota `\(unmet.id)` cannot be met\(group.isEmpty ? "" : " for \(group)")",
          at: it.clause(unmet.id, "limit") ?? it.verb(unmet.id),
          caption: "\(size(unmet.usage)) stay",
          notes: holders.isEmpty ? [] : ["held by \(holders)"],
          help: "raise the limit, or let a keep give way with `yields_to: [quota]`"))
    }
  }

  /// What people can compare with a limit: `35.0 MiB`.
  private static func size(_ bytes: Int64) -> String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    var (whole, rest, unit) = (bytes, Int64(0), 0)
    while whole >= 1024, unit < 5 { (whole, rest, unit) = (whole / 1024, whole % 1024, unit + 1) }
    return "\(whole).\(rest * 10 / 1024) \(["B", "KiB", "MiB", "GiB", "TiB", "PiB"][unit])"
  }
}
