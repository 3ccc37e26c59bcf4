internal import PolicyCore

/// What may refuse a whole plan before anything is looked at on disk.
enum ApplySafeguards {
  /// Why the plan is refused; `nil` where it is not. Limits are released by naming the plan's digest, `never` is not.
  static func refusal(_ plan: Plan, digest: String, options: ApplyOptions) -> ApplyFailure? {
    let broken = plan.checks.filter { !$0.holds }
    let limits = broken.filter { $0.subject == .limit }
    // Each broken check is one refusal; any other refusal cannot be released.
    let isReleased = options.acknowledged == digest && broken.count == limits.count
    if !plan.refusals.isEmpty, !(isReleased && plan.refusals.count == limits.count) {
      let hint =
        broken.count == limits.count && plan.refusals.count == limits.count
        ? "; to let it pass this once: `apply PLAN --acknowledge \(digest)`" : ""
      return ApplyFailure(.refused, plan.refusals.joined(separator: "; ") + hint)
    }
    if let acknowledged = options.acknowledged, acknowledged != digest {
      return ApplyFailure(.refused, "`--acknowledge` names another plan than \(digest)")
    }
    if plan.now > options.clock.now() {
      return ApplyFailure(
        .refused, "the plan's `now` (\(plan.now.words)) is later than the clock: it is for looking at only")
    }
    return nil
  }

  /// Without any limit in the policy, an unattended apply may not trash more than half of what a root holds.
  static func half(_ actions: [Action], of snapshot: Snapshot, limits: Limits) -> ApplyFailure? {
    guard limits == Limits() else { return nil }
    for (index, root) in snapshot.roots.enumerated() {
      var (whole, going): (Int64, Int64) = (0, 0)
      for entity in snapshot.entities where entity.root == index && entity.kind == .run && entity.tier == .live {
        if case .value(.integer(let bytes)) = entity.facts.fact("bytes") { whole = saturating(whole, bytes) }
      }
      for action in actions where action.verb == .trash && action.root == root.path {
        going = saturating(going, action.bytes)
      }
      if going > whole - going {
        return ApplyFailure(
          .refused,
          "unattended, this would trash \(going) of \(whole) bytes in \(root.path.displayText), more than half, and the "
            + "policy sets no limit: add `limits: { max_trash_bytes: 80% }` to it, or save the plan, look at it and apply that"
        )
      }
    }
    return nil
  }

  private static func saturating(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(max(0, right))
    return overflow ? .max : sum
  }
}
