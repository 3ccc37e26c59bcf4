internal import PolicyCore
internal import PolicyDiagnostics

/// P0382: groups by `project` where nothing says what a project is: no run has one.
enum UnsetGroups {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    guard it.policy.scan.project == nil else { return [] }
    let project = GroupKey.fact(FactReference("project"))
    func finding(_ id: String, _ caption: String) -> Finding {
      it.finding(
        id,
        Diagnostic(
          "P0382", .warning, "`\(id)` groups by `project`, which nothing sets", at: it.clause(id, "per"),
          caption: caption,
          help:
            "say where it stands in a path: `scan: { project: \"{project}/*/**\" }`; or leave `project` out of `per`"))
    }
    return it.ownRules.filter { $0.per.contains(project) }.map {
      finding($0.id, "so everything is a group of its own")
    }
      + it.policy.quotas.filter { $0.per.contains(project) }.map {
        finding($0.id, "so nothing counts toward this quota")
      }
  }
}
