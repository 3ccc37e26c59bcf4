/// The function this project is about: policy × snapshot → plan.
///
/// Rules vote on every entity (`Votes`); the base acts follow from the votes; quotas, then pressure, take more from what
/// is left (`QuotaRelief`, `PressureRelief`); `Safeguards` look at the whole; `PlanAssembly` writes it down with reasons.
public enum Planner {
  /// Decides about every entity of a snapshot. Total and pure: reads no clock, locale, environment or disk.
  /// `snapshot` must be normalised; `policy` must hold the implicit rules.
  public static func plan(_ policy: Policy, on snapshot: Snapshot) -> Plan {
    let (votes, decisions, checks) = decide(policy, on: snapshot)
    return PlanAssembly(policy: policy, snapshot: snapshot, votes: votes, decisions: decisions).plan(checks)
  }

  /// Only what `never` and `limits` say about the plan, without writing it down.
  public static func checks(_ policy: Policy, on snapshot: Snapshot) -> [Check] {
    decide(policy, on: snapshot).checks
  }

  private static func decide(
    _ policy: Policy, on snapshot: Snapshot
  ) -> (votes: Votes, decisions: Decisions, checks: [Check]) {
    let parents = ParentTable(snapshot.entities)
    let facts = FactReader(
      entities: snapshot.entities, parents: parents, roots: snapshot.roots, now: snapshot.now, schema: policy.schema)
    let votes = Votes(policy, facts)
    var decisions = Decisions(votes)

    let quotas = QuotaRelief(policy: policy, votes: votes, roots: snapshot.roots)
    for kind in [EntityKind.run, .checkpoint] { decisions.add(quotas.relieve(kind, decisions.going)) }

    let safeguards = Safeguards(policy: policy, votes: votes, snapshot: snapshot)
    decisions.addPurges(of: snapshot.trash, policy, now: snapshot.now, held: safeguards.heldRecords())
    let pressure = PressureRelief(
      policy: policy, votes: votes, snapshot: snapshot, purged: Set(decisions.purges.map(\.record)),
      heldRecords: Set(decisions.heldRecords.map(\.record)))
    decisions.add(pressure.relieve(decisions.going))

    return (votes, decisions, safeguards.limits(decisions.going) + safeguards.properties(decisions.going))
  }

  /// Every rule's verdict on one entity: what `policy explain PATH` prints.
  public static func verdicts(_ policy: Policy, on snapshot: Snapshot, entity: Int) -> [Verdict] {
    verdicts(policy, on: snapshot, of: [entity])[0]
  }

  /// Every rule's verdict on each of some entities, in their order; the rules are evaluated once.
  public static func verdicts(
    _ policy: Policy, on snapshot: Snapshot, of entities: some Collection<Int>
  ) -> [[Verdict]] {
    let facts = FactReader(
      entities: snapshot.entities, parents: ParentTable(snapshot.entities), roots: snapshot.roots, now: snapshot.now,
      schema: policy.schema)
    let evaluator = RuleEvaluator(policy: policy, facts: facts)
    let kinds = Set(entities.map { snapshot.entities[$0].kind })
    let outcomes = policy.rules.filter { kinds.contains($0.kind) }.map { evaluator.outcome(of: $0) }
    return entities.map { entity in
      outcomes.filter { $0.rule.kind == snapshot.entities[entity].kind }.map { outcome in
        let standing = outcome.standing(entity)
        return Verdict(
          rule: outcome.rule.id, verb: outcome.rule.verb, result: Verdict.Result(outcome.truth[entity]),
          picked: outcome.picked[entity], rank: standing?.rank, of: standing?.of, keeps: standing?.keeps,
          readings: outcome.readings(of: entity, facts),
          remaining: remaining(outcome.rule, entity, policy, facts))
      }
    }
  }

  private static func remaining(_ rule: Rule, _ entity: Int, _ policy: Policy, _ facts: FactReader) -> TimeSpan? {
    let stamp = facts.bind(policy.defaultStamp(rule.kind), on: rule.kind)
    guard let after = rule.after, case .known(.duration(let age)) = facts.age(stamp, of: entity), age < after
    else { return nil }
    return TimeSpan(nanoseconds: after.nanoseconds - age.nanoseconds)
  }
}

/// What one rule says about one entity.
public struct Verdict: Sendable, Equatable {
  public enum Result: String, Hashable, Sendable {
    case `true`, `false`, unknown
    init(_ truth: Truth) { self = truth == .yes ? .true : truth == .no ? .false : .unknown }
  }
  public var rule: String
  public var verb: Verb
  /// Of the condition alone.
  public var result: Result
  /// Whether the rule takes hold of the entity: in scope, and chosen by the selector.
  public var picked: Bool
  public var rank: Int?
  public var of: Int?
  public var keeps: Int?
  /// The facts that the condition read.
  public var readings: [FactReading]
  /// How much longer until `after` is reached; `nil` when it is, or there is none.
  public var remaining: TimeSpan?
  public init(
    rule: String, verb: Verb, result: Result, picked: Bool, rank: Int? = nil, of: Int? = nil, keeps: Int? = nil,
    readings: [FactReading] = [], remaining: TimeSpan? = nil
  ) {
    self.rule = rule
    self.verb = verb
    self.result = result
    self.picked = picked
    self.rank = rank
    self.of = of
    self.keeps = keeps
    self.readings = readings
    self.remaining = remaining
  }
}
