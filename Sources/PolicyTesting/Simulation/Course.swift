internal import PolicyCore
internal import PolicyReport

/// A simulation under way.
struct Course {
  let policy: Policy
  let grid: TickGrid
  let exhaustive: Bool
  private var disk: PaperDisk
  private(set) var steps: [SimulationReport.Step] = []
  private(set) var watermarks: [SimulationReport.Watermark] = []
  /// The next moment to plan at; `nil` when nothing is left that time could change.
  private(set) var next: Timestamp?
  private(set) var last: Plan?
  /// Of the disk as it is; `nil` after a change.
  private var instants: [Timestamp]?
  private var isRefused = false

  init(_ policy: Policy, _ snapshot: Snapshot, _ grid: TickGrid, exhaustive: Bool) {
    (self.policy, self.grid, self.exhaustive) = (policy, grid, exhaustive)
    disk = PaperDisk(snapshot)
    next = grid.from
    for pressure in policy.pressures {
      for volume in snapshot.volumes.indices
      where snapshot.volume(host: snapshot.volumes[volume].host, path: pressure.volume) == volume {
        let place = snapshot.volumes[volume]
        guard let low = pressure.low.scaled(place.size) else { continue }
        watermarks.append(.init(id: pressure.id, volume: place, low: low, wasLow: place.used <= low))
      }
    }
  }

  var stock: SimulationReport.Stock { .init(disk.snapshot) }

  mutating func step(_ moment: Timestamp) {
    disk.set(now: moment)
    let plan = Planner.plan(policy, on: disk.snapshot)
    let acts = plan.refusals.isEmpty && !plan.actions.isEmpty
    let freed = acts ? disk.apply(plan, policy) : 0
    if acts { instants = nil }
    let before = isRefused ? last : nil
    isRefused = !plan.refusals.isEmpty
    // A plan refused as it was before is one step, not one a tick; that it is no longer refused is one.
    let isNews = isRefused ? before.map { !Self.isAlike($0, plan) } ?? true : acts || before != nil
    if isNews {
      steps.append(
        SimulationReport.Step(
          at: moment, actions: plan.actions, refusals: plan.refusals, unmet: plan.unmet, freed: freed, after: stock))
    }
    last = plan
    observe(moment)
    next = following(moment, acts)
  }

  private static func isAlike(_ left: Plan, _ right: Plan) -> Bool {
    left.refusals == right.refusals && left.actions.map { ActionKey($0) } == right.actions.map { ActionKey($0) }
  }

  private mutating func observe(_ moment: Timestamp) {
    for index in watermarks.indices where watermarks[index].at == nil && !watermarks[index].wasLow {
      let place = watermarks[index].volume
      let volume = disk.snapshot.volumes.first { $0.host == place.host && $0.path == place.path }
      if let volume, volume.used <= watermarks[index].low { watermarks[index].at = moment }
    }
  }

  private mutating func following(_ moment: Timestamp, _ acts: Bool) -> Timestamp? {
    if acts || exhaustive && moment < grid.to { return grid.next(after: moment) }
    let known = instants ?? DecisiveInstants.find(policy, on: disk.snapshot)
    instants = known
    return known.first { $0 > moment }.flatMap { grid.first(notBefore: $0) }
  }

  // MARK: Afterwards

  /// Goes on as before until nothing is left that time could change, or enough work has been done.
  mutating func sequel() -> SimulationReport.Sequel {
    var result = SimulationReport.Sequel()
    var left = max(20, min(400, 1_000_000 / max(1, disk.snapshot.entities.count)))
    let told = steps.count
    while let moment = next, left > 0 {
      step(moment)
      left -= 1
    }
    for step in steps.dropFirst(told) where step.refusals.isEmpty {
      let gone = step.actions.filter { $0.verb == .trash || $0.verb == .archive }
      guard !gone.isEmpty else { continue }
      result.runs += gone.count { $0.kind == .run }
      result.checkpoints += gone.count { $0.kind == .checkpoint }
      for action in gone { result.bytes = result.bytes.addingReportingOverflow(action.bytes).partialValue }
      result.last = step.at
    }
    // Further ticks would find something still: what stays for ever is not known.
    if next != nil {
      result.followedUntil = disk.snapshot.now
    } else if let last {
      result.stays = Staying.sort(disk.snapshot, last)
    }
    return result
  }
}

extension SimulationReport.Stock {
  init(_ snapshot: Snapshot) {
    let live = snapshot.entities.filter { $0.tier == .live }
    let runs = live.filter { $0.kind == .run }
    let volumes = snapshot.volumes.indices.filter { volume in
      snapshot.roots.contains { snapshot.volume(host: $0.host, path: $0.path) == volume }
    }
    self.init(
      runs: runs.count, checkpoints: live.count - runs.count, bytes: Usage.bytes(of: runs, snapshot.roots),
      trashed: snapshot.trash.count, trashedBytes: snapshot.trash.reduce(0) { Usage.sum($0, max(0, $1.bytes)) },
      volumes: volumes.map { snapshot.volumes[$0] })
  }
}
