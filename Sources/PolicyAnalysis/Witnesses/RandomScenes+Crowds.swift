internal import PolicyCore

/// Worlds in which a quota binds: many things of one group, of which one or two are too much.
extension RandomScenes {
  /// A scene with some things more that a quota of runs may take, together a little over its limit.
  mutating func crowd(_ scene: inout Scene) {
    let quotas = policies.flatMap(\.quotas)
    let quota = quotas[below(quotas.count)]
    if quota.kind == .run { addTakeable(to: &scene, quota) }
    let members = scene.drafts.indices.filter { scene.drafts[$0].subject.kind == quota.kind }
    guard let first = members.first else { return }
    for index in members {
      for case .fact(let reference) in quota.per where reference.scope == .own {
        scene.drafts[index].set(reference.name, scene.drafts[first].facts[reference.name])
      }
    }
    // What the rules take counts no longer: the rest has to be too much.
    var policy = policies[0]
    (policy.quotas, policy.pressures) = ([], [])
    let gone = Set(Planner.plan(policy, on: scene.snapshot).actions.filter { $0.verb != .backup }.map(\.path))
    let staying = Int64(members.count { !gone.contains(scene.drafts[$0].path) })
    guard staying > 1 else { return }
    let size = quota.limit / (staying - Int64(below(2))) + 1
    for index in members { scene.drafts[index].set("bytes", .integer(size)) }
  }

  private mutating func addTakeable(to scene: inout Scene, _ quota: Quota) {
    let known = takeable[quota.id] ?? findTakeable(quota)
    takeable[quota.id] = known
    guard !known.isEmpty else { return }
    let names = keys(of: .run) + Self.keys(of: quota.evict.order)
    for number in 0..<(3 + below(5)) {
      var draft = known[below(known.count)]
      draft.path = ByteString("train/q\(number)")
      for name in names where below(2) == 0 {
        let steps = below(7) - 3
        guard let value = draft.facts[name] else { continue }
        draft.facts[name] = universe.schema.moved(value, steps, name, of: .run) ?? value
      }
      // Beside what has it, what has it not.
      for name in Self.keys(of: quota.evict.order) where below(4) == 0 { draft.set(name, nil) }
      scene.drafts.append(draft)
    }
  }

  /// Runs that the quota takes where they are alone and nothing that ranks holds them.
  private mutating func findTakeable(_ quota: Quota) -> [Draft] {
    var policy = policies[0]
    policy.rules.removeAll { $0.selector != nil }
    (policy.quotas, policy.pressures) = ([quota], [])
    var found: [Draft] = []
    for number in 0..<150 where found.count < 6 {
      guard var run = draft(.run, path: ByteString("train/r"), number % 4) else { continue }
      run.set("bytes", .integer(quota.limit + 1))
      let scene = Scene(now: Scene.noon, drafts: [run], root: Scene.root(of: policy))
      let takes = Planner.plan(policy, on: scene.snapshot).actions.contains { action in
        action.because.contains { $0.rule == quota.id }
      }
      if takes { found.append(run) }
    }
    return found
  }

  /// Facts of runs that an order compares.
  private static func keys(of order: [OrderKey]) -> [String] {
    order.compactMap { key in
      guard case .fact(let operand, _, _) = key, operand.fact.scope == .own else { return nil }
      return operand.fact.name
    }
  }
}
