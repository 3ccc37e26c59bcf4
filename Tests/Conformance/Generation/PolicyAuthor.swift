internal import PolicyCore

/// Writes small policies whose rules meet each other on the few values that the snapshots hold.
struct PolicyAuthor {
  var dice: Dice

  mutating func write(_ scope: GeneratedCase.Scope) -> Policy {
    var rules: [Rule] = []
    if scope.cleans {
      rules = cleaning()
    } else {
      for number in 0..<(1 + dice.below(5)) { rules.append(rule("r\(number)")) }
    }
    // The implicit rules protect most of what the snapshots hold: most cleaning policies do without.
    let implicit = scope.cleans && dice.chance(80) ? [] : Policy.implicitRules()
    let quotas = scope.quotas && dice.chance(45) ? (0...dice.below(2)).map { quota("q\($0)") } : []
    let pressures = scope.pressure && dice.chance(40) ? (0...dice.below(2)).map { pressure("w\($0)") } : []
    let properties = scope.safeguards && dice.chance(30) ? (0...dice.below(2)).map { property("n\($0)") } : []
    return Policy(
      ageOf: dice.pick([.finishedAt, .finishedAt, .modifiedAt, .createdAt]),
      trash: TrashSettings(purgeAfter: dice.pick([nil, .hours(12), .hours(24)])),
      archive: ArchiveSettings(to: "/z"), backup: BackupSettings(to: "/b"),
      limits: scope.safeguards && dice.chance(30) ? limits() : Limits(), rules: rules + implicit,
      quotas: quotas, pressures: pressures, properties: properties)
  }

  private mutating func kind() -> EntityKind { dice.chance(60) ? .run : .checkpoint }

  mutating func rule(_ id: String, _ only: [Verb]? = nil) -> Rule {
    let verbs = only ?? [.trash, .trash, .trash, .trash, .keep, .keep, .keep, .protect, .archive, .backup]
    var rule = Rule(id: id, verb: dice.pick(verbs), kind: kind())
    var conditions = ConditionAuthor(dice: dice)
    switch rule.verb {
    case .trash, .archive:
      rule.condition = dice.chance(45) ? .always : conditions.condition(rule.kind)
      dice = conditions.dice
      if dice.chance(40) { rule.after = dice.pick([.hours(12), .hours(24), .hours(48)]) }
      if dice.chance(15) { rule.requiresBackup = true }
      if rule.verb == .trash, dice.chance(10) { rule.tier = .archived }
    case .keep, .protect:
      rule.condition = dice.chance(35) ? .always : conditions.condition(rule.kind)
      dice = conditions.dice
      if rule.condition == .always || dice.chance(50) { select(&rule) }
      if rule.verb == .keep, dice.chance(30) {
        rule.yieldsTo = dice.pick([[.quota], [.pressure], [.quota, .pressure]])
      }
    case .backup:
      rule.condition = dice.chance(50) ? .always : conditions.condition(rule.kind)
      dice = conditions.dice
      if dice.chance(30) { rule.target = "/c" }
    }
    return rule
  }

  private mutating func cleaning() -> [Rule] {
    let kind = kind()
    var keep = Rule(id: "r0", verb: .keep, kind: kind)
    repeat { select(&keep) } while !keep.isCounted
    if dice.chance(30) {
      var conditions = ConditionAuthor(dice: dice)
      keep.condition = conditions.condition(kind)
      dice = conditions.dice
    }
    return [keep, Rule(id: "r1", verb: .trash, kind: kind)] + (dice.chance(30) ? [rule("r2")] : [])
  }

  private mutating func select(_ rule: inout Rule) {
    rule.per = per(rule.kind)
    if rule.kind == .checkpoint, dice.chance(30) {
      rule.selector = .every(1 + dice.below(3), by: FactReference(dice.pick(["number", "epoch"])))
      return
    }
    let stamp = dice.pick(
      rule.kind == .run ? ["finished_at", "finished_at", "created_at", "modified_at"] : ["modified_at"])
    let form = dice.pick([Ranking.Form.latest, .oldest, .best])
    var ranking = Ranking(
      form: form, count: dice.chance(4) ? .none : dice.chance(4) ? .all : .limited(1 + dice.below(2)),
      key: FactReference(form == .best ? dice.pick(["mAP50", "mAP50", "bytes"]) : stamp),
      better: form == .oldest ? .lower : form == .latest ? .higher : dice.pick([.higher, .higher, .lower]))
    ranking.missing = dice.pick([.keep, .drop])
    ranking.ties = dice.pick([.newest, .newest, .oldest])
    rule.selector = .ranked(ranking)
  }

