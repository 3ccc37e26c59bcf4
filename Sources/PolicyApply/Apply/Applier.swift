public import PolicyCore
internal import PolicyFiles
public import PolicyFormats

/// A fresh look at the roots: what is there, and what the plan's own policy says of it now.
public struct Replanned: Sendable {
  public var plan: Plan
  public var snapshot: Snapshot
  public init(plan: Plan, snapshot: Snapshot) {
    self.plan = plan
    self.snapshot = snapshot
  }
}

/// Carries out a saved plan: moves what it trashes, purges what it purges, and nothing else.
///
/// Everything is locked, recovered and looked at again before the first change; then each item is compared with what
/// was planned just before it moves. One item's trouble never stops another; a full or failing disk stops everything.
public enum Applier {
  /// A `SealedPlan` always fits its digest: reading one that does not is refused.
  ///
  /// `replan` scans the given roots (this host's, in the plan) and plans under the policy at the given `now`; `nil`
  /// where that fails.
  public static func apply(
    _ sealed: SealedPlan, options: ApplyOptions, replan: (Policy, [Root], Timestamp) -> Replanned?
  ) -> ApplyOutcome {
    let plan = sealed.plan
    if let refusal = ApplySafeguards.refusal(plan, digest: sealed.digest, options: options) {
      return ApplyOutcome(refusal)
    }
    let handWritten = sealed.obstacles.dropFirst(plan.refusals.count)
    if !handWritten.isEmpty { return ApplyOutcome(.refused, handWritten.joined(separator: "; ")) }
    let roots = plan.roots.filter { $0.host == options.host }
    guard !roots.isEmpty else {
      let hosts = Set(plan.roots.map(\.host)).sorted().map(\.displayText).joined(separator: ", ")
      return ApplyOutcome(
        .refused, "this plan is for \(hosts), and this is \(options.host.displayText); apply it there")
    }
    var work = PlanWork(sealed: sealed, options: options, roots: roots)
    do throws(ApplyFailure) {
      try work.open()
      try work.lookAgain(replan)
    } catch {
      var outcome = ApplyOutcome(error, notes: work.notes)
      outcome.stoppedBy = options.stop.signal
      return outcome
    }
    return work.carryOut()
  }
}
