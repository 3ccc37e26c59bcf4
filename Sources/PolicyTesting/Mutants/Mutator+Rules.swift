internal import PolicyCore

/// Mistakes in rules.
extension Mutator {
  mutating func mutateRule(_ index: Int) {
    let rule = policy.rules[index]
    add(rule.id, "dropped", "a case in which `\(rule.id)` decides") { $0.rules.remove(at: index) }
    // What `thin` keeps speaks of what the rule itself speaks of: it changes with it, and not by itself.
    let copies = policy.rules.indices.filter { policy.rules[$0].sugar?.hasPrefix("\(rule.id).keep[") ?? false }
    let parent = rule.sugar.flatMap { sugar in
      policy.rules.first { $0.sugar == nil && sugar.hasPrefix("\($0.id).keep[") }
    }
    for edit in ConditionEdits(schema, rule.kind).all(rule.condition, leavingOut: parent?.condition) {
      add(rule.id, edit.change, edit.hint) { other in
        other.rules[index].condition = edit.condition
        for copy in copies where other.rules[copy].condition == rule.condition {
          other.rules[copy].condition = edit.condition
        }
      }
    }
    if let after = rule.after {
      addWaits(rule.id, "after", after) { $0.rules[index].after = $1 }
      add(rule.id, "after \(after.spelled) dropped", "something that is younger than \(after.spelled)") {
        $0.rules[index].after = nil
      }
    }
    if rule.requiresBackup {
      add(rule.id, "requires dropped", "something without a backup") { $0.rules[index].requiresBackup = false }
    }
    if rule.tier == .archived {
      add(rule.id, "in: archive dropped", "the same thing, not archived") { $0.rules[index].tier = .live }
    }
    if !rule.yieldsTo.isEmpty {
      add(rule.id, "yields_to dropped", "a case in which it gives way") { $0.rules[index].yieldsTo = [] }
    }
    for relief in rule.yieldsTo.sorted() where rule.yieldsTo.count > 1 {
      add(rule.id, "\(relief.rawValue) dropped from yields_to", "a case in which it gives way to \(relief.rawValue)") {
        $0.rules[index].yieldsTo.remove(relief)
      }
    }
    switch rule.selector {
    case nil: break
    case .every(let step, _)?:
      add(rule.id, "every \(step) becomes \(step + 1)", "a number that \(step) divides") {
        if case .every(let step, let by)? = $0.rules[index].selector {
          $0.rules[index].selector = .every(step + 1, by: by)
        }
      }
    case .ranked(let ranking)?: mutate(ranking, rule, index)
    }
    mutateGroups(rule, index, copies)
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
    func changed(_ edit: (inout Ranking) -> Void) -> Selector {
      var other = ranking
      edit(&other)
      return .ranked(other)
    }
    let turned = changed { $0.better = $0.better == .higher ? .lower : .higher }
    add(rule.id, "\(form) counts from the other end", "a group that it does not hold as a whole") {
      $0.rules[index].selector = turned
    }
    if ranking.form == .best {
      let other: Ranking.MissingKeys = ranking.missing == .keep ? .drop : .keep
      let moved = changed { $0.missing = other }
      add(
        rule.id, "missing \(ranking.missing.rawValue) becomes \(other.rawValue)",
        "something without \(ranking.key.spelled) that nothing else holds"
      ) {
        $0.rules[index].selector = moved
      }
    }
    if ranking.ties == .oldest {
      let moved = changed { $0.ties = .newest }
      add(rule.id, "ties oldest becomes newest", "two of one \(ranking.key.spelled), of which one is held") {
        $0.rules[index].selector = moved
      }
    }
  }

  /// Coarser and finer groups. What `thin` keeps is grouped as it says itself.
  private mutating func mutateGroups(_ rule: Rule, _ index: Int, _ copies: [Int]) {
    guard rule.sugar == nil else { return }
    let members = (rule.selector == nil ? copies : [index]).filter { policy.rules[$0].selector?.isRanked ?? false }
    guard let first = members.first else { return }
    for (change, hint, per) in Self.groups(policy.rules[first].per, rule.kind) {
      add(rule.id, change, hint) { other in for member in members { other.rules[member].per = per } }
    }
  }

  /// The groups that are one key coarser, or finer.
  static func groups(_ per: [GroupKey], _ kind: EntityKind) -> [(change: String, hint: String, per: [GroupKey])] {
    var groups = per.indices.map { key -> (change: String, hint: String, per: [GroupKey]) in
      var fewer = per
      fewer.remove(at: key)
      return ("per without its part \(key + 1)", "two groups, each with something to lose", fewer)
    }
    let finer: [(name: String, key: GroupKey)] =
      kind == .run
      ? [("user", .fact(FactReference("user"))), ("project", .fact(FactReference("project")))] : [("run", .run)]
    if let (name, key) = finer.first(where: { !per.contains($0.key) }) {
      groups.append(
        ("per with \(name) as well", "a group with things of two \(name)s, and something to lose", per + [key]))
    }
    return groups
  }
}

extension Selector {
  /// `latest`, `oldest` or `best`.
  fileprivate var isRanked: Bool { if case .ranked = self { true } else { false } }
}
