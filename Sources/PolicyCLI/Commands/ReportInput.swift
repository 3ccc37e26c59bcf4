internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import PolicyScan

/// Brings what the page of a plan shows besides the plan: the tree as far as this machine has it, and curves.
enum ReportInput {
  /// Looks at the plan's roots again, changing nothing. What cannot be looked at becomes a note.
  static func search(_ sealed: SealedPlan) -> (snapshot: Snapshot?, notes: [ReportNote]) {
    let here = sealed.snapshotHeader.roots.filter { $0.host == Surroundings.host || $0.host.isEmpty }
    guard !here.isEmpty else { return (nil, []) }
    let policy = sealed.policyHeader.core
    let clock = Surroundings.clock
    let result = ScanWatch.scan(
      ScanRequest(
        roots: here.map(\.path), settings: policy.scan, facts: policy.facts, now: sealed.plan.now, clock: clock,
        host: Surroundings.host))
    var notes = result.problems.map { ReportNote.unseenRoot($0.root, $0.message) }
    let isSame = result.snapshot.roots.allSatisfy { root in
      here.contains { $0.path == root.path && ($0.inode == nil || $0.device == root.device && $0.inode == root.inode) }
    }
    guard isSame else {
      let others = result.snapshot.roots.map { ReportNote.unseenRoot($0.path, "it is another directory than it was") }
      return (nil, notes + others)
    }
    guard !result.snapshot.roots.isEmpty else { return (nil, notes) }
    var snapshot = result.snapshot
    // A plan of a hand-written snapshot names no host.
    for index in snapshot.roots.indices
    where here.contains(where: { $0.path == snapshot.roots[index].path && $0.host.isEmpty }) {
      snapshot.roots[index].host = ByteString([])
    }
    let (before, now) = (sealed.snapshotHeader.runs, snapshot.entities.count { $0.kind == .run })
    if notes.isEmpty, here.count == sealed.snapshotHeader.roots.count, before != now {
      notes.append(.changed(before: before, now: now))
    }
    return (snapshot, notes)
  }

  /// A snapshot from files, which need not be the one that the plan was made on.
  static func read(_ sealed: SealedPlan, _ files: [String]) throws -> (snapshot: Snapshot?, notes: [ReportNote]) {
    let tree = TreeOptions.typed(snapshot: files, now: sealed.plan.now.rfc3339)
    let input = try SnapshotInput.read(sealed.policyHeader.core, tree)
    return (input.snapshot, input.digest == sealed.snapshotHeader.digest ? [] : [.otherSnapshot])
  }

  /// Curves of all runs that lie on this machine, below roots that are still the same directories.
  static func curves(_ sealed: SealedPlan, _ snapshot: Snapshot?) -> PlanReport.Curves {
    var places: [ByteString: [ByteString]] = [:]
    if let snapshot {
      for entity in snapshot.entities where entity.kind == .run && entity.tier == .live {
        places[snapshot.roots[entity.root].path, default: []].append(entity.path)
      }
    } else {
      for action in sealed.plan.actions where action.kind == .run && action.tier == .live {
        places[action.root, default: []].append(action.path)
      }
      for held in sealed.plan.held where held.kind == .run && held.tier == .live {
        places[held.root, default: []].append(held.path)
      }
    }
    let policy = sealed.policyHeader.core
    var curves: [PlanReport.RunKey: MetricCurve] = [:]
    var isAnyHere = false
    for root in sealed.snapshotHeader.roots where root.host == Surroundings.host {
      let paths = places[root.path] ?? []
      let found = CurveReader.read(
        paths, in: root, settings: policy.scan, preferring: PlanReport.wantedMetrics(policy))
      guard let found else { continue }
      isAnyHere = true
      for (path, curve) in zip(paths, found) {
        if let curve { curves[PlanReport.RunKey(host: root.host, root: root.path, path: path)] = curve }
      }
    }
    return isAnyHere ? .read(curves) : .away
  }
}
