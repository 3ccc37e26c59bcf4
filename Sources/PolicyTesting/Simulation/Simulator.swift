public import PolicyCore
public import PolicyReport

/// A policy over time: at every tick it plans on what earlier ticks left, and its plan is carried out on paper.
///
/// Only time moves and only the policy acts: nobody trains, pins or restores, and no disk grows. A refused plan changes
/// nothing; it is asked again at the next tick.
public enum Simulator {
  /// What the policy does from a snapshot on. Ticks at which nothing can have changed are passed over, which changes
  /// nothing but the work (`exhaustive` looks at each nevertheless).
  public static func future(
    _ policy: Policy, from snapshot: Snapshot, _ grid: TickGrid, exhaustive: Bool = false
  ) -> SimulationReport {
    var course = Course(policy, snapshot, grid, exhaustive: exhaustive)
    while let moment = course.next, moment <= grid.to { course.step(moment) }
    let steps = course.steps
    let end = course.stock
    let watermarks = course.watermarks
    let sequel = course.sequel()
    return SimulationReport(
      policy: policy.name, from: grid.from, to: grid.to, every: grid.every, ticks: grid.count, steps: steps, end: end,
      sequel: sequel, watermarks: watermarks)
  }

  /// What the policy would have done with each of several recorded snapshots, at its own `now`, each for itself: what was
  /// there a week later is in the next one. In the order of time; `nil` for none.
  public static func recorded(_ policy: Policy, _ snapshots: [Snapshot]) -> SimulationReport? {
    let sorted = snapshots.sorted { $0.now < $1.now }
    guard let first = sorted.first, let last = sorted.last else { return nil }
    var steps: [SimulationReport.Step] = []
    for snapshot in sorted {
      var disk = PaperDisk(snapshot)
      let plan = Planner.plan(policy, on: snapshot)
      let freed = plan.refusals.isEmpty ? disk.apply(plan, policy) : 0
      steps.append(
        SimulationReport.Step(
          at: snapshot.now, actions: plan.actions, refusals: plan.refusals, unmet: plan.unmet, freed: freed,
          after: .init(disk.snapshot)))
    }
    return SimulationReport(
      policy: policy.name, from: first.now, to: last.now, every: nil, ticks: sorted.count, steps: steps,
      end: steps.last?.after ?? .init(last))
  }
}
