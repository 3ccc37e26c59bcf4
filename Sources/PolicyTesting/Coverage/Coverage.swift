public import PolicyCore

/// How much of a policy its cases have tried.
public struct Coverage: Sendable {
  /// One question that cases should have answered both ways.
  public struct Item: Sendable, Hashable {
    public enum Part: String, Sendable, Hashable {
      /// The rule acted, or held something.
      case rule
      /// The selector picked something, and passed something over.
      case selector
      /// A test was true, false, unknown, and tried at its very constant.
      case test
    }
    public let part: Part
    /// Id of the rule, quota or property.
    public let id: String
    /// What was asked: `mAP50 ?? 0 > 0.8`, `latest 3`; empty for a rule.
    public let subject: String
    /// What was seen of `wanted`.
    public var seen: Set<String>
    public let wanted: [String]

    public var missing: [String] { wanted.filter { !seen.contains($0) } }
    public var isWhole: Bool { missing.isEmpty }
  }

  /// In order of rule ids, each rule's parts after it. Built-in rules are not among them.
  public private(set) var items: [Item] = []

  public init() {}

  public func items(_ part: Item.Part) -> [Item] { items.filter { $0.part == part } }

  /// Whole ones, and all.
  public func share(_ part: Item.Part) -> (whole: Int, all: Int) {
    let parts = items(part)
    return (parts.count { $0.isWhole }, parts.count)
  }

  private mutating func see(_ part: Item.Part, _ id: String, _ subject: String, _ wanted: [String], _ seen: [String]) {
    if let index = items.firstIndex(where: { $0.part == part && $0.id == id && $0.subject == subject }) {
      items[index].seen.formUnion(seen)
    } else {
      items.append(Item(part: part, id: id, subject: subject, seen: Set(seen), wanted: wanted))
    }
  }

  /// Adds what one case shows about the policy that it ran on.
  public mutating func add(_ policy: Policy, _ snapshot: Snapshot, _ plan: Plan) {
    let verdicts = Planner.verdicts(policy, on: snapshot, of: snapshot.entities.indices)
    for rule in policy.rules where !rule.isBuiltIn {
      add(rule, verdicts.compactMap { of in of.first { $0.rule == rule.id } }, policy, snapshot, plan)
    }
    let acting = Set(plan.actions.flatMap { $0.because.map(\.rule) })
    for id in policy.quotas.map(\.id) + policy.pressures.map(\.id) {
      see(.rule, id, "", ["acted"], acting.contains(id) ? ["acted"] : [])
    }
    for quota in policy.quotas {
      tests(quota.id, quota.evict.condition, quota.kind, nil, policy, snapshot)
    }
  }

  private mutating func add(
    _ rule: Rule, _ verdicts: [Verdict], _ policy: Policy, _ snapshot: Snapshot, _ plan: Plan
  ) {
    var seen: [String] = []
    switch rule.verb {
    case .trash, .archive, .backup:
      if plan.actions.contains(where: { $0.because.contains { $0.rule == rule.id } }) { seen.append("acted") }
      if plan.held.contains(where: { $0.wanted.contains(rule.id) }) { seen.append("was blocked") }
      see(.rule, rule.id, "", ["acted"], seen)
    case .keep, .protect:
      let held = plan.held.contains { $0.by.contains { $0.rule == rule.id } }
      see(.rule, rule.id, "", ["held"], held || verdicts.contains(where: \.picked) ? ["held"] : [])
    }
    if rule.selector != nil {
      var sides: [String] = []
      if verdicts.contains(where: { $0.picked }) { sides.append("picked") }
      if verdicts.contains(where: { !$0.picked && $0.result != .false }) { sides.append("passed over") }
      see(.selector, rule.id, rule.selectorWords, ["picked", "passed over"], sides)
    }
    tests(rule.id, rule.condition, rule.kind, rule.after, policy, snapshot)
  }

  /// Asks each test of a condition by itself about every entity, through rules made for it.
  private mutating func tests(
    _ id: String, _ condition: Condition, _ kind: EntityKind, _ after: TimeSpan?, _ policy: Policy,
    _ snapshot: Snapshot
  ) {
    var atoms = condition.atoms
    if let after {
      atoms.append(.compare(Operand(policy.defaultStamp(kind), isAge: true), .greaterOrEqual, .duration(after)))
    }
    for atom in atoms {
      var probe = policy
      probe.rules = [Rule(id: "atom", verb: .keep, kind: kind, condition: atom)]
      var wanted = ["true", "false"]
      if let boundary = atom.boundary {
        probe.rules.append(Rule(id: "boundary", verb: .keep, kind: kind, condition: boundary))
        wanted.append("at \(atom.constantWords)")
      }
      var seen: [String] = []
      let entities = snapshot.entities.indices.filter { snapshot.entities[$0].kind == kind }
      for verdicts in Planner.verdicts(probe, on: snapshot, of: entities) {
        for verdict in verdicts {
          if verdict.rule == "atom" { seen.append(verdict.result.rawValue) }
          if verdict.rule == "boundary", verdict.result == .true { seen.append("at \(atom.constantWords)") }
        }
      }
      if atom.canBeUnknown(policy.schema, kind) { wanted.append("unknown") }
      see(.test, id, atom.words, wanted, seen)
    }
  }
}
