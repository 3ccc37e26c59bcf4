public import PolicyCore

/// A policy with one small mistake put into it.
public struct Mutant: Sendable {
  /// `good: mAP50 ?? 0 > 0.8 becomes >=`: names the change, the same for every run.
  public let name: String
  /// Id of the rule, quota or pressure entry that was changed.
  public let id: String
  public let policy: Policy
  /// What a case would need in order to notice.
  public let hint: String
}

/// Makes every mutant of a policy.
public struct Mutator {
  private let policy: Policy
  private var mutants: [Mutant] = []

  /// All of them, in order of ids.
  public static func mutants(of policy: Policy) -> [Mutant] {
    var mutator = Mutator(policy)
    for index in policy.rules.indices where !policy.rules[index].isBuiltIn { mutator.mutateRule(index) }
    for index in policy.quotas.indices { mutator.mutateQuota(index) }
    for index in policy.pressures.indices { mutator.mutatePressure(index) }
    return mutator.mutants
  }

  private init(_ policy: Policy) { self.policy = policy }

  private mutating func add(_ id: String, _ change: String, _ hint: String, _ edit: (inout Policy) -> Void) {
    var other = policy
    edit(&other)
    var name = "\(id): \(change)"
    let twins = mutants.count { $0.name == name || $0.name.hasPrefix(name + " (") }
    if twins > 0 { name += " (\(twins + 1))" }
    mutants.append(Mutant(name: name, id: id, policy: other, hint: hint))
  }

  private mutating func mutateRule(_ index: Int) {
    let rule = policy.rules[index]
    add(rule.id, "dropped", "a case in which `\(rule.id)` decides") { $0.rules.remove(at: index) }
    // What `thin` keeps speaks of what the rule itself speaks of: it changes with it, and not by itself.
    let copies = policy.rules.indices.filter { policy.rules[$0].sugar?.hasPrefix("\(rule.id).keep[") ?? false }
    let parent = rule.sugar.flatMap { sugar in
      policy.rules.first { $0.sugar == nil && sugar.hasPrefix("\($0.id).keep[") }
    }
    for edit in ConditionEdits.all(rule.condition, leavingOut: parent?.condition) {
      add(rule.id, edit.change, edit.hint) { other in
        other.rules[index].condition = edit.condition
        for copy in copies where other.rules[copy].condition == rule.condition {
          other.rules[copy].condition = edit.condition
        }
      }
    }
    if let after = rule.after {
      let spelled = after.spelled
      add(rule.id, "after \(spelled) becomes more than \(spelled)", "something that is exactly \(spelled) old") {
        $0.rules[index].after = TimeSpan(nanoseconds: after.nanoseconds + 1)
      }
      add(rule.id, "after \(spelled) dropped", "something that is younger than \(spelled)") {
        $0.rules[index].after = nil
      }
    }
    if rule.requiresBackup {
      add(rule.id, "requires dropped", "something without a backup") { $0.rules[index].requiresBackup = false }
    }
    if !rule.yieldsTo.isEmpty {
      add(rule.id, "yields_to dropped", "a case in which it gives way") { $0.rules[index].yieldsTo = [] }
    }
    switch rule.selector {
    case nil: break
    case .every(let step, let by)?:
      add(rule.id, "every \(step) becomes \(step + 1)", "a number that \(step) divides") {
        $0.rules[index].selector = .every(step + 1, by: by)
      }
    case .ranked(let ranking)?: mutate(ranking, rule, index)
    }
  }

  private mutating func mutate(_ ranking: Ranking, _ rule: Rule, _ index: Int) {
    let form = ranking.form.rawValue
    func with(_ count: Count) -> Selector {
      var other = ranking
      other.count = count
      return .ranked(other)
    }
    if case .limited(let count) = ranking.count {
      add(rule.id, "\(form) \(count) becomes \(count + 1)", "a group of more than \(count)") {
        $0.rules[index].selector = with(.limited(count + 1))
      }
      add(rule.id, "\(form) \(count) becomes \(count - 1)", "a group whose number \(count) is held by this rule alone")
      {
        $0.rules[index].selector = with(count == 1 ? .none : .limited(count - 1))
      }
    }
    for key in rule.per.indices where rule.sugar == nil {
      var per = rule.per
      per.remove(at: key)
      add(rule.id, "per without its part \(key + 1)", "two groups, each with something to lose") {
        $0.rules[index].per = per
      }
    }
  }

  private mutating func mutateQuota(_ index: Int) {
    let quota = policy.quotas[index]
    add(quota.id, "dropped", "a group over its limit") { $0.quotas.remove(at: index) }
    add(quota.id, "limit one byte less", "a group of exactly the limit") { $0.quotas[index].limit -= 1 }
    if quota.downTo != ExactDecimal(1) {
      add(quota.id, "down_to dropped", "a group that has to go below its limit") {
        $0.quotas[index].downTo = ExactDecimal(1)
      }
    }
    for edit in ConditionEdits.all(quota.evict.condition) {
      add(quota.id, edit.change, edit.hint) { $0.quotas[index].evict.condition = edit.condition }
    }
    for key in quota.evict.order.indices where quota.evict.order.count > 1 {
      add(quota.id, "order without its part \(key + 1)", "two candidates that only this part tells apart") {
        $0.quotas[index].evict.order.remove(at: key)
      }
    }
  }

  private mutating func mutatePressure(_ index: Int) {
    let pressure = policy.pressures[index]
    add(pressure.id, "dropped", "a volume above its mark") { $0.pressures.remove(at: index) }
    for step in pressure.relieve.indices where pressure.relieve.count > 1 {
      add(pressure.id, "without step \(step + 1)", "a case in which only this step helps") {
        $0.pressures[index].relieve.remove(at: step)
      }
    }
  }
}