  private mutating func per(_ kind: EntityKind) -> [GroupKey] {
    let runs: [[GroupKey]] = [
      [], [.fact(FactReference("user"))], [.fact(FactReference("user")), .fact(FactReference("project"))],
      [.fact(FactReference("project"))], [.fact(FactReference("root"))], [.fact(FactReference("mAP50"))],
    ]
    let checkpoints: [[GroupKey]] = [
      [], [.run], [.run], [.fact(FactReference("role"))], [.fact(FactReference("user", scope: .run))],
    ]
    return dice.pick(kind == .run ? runs : checkpoints)
  }

  // MARK: Evictions

  private mutating func eviction(_ kind: EntityKind) -> Eviction {
    var conditions = ConditionAuthor(dice: dice)
    let condition = dice.chance(55) ? Condition.always : conditions.condition(kind)
    dice = conditions.dice
    var order: [OrderKey] = []
    for _ in 0..<(1 + dice.below(2)) { order.append(orderKey(kind)) }
    return Eviction(condition: condition, order: order)
  }

  private mutating func orderKey(_ kind: EntityKind) -> OrderKey {
    let missing = dice.pick([nil, OrderKey.MissingPlace.first, .last])
    switch dice.below(5) {
    case 0:
      var conditions = ConditionAuthor(dice: dice)
      let condition = conditions.condition(kind)
      dice = conditions.dice
      return .condition(condition, first: dice.chance(60))
    case 1:
      return .fact(Operand(FactReference("mAP50")), ascending: dice.chance(60), missing: missing)
    case 2: return .fact(Operand(FactReference("bytes")), ascending: dice.chance(40), missing: nil)
    default:
      let stamp = kind == .run ? dice.pick(["finished_at", "modified_at"]) : "modified_at"
      return .fact(
        Operand(FactReference(stamp), isAge: dice.chance(70)), ascending: dice.chance(30),
        missing: stamp == "modified_at" ? nil : missing)
    }
  }

  private mutating func quota(_ id: String) -> Quota {
    let kind = kind()
    return Quota(
      id: id, kind: kind, per: per(kind), limit: Int64(dice.pick([10, 20, 30, 40, 60])),
      downTo: dice.pick([ExactDecimal(1), ExactDecimal(1), ExactDecimal("0.5") ?? .zero, ExactDecimal("0.33") ?? .zero]
      ),
      evict: eviction(kind))
  }

  private mutating func minimumAge() -> TimeSpan? { dice.pick([nil, .hours(12), .hours(24), .hours(48)]) }

  private mutating func pressure(_ id: String) -> Pressure {
    var steps: [ReliefStep] = []
    for _ in 0..<(1 + dice.below(3)) {
      switch dice.below(3) {
      case 0: steps.append(.purge(minimumAge: minimumAge(), oldestFirst: dice.chance(70)))
      case 1: steps.append(.archive(eviction(.run), minimumAge: minimumAge()))
      default:
        let kind = kind()
        steps.append(.trash(kind, eviction(kind), minimumAge: minimumAge()))
      }
    }
    let (high, low) = dice.pick([("0.9", "0.8"), ("0.8", "0.6"), ("0.5", "0.25")])
    return Pressure(
      id: id, volume: dice.chance(85) ? "/d" : "/d/b", high: ExactDecimal(high) ?? .zero,
      low: ExactDecimal(low) ?? .zero,
      relieve: steps)
  }

  // MARK: Safeguards

  private mutating func property(_ id: String) -> Property {
    let kind = kind()
    var conditions = ConditionAuthor(dice: dice)
    let condition = conditions.condition(kind)
    dice = conditions.dice
    return Property(id: id, subject: dice.chance(75) ? .destroy : .archive, kind: kind, condition: condition)
  }

  private mutating func limits() -> Limits {
    let share = ExactDecimal(dice.pick(["0.25", "0.5", "0.67", "1"])) ?? .zero
    return Limits(
      maxTrash: dice.pick([nil, Count.none, .all, .limited(1), .limited(2)]),
      maxArchive: dice.pick([nil, Count.none, .limited(1)]),
      maxTrashBytes: dice.pick([nil, .bytes(20), .share(share)]), maxShare: dice.pick([nil, share]))
  }
}

extension Rule {
  /// Keeps a number of them, neither none nor all.
  var isCounted: Bool {
    if case .ranked(let ranking) = selector, case .limited = ranking.count { return true }
    return false
  }
}
