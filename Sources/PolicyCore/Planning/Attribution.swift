/// Which changed parts of a policy make the difference: each is swapped in alone, and the plan made again.
public struct Attribution: Sendable {
  /// Ids of rules, quotas, pressures and nevers, and names of settings, that differ; sorted.
  public var changedRules: [String]
  /// For each action that appears or vanishes: the parts that, alone, bring that about.
  public var responsible: [ActionKey: [String]]

  /// The changed parts alone, for plans whose snapshot is not at hand.
  public static func changedParts(_ before: Policy, _ after: Policy) -> [String] { swaps(before, after).map(\.name) }

  public static func of(
    _ before: Policy, _ after: Policy, on snapshot: Snapshot, plan: (Policy, Snapshot) -> Plan
  ) -> Attribution {
    func keys(_ policy: Policy) -> Set<ActionKey> { Set(plan(policy, snapshot).actions.map { ActionKey($0) }) }
    let old = keys(before)
    let moved = old.symmetricDifference(keys(after))
    var attribution = Attribution(changedRules: [], responsible: [:])
    for (name, swapped) in swaps(before, after) {
      attribution.changedRules.append(name)
      for key in keys(swapped).symmetricDifference(old) where moved.contains(key) {
        attribution.responsible[key, default: []].append(name)
      }
    }
    return attribution
  }

  /// Every changed part by name, with the old policy in which only that part is the new one.
  private static func swaps(_ before: Policy, _ after: Policy) -> [(name: String, policy: Policy)] {
    var swaps: [(String, Policy)] = []
    func part<Part: Equatable>(_ name: String, _ path: WritableKeyPath<Policy, Part>) {
      guard before[keyPath: path] != after[keyPath: path] else { return }
      var policy = before
      policy[keyPath: path] = after[keyPath: path]
      swaps.append((name, policy))
    }
    func table<Part: Equatable>(_ path: WritableKeyPath<Policy, [Part]>, _ id: (Part) -> String) {
      let (old, new) = (before[keyPath: path], after[keyPath: path])
      for name in Set(old.map(id) + new.map(id)).sorted() {
        let (was, becomes) = (old.filter { id($0) == name }, new.filter { id($0) == name })
        guard was != becomes else { continue }
        var policy = before
        policy[keyPath: path] = (old.filter { id($0) != name } + becomes)
          .sorted { id($0).utf8.lexicographicallyPrecedes(id($1).utf8) }
        swaps.append((name, policy))
      }
    }
    table(\.rules) { $0.id }
    table(\.quotas) { $0.id }
    table(\.pressures) { $0.id }
    table(\.properties) { $0.id }
    part("limits", \.limits)
    part("trash", \.trash)
    part("defaults.age_of", \.ageOf)
    return swaps
  }
}
