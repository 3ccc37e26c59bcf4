internal import PolicyCore

/// Makes a failing case small: drops one thing after another for as long as it still fails.
enum Shrinker {
  static func shrink(_ failing: GeneratedCase, _ fails: (GeneratedCase) -> Bool) -> GeneratedCase {
    var best = failing
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      for step in steps(best) {
        var smaller = best
        guard step(&smaller) else { continue }
        smaller.snapshot.normalise()
        if fails(smaller) {
          best = smaller
          isSmaller = true
          break
        }
      }
    }
    return best
  }

  /// Changes one thing; false where there was nothing to change.
  typealias Step = (inout GeneratedCase) -> Bool

  private static func steps(_ it: GeneratedCase) -> [Step] {
    var steps: [Step] = []
    func drop<Element>(_ path: WritableKeyPath<GeneratedCase, [Element]>, _ allowed: (Element) -> Bool = { _ in true })
    {
      for index in it[keyPath: path].indices where allowed(it[keyPath: path][index]) {
        steps.append { target in
          target[keyPath: path].remove(at: index)
          return true
        }
      }
    }
    drop(\.policy.rules) { !$0.isBuiltIn }
    drop(\.policy.quotas)
    drop(\.policy.pressures)
    drop(\.policy.properties)
    drop(\.snapshot.entities)
    drop(\.snapshot.trash)
    drop(\.policy.rules)
    steps.append { target in
      defer { target.policy.limits = Limits() }
      return target.policy.limits != Limits()
    }
    for index in it.policy.pressures.indices where it.policy.pressures[index].relieve.count > 1 {
      for step in it.policy.pressures[index].relieve.indices {
        steps.append { target in
          target.policy.pressures[index].relieve.remove(at: step)
          return true
        }
      }
    }
    for index in it.policy.rules.indices { steps += self.steps(rule: index, it.policy.rules[index]) }
    for index in it.policy.quotas.indices where it.policy.quotas[index].evict.order.count > 1 {
      steps.append { target in
        target.policy.quotas[index].evict.order.removeLast()
        return true
      }
    }
    for index in it.snapshot.entities.indices { steps += self.steps(entity: index, it.snapshot.entities[index]) }
    return steps
  }

  private static func steps(rule index: Int, _ rule: Rule) -> [Step] {
    var changes: [(inout Rule) -> Void] = [
      { $0.condition = .always }, { $0.after = nil }, { $0.requiresBackup = false }, { $0.per = [] },
      { $0.yieldsTo = [] },
      { rule in
        rule.selector = nil
        rule.per = []
      },
    ]
    switch rule.condition {
    case .all(let parts), .any(let parts): for part in parts { changes.append { $0.condition = part } }
    case .not(let part): changes.append { $0.condition = part }
    default: break
    }
    return changes.map { change in
      { target in
        let before = target.policy.rules[index]
        change(&target.policy.rules[index])
        return target.policy.rules[index] != before
      }
    }
  }

  private static func steps(entity index: Int, _ entity: Entity) -> [Step] {
    var steps: [Step] = [
      { target in
        defer { target.snapshot.entities[index].links = [] }
        return !target.snapshot.entities[index].links.isEmpty
      },
      { target in
        defer { target.snapshot.entities[index].backups = [] }
        return !target.snapshot.entities[index].backups.isEmpty
      },
      { target in
        defer { target.snapshot.entities[index].identity = nil }
        return target.snapshot.entities[index].identity != nil
      },
    ]
    for name in entity.facts.known.map(\.name) + entity.facts.unreadable where name != "modified_at" && name != "bytes"
    {
      steps.append { target in
        target.snapshot.entities[index].facts = target.snapshot.entities[index].facts.without(name)
        return true
      }
    }
    return steps
  }
}

extension FactRow {
  private var asDictionary: [String: FactValue] {
    Dictionary(known.map { ($0.name, $0.value) }) { first, _ in first }
  }

  func without(_ name: String) -> FactRow {
    var facts = asDictionary
    facts[name] = nil
    return FactRow(facts, unreadable: unreadable.filter { $0 != name })
  }

  /// The same with one fact that cannot be believed.
  func spoiling(_ name: String) -> FactRow {
    var facts = asDictionary
    facts[name] = nil
    return FactRow(facts, unreadable: unreadable.filter { $0 != name } + [name])
  }
}
