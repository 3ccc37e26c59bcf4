/// What a rule does. Strength is fixed; order of rules means nothing.
public enum Verb: String, Hashable, Sendable, CaseIterable {
  case protect, keep, trash, archive, backup
}

/// A count that a selector or a limit takes; zero is spelled `none`, no bound `all`.
public enum Count: Hashable, Sendable {
  case none
  case all
  /// ≥ 1
  case limited(Int)

  /// How many, of a group with `size` members.
  public func bound(_ size: Int) -> Int {
    switch self {
    case .none: 0
    case .all: size
    case .limited(let count): min(count, size)
    }
  }
}

/// What a selector groups by.
public enum GroupKey: Hashable, Sendable {
  case fact(FactReference)
  /// `per: run`, of checkpoints: the run that holds it.
  case run
}

/// `latest`, `oldest` and `best` are one thing: those of a group that have fewer than n others before them, by key, then
/// stamp, then (of checkpoints) epoch, step and number, then host, root and path.
public struct Ranking: Hashable, Sendable {
  public enum Form: String, Hashable, Sendable { case latest, oldest, best }
  public enum MissingKeys: String, Hashable, Sendable, CaseIterable {
    /// Members without the key are picked as well.
    case keep
    /// They are out of the ranking.
    case drop
  }
  public enum Ties: String, Hashable, Sendable, CaseIterable { case newest, oldest }
  public var form: Form
  public var count: Count
  public var key: FactReference
  /// `.higher`: the largest key first.
  public var better: Direction
  public var missing: MissingKeys
  public var ties: Ties
  public init(
    form: Form, count: Count, key: FactReference, better: Direction, missing: MissingKeys = .keep,
    ties: Ties = .newest
  ) {
    self.form = form
    self.count = count
    self.key = key
    self.better = better
    self.missing = missing
    self.ties = ties
  }

  /// Which of two checkpoints with equal keys and stamps comes first: the one of the later epoch, or of the earlier.
  package var isLaterFirst: Bool { form != .oldest && ties == .newest }
}

public enum Selector: Hashable, Sendable {
  case ranked(Ranking)
  /// Members whose number `by` is a multiple of n (n ≥ 1); those without the fact are picked too.
  case every(Int, by: FactReference)
}

/// What a soft keep yields to.
public enum Relief: String, Hashable, Sendable, CaseIterable, Comparable {
  case pressure, quota
  public static func < (left: Relief, right: Relief) -> Bool { left.rawValue < right.rawValue }
}

/// A suppressed finding.
public struct Allowance: Hashable, Sendable {
  public var code: String
  public var until: Timestamp?
  public var because: String?
  public init(code: String, until: Timestamp?, because: String?) {
    self.code = code
    self.until = until
    self.because = because
  }
}

/// One rule as meant: sugar, parameters, imports and defaults are gone.
public struct Rule: Hashable, Sendable {
  public var id: String
  public var verb: Verb
  public var kind: EntityKind
  public var condition: Condition
  /// Empty with a selector: one group for all (`per: all`). Empty without one.
  public var per: [GroupKey]
  public var selector: Selector?
  /// Age by the default stamp must be at least this. Only `trash` and `archive`.
  public var after: TimeSpan?
  /// Only `keep`; not empty makes it soft.
  public var yieldsTo: Set<Relief>
  /// `requires: [backup]`
  public var requiresBackup: Bool
  /// `.archived` for a `trash` rule with `in: archive`.
  public var tier: Tier
  /// Overrides the file-wide target of `archive` and `backup`.
  public var target: String?
  public var because: String?
  public var allow: [Allowance]
  /// Where it came from when it was not written as it stands: `thin.keep[0]` for sugar.
  public var sugar: String?

  public init(
    id: String, verb: Verb, kind: EntityKind, condition: Condition = .always, per: [GroupKey] = [],
    selector: Selector? = nil, after: TimeSpan? = nil, yieldsTo: Set<Relief> = [], requiresBackup: Bool = false,
    tier: Tier = .live, target: String? = nil, because: String? = nil, allow: [Allowance] = [], sugar: String? = nil
  ) {
    self.id = id
    self.verb = verb
    self.kind = kind
    self.condition = condition
    self.per = per
    self.selector = selector
    self.after = after
    self.yieldsTo = yieldsTo
    self.requiresBackup = requiresBackup
    self.tier = tier
    self.target = target
    self.because = because
    self.allow = allow
    self.sugar = sugar
  }

  /// Part of every policy; cannot be switched off.
  public var isBuiltIn: Bool { id.hasPrefix("builtin-") }
}
