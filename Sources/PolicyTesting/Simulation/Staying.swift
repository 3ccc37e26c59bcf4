internal import PolicyCore
internal import PolicyReport

/// Sorts what stays by the reason why.
enum Staying {
  private struct Reason: Hashable {
    let why: SimulationReport.Staying.Why
    let rules: [String]
  }
  private struct Place: Hashable {
    let host: ByteString
    let root: ByteString
    let kind: EntityKind
    let tier: Tier
    let path: ByteString
  }

  /// Of the live entities of a snapshot, by its plan; the largest first.
  static func sort(_ snapshot: Snapshot, _ plan: Plan) -> [SimulationReport.Staying] {
    let reasons = reasons(snapshot, plan)
    let live = snapshot.entities.indices.filter { snapshot.entities[$0].tier == .live }
    var groups: [Reason: [Int]] = [:]
    for entity in live { groups[reasons[entity], default: []].append(entity) }
    var apart: [Int: Int64] = [:]
    for entity in live where snapshot.entities[entity].kind == .checkpoint {
      guard let run = snapshot.entities[entity].parent, reasons[run] != reasons[entity] else { continue }
      apart[run] = Usage.sum(apart[run] ?? 0, Usage.bytes(of: [snapshot.entities[entity]], snapshot.roots))
    }
    return groups.map { reason, members in
      let runs = members.filter { snapshot.entities[$0].kind == .run }
      var bytes = Usage.bytes(of: runs.map { snapshot.entities[$0] }, snapshot.roots)
      // A checkpoint's bytes are among its run's: those that stay for another reason count there.
      for run in runs { bytes -= min(bytes, apart[run] ?? 0) }
      for entity in members where snapshot.entities[entity].kind == .checkpoint {
        if let run = snapshot.entities[entity].parent, reasons[run] == reason { continue }
        bytes = Usage.sum(bytes, Usage.bytes(of: [snapshot.entities[entity]], snapshot.roots))
      }
      return SimulationReport.Staying(
        why: reason.why, rules: reason.rules, runs: runs.count, checkpoints: members.count - runs.count, bytes: bytes)
    }
    .sorted { left, right in
      if left.bytes != right.bytes { return left.bytes > right.bytes }
      let (a, b) = ([left.why.rawValue] + left.rules, [right.why.rawValue] + right.rules)
      return a.lexicographicallyPrecedes(b) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  private static func reasons(_ snapshot: Snapshot, _ plan: Plan) -> [Reason] {
    var told: [Place: Reason] = [:]
    func unique(_ rules: [String]) -> [String] {
      Set(rules).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    for held in plan.held where held.record == nil {
      told[Place(host: held.host, root: held.root, kind: held.kind, tier: held.tier, path: held.path)] = Reason(
        why: .held, rules: unique(held.by.map(\.rule)))
    }
    for open in plan.undecided {
      told[Place(host: open.host, root: open.root, kind: open.kind, tier: open.tier, path: open.path)] = Reason(
        why: .undecided, rules: unique(open.questions.map(\.rule)))
    }
    let refusing = Reason(why: .refused, rules: plan.checks.filter { !$0.holds }.map(\.name))
    for action in plan.actions where action.verb == .trash || action.verb == .archive {
      told[Place(host: action.host, root: action.root, kind: action.kind, tier: action.tier, path: action.path)] =
        refusing
    }
    return snapshot.entities.indices.map { entity in
      let subject = snapshot.entities[entity]
      if let own = told[place(subject, snapshot)] { return own }
      // What nobody wants for itself stays as what it lies in does; a refused move of that would take it along.
      var line = subject.parent
      while let run = line {
        let above = told[place(snapshot.entities[run], snapshot)]
        if let above, above == refusing || subject.kind == .checkpoint && run == subject.parent { return above }
        line = snapshot.entities[run].parent
      }
      return Reason(why: .unwanted, rules: [])
    }
  }

  private static func place(_ entity: Entity, _ snapshot: Snapshot) -> Place {
    let root = snapshot.roots[entity.root]
    return Place(host: root.host, root: root.path, kind: entity.kind, tier: entity.tier, path: entity.path)
  }
}
