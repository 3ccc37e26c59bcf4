/// The function this project is about: policy × snapshot → plan.
public enum Planner {
  /// Decides about every entity of a snapshot. Total and pure: reads no clock, locale, environment or disk.
  /// `snapshot` must be normalised; `policy` must hold the implicit rules.
  public static func plan(_ policy: Policy, on snapshot: Snapshot) -> Plan {
    Plan(
      now: snapshot.now, roots: snapshot.roots, actions: [], held: [], undecided: [], unmet: [], checks: [],
      counts: Plan.Counts(), refusals: [])
  }

  /// Every rule's verdict on one entity: what `policy explain PATH` prints.
  public static func verdicts(_ policy: Policy, on snapshot: Snapshot, entity: Int) -> [Verdict] { [] }
}

/// What one rule says about one entity.
public struct Verdict: Sendable, Equatable {
  public enum Result: String, Hashable, Sendable { case `true`, `false`, unknown }
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
