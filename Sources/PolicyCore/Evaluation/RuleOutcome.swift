/// Where a member stands in its group.
struct Standing {
  let rank: Int
  let of: Int
  let keeps: Int
}

/// What one rule says about every entity of a snapshot. A class, because lists of them are made for every entity.
final class RuleOutcome {
  let rule: Rule
  /// What its condition reads, each fact once.
  private let operands: [BoundOperand]
  /// By entity; `.no` for entities that the rule does not speak of (other kind or tier).
  let truth: [Truth]
  /// By entity: whether age ≥ `after`; empty for rules without.
  let aged: [Truth]
  /// By entity: in scope, and chosen by the selector.
  fileprivate(set) var picked: [Bool]
  /// Rank (from 1; several may share one) and size of the ranked part of the group, by entity; empty without a ranking.
  fileprivate var ranks: [Int32] = []
  fileprivate var sizes: [Int32] = []

  fileprivate init(_ rule: Rule, _ condition: BoundCondition, truth: [Truth], aged: [Truth]) {
    self.rule = rule
    operands = condition.operands.once
    self.truth = truth
    self.aged = aged
    picked = [Bool](repeating: false, count: truth.count)
  }

  /// What the condition read of an entity, each fact once, in words.
  func readings(of entity: Int, _ facts: FactReader) -> [FactReading] { operands.readings(of: entity, facts) }

  /// The facts that left it undecided.
  func unknowns(of entity: Int, _ facts: FactReader) -> [FactReading] {
    readings(of: entity, facts).filter { $0.value == "missing" || $0.value == "unreadable" }
  }

  func standing(_ entity: Int) -> Standing? {
    guard case .ranked(let ranking)? = rule.selector, !ranks.isEmpty, ranks[entity] > 0 else { return nil }
    let size = Int(sizes[entity])
    return Standing(rank: Int(ranks[entity]), of: size, keeps: ranking.count.bound(size))
  }

  func aged(_ entity: Int) -> Truth { aged.isEmpty ? .yes : aged[entity] }
}

/// Asks every rule about every entity: conditions, ages, groups and rankings.
struct RuleEvaluator {
  let policy: Policy
  let facts: FactReader
  private let columns: ColumnConditions

  init(policy: Policy, facts: FactReader) {
    (self.policy, self.facts) = (policy, facts)
    columns = ColumnConditions(
      facts, asked: policy.rules.flatMap { rule in Self.conditions(of: rule, policy, facts).map { ($0, rule.kind) } })
  }

  /// Its own and that of its `after`.
  private static func conditions(of rule: Rule, _ policy: Policy, _ facts: FactReader) -> [BoundCondition] {
    let stamp = policy.defaultStamp(rule.kind)
    let condition = BoundCondition(rule.condition, on: rule.kind, facts, defaultStamp: stamp)
    guard let after = rule.after else { return [condition] }
    let age = BoundOperand(fact: facts.bind(stamp, on: rule.kind), isAge: true, spelled: "age")
    return [condition, .test(age, .compare(.greaterOrEqual, .duration(after)))]
  }

  func outcome(of rule: Rule) -> RuleOutcome {
    let conditions = Self.conditions(of: rule, policy, facts)
    let asked = conditions.map { columns.truths($0, rule.kind) }
    var truths = [Truth](repeating: .no, count: facts.entities.count)
    var aged = rule.after == nil ? [] : truths
    var (scope, row): ([Int], Int) = ([], 0)
    let all = facts.entities
    let entities = all.span
    for range in facts.ranges(of: rule.kind) {
      for entity in range {
        defer { row += 1 }
        guard speaks(rule, of: entities[entity].tier) else { continue }
        let truth = asked[0][row]
        truths[entity] = truth
        if asked.count > 1 { aged[entity] = asked[1][row] }
        let inScope =
          switch rule.verb {
          case .protect, .keep, .backup: truth.may
          case .trash, .archive: truth.must && (aged.isEmpty || aged[entity].must)
          }
        if inScope { scope.append(entity) }
      }
    }
    let condition = conditions[0]
    let outcome = RuleOutcome(rule, condition, truth: truths, aged: aged)
    switch rule.selector {
    case nil: for entity in scope { outcome.picked[entity] = true }
    case .every(let step, let by): pick(every: step, by, scope, rule, outcome)
    case .ranked(let ranking): pick(ranking, scope, rule, outcome)
    }
    return outcome
  }

  /// Protect and keep look at both tiers, trash at the one it names, archive and backup at the live one.
  private func speaks(_ rule: Rule, of tier: Tier) -> Bool {
    switch rule.verb {
    case .protect, .keep: true
    case .trash: tier == rule.tier
    case .archive, .backup: tier == .live
    }
  }

  private func pick(every step: Int, _ by: FactReference, _ scope: [Int], _ rule: Rule, _ outcome: RuleOutcome) {
    let fact = facts.bind(by, on: rule.kind)
    for entity in scope {
      guard case .known(.number(let number)) = facts.read(fact, of: entity) else {
        outcome.picked[entity] = true
        continue
      }
      if let whole = number.wholeNumber { outcome.picked[entity] = whole.isMultiple(of: Int64(step)) }
    }
  }

  private func pick(_ ranking: Ranking, _ scope: [Int], _ rule: Rule, _ outcome: RuleOutcome) {
    let key = facts.bind(ranking.key, on: rule.kind)
    let stamp = facts.bind(policy.defaultStamp(rule.kind), on: rule.kind)
    let progress = ProgressReader(rule.kind, facts)
    outcome.ranks = [Int32](repeating: 0, count: facts.entities.count)
    outcome.sizes = outcome.ranks
    for group in Grouping(rule.per, on: rule.kind, facts).groups(scope) {
      var ranked: [(entity: Int, key: Constant, stamp: Timestamp?)] = []
      for entity in group {
        switch facts.read(key, of: entity) {
        case .known(let value): ranked.append((entity, value, time(stamp, entity)))
        case .missing: outcome.picked[entity] = ranking.missing == .keep
        case .set, .unreadable: outcome.picked[entity] = true
        }
      }
      ranked.sort { left, right in
        if left.key != right.key {
          return ranking.better == .higher
            ? Constant.ranks(right.key, before: left.key) : Constant.ranks(left.key, before: right.key)
        }
        if left.stamp != right.stamp {
          guard let a = left.stamp else { return false }
          guard let b = right.stamp else { return true }
          return ranking.ties == .newest ? b < a : a < b
        }
        // Entities of one kind stand in (host, root, path) order; the progress of those alike is looked at below.
        return left.entity < right.entity
      }
      let keeps = ranking.count.bound(ranked.count)
      var start = 0
      while start < ranked.count {
        let first = ranked[start]
        let tie = ranked[start...].prefix { $0.key == first.key && $0.stamp == first.stamp }.map(\.entity)
        for (member, ahead) in zip(tie, progress.ahead(tie, isLaterFirst: ranking.isLaterFirst)) {
          outcome.picked[member] = start + ahead < keeps
          outcome.ranks[member] = Int32(clamping: start + ahead + 1)
          outcome.sizes[member] = Int32(clamping: ranked.count)
        }
        start += tie.count
      }
    }
  }

  private func time(_ stamp: BoundFact, _ entity: Int) -> Timestamp? {
    guard case .known(.time(let time)) = facts.read(stamp, of: entity) else { return nil }
    return time
  }
}
