internal import PolicyCore
internal import PolicyDiagnostics

/// P0381: a `best` that ranks runs of several owners together: one owner's metric files decide another's runs.
enum OtherPeoplesBest {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    guard isShared(it.policy) else { return [] }
    return it.ownRules.compactMap { rule in
      guard rule.kind == .run, case .ranked(let ranking)? = rule.selector, ranking.form == .best,
        !rule.per.contains(.fact(FactReference("user")))
      else { return nil }
      return it.finding(
        rule.id,
        Diagnostic(
          "P0381", .warning, "`\(rule.id)` ranks the runs of all users together", at: it.clause(rule.id, "best"),
          caption: "one user's metric files decide about another's runs",
          labels: it.clause(rule.id, "per").map { [.init($0, "without `user`")] } ?? [],
          help: rule.per.isEmpty ? "write `per: user`" : "add `user` to `per`"))
    }
  }

  /// Whether the policy itself says that there are several users.
  private static func isShared(_ policy: Policy) -> Bool {
    if case .pattern = policy.scan.user { return true }
    let user = GroupKey.fact(FactReference("user"))
    return policy.rules.contains { $0.per.contains(user) } || policy.quotas.contains { $0.per.contains(user) }
  }
}
