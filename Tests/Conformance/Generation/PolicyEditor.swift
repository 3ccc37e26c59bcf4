internal import PolicyCore

/// Changes a policy the way people do: sometimes its meaning, sometimes only its words.
struct PolicyEditor {
  var dice: Dice

  mutating func edited(_ policy: Policy) -> Policy {
    var rules = policy.rules
    let own = rules.indices.filter { !rules[$0].isBuiltIn }
    guard !own.isEmpty else { return policy }
    let index = dice.pick(own)
    switch dice.below(13) {
    case 0: rules.remove(at: index)
    case 1:
      // Twice the same: means nothing.
      var twin = rules[index]
      twin.id = "twin"
      rules.append(twin)
    case 2: rules[index].condition = .not(.not(rules[index].condition))
    case 3: split(&rules, index)
    case 4: rules[index].selector = recounted(rules[index].selector)
    case 5: rules[index].after = rules[index].after.map { _ in dice.pick([.hours(12), .hours(24), .hours(48)]) }
    case 6: if rules[index].verb == .keep, rules[index].yieldsTo.isEmpty { rules[index].verb = .protect }
    case 7: rules[index].condition = changed(rules[index].condition)
    case 8: rules[index].id = "renamed"
    case 9:
      var author = PolicyAuthor(dice: dice)
      rules.append(author.rule("added", [.keep, .protect, .trash]))
      dice = author.dice
    case 10: rules[index].condition = .all([rules[index].condition, rules[index].condition])
    case 11: if rules[index].selector != nil { rules[index].per = [] }
    default: rules[index].condition = .any([rules[index].condition, changed(rules[index].condition)])
    }
    var other = policy
    other = Policy(
      ageOf: policy.ageOf, trash: policy.trash, archive: policy.archive, backup: policy.backup, limits: policy.limits,
      rules: rules, quotas: policy.quotas, pressures: policy.pressures, properties: policy.properties)
    return other
  }

  /// One rule for `a or b` becomes two, which means the same where nothing is counted.
  private func split(_ rules: inout [Rule], _ index: Int) {
    guard case .any(let parts) = rules[index].condition, parts.count > 1 else { return }
    var second = rules[index]
    second.id = "second"
    rules[index].condition = parts[0]
    second.condition = parts.count == 2 ? parts[1] : .any(Array(parts.dropFirst()))
    rules.append(second)
  }

  private mutating func recounted(_ selector: Selector?) -> Selector? {
    switch selector {
    case .ranked(var ranking):
      ranking.count = .limited(1 + dice.below(3))
      return .ranked(ranking)
    case .every(let step, let by): return .every(step + dice.below(2), by: by)
    case nil: return nil
    }
  }

  private mutating func changed(_ condition: Condition) -> Condition {
    switch condition {
    case .always: return .always
    case .all(let parts):
      var parts = parts
      let index = dice.below(parts.count)
      parts[index] = changed(parts[index])
      return dice.chance(20) ? .any(parts) : .all(parts)
    case .any(let parts):
      var parts = parts
      let index = dice.below(parts.count)
      parts[index] = changed(parts[index])
      return dice.chance(20) ? .all(parts) : .any(parts)
    case .not(let part): return .not(changed(part))
    case .compare(let operand, _, let constant):
      var operand = operand
      if dice.chance(20) { operand.fallback = nil }
      let isOrdered = if case .text = constant { false } else { true }
      return .compare(operand, dice.pick(isOrdered ? Comparison.allCases : [.equal, .notEqual]), constant)
    case .member(let operand, let constants): return .member(operand, Array(constants.dropLast(dice.below(2))))
    case .matches, .has, .isMissing, .flag: return .not(condition)
    }
  }
}
