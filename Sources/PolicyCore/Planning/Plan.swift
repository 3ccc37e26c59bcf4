/// What the planner decided: inert, total, explained. Ids and digests are added when it is sealed (PolicyFormats).
public struct Plan: Sendable, Equatable {
  public var now: Timestamp
  public var roots: [Root]
  /// Sorted by (phase, host, root, path bytes, record, target).
  public var actions: [Action]
  /// Sorted by (host, root, path bytes, kind).
  public var held: [Held]
  public var undecided: [Undecided]
  public var unmet: [Unmet]
  /// One entry for every `never` and every limit that is set, in order of names.
  public var checks: [Check]
  public var counts: Counts
  /// Plain sentences about why the plan may not be applied; empty when it may.
  public var refusals: [String]
  /// False when refused, or when the snapshot is hand-written.
  public var isApplyable: Bool { refusals.isEmpty }
  /// Who refuses it: names of limits and ids of `never`; whole sentences where something else does too.
  public var refusers: [String] {
    let failing = checks.filter { !$0.holds }.map(\.name)
    return failing.count == refusals.count ? failing : refusals
  }

  public init(
    now: Timestamp, roots: [Root], actions: [Action], held: [Held], undecided: [Undecided], unmet: [Unmet],
    checks: [Check], counts: Counts, refusals: [String]
  ) {
    self.now = now
    self.roots = roots
    self.actions = actions
    self.held = held
    self.undecided = undecided
    self.unmet = unmet
    self.checks = checks
    self.counts = counts
    self.refusals = refusals
  }

  /// Every entity is counted once in the counts of its kind.
  public struct Counts: Sendable, Equatable {
    public struct Kind: Sendable, Equatable {
      public var total = 0
      public var trash = 0
      public var archive = 0
      /// Goes together with the run that holds it.
      public var withRun = 0
      public var protected = 0
      public var undecided = 0
      /// Everything else that stays.
      public var kept = 0
      public init() {}
    }
    public var runs = Kind()
    public var checkpoints = Kind()
    public var unreadable = 0
    /// Entities that a quota skipped because its `per` fact is missing or unreadable.
    public var skippedByQuota = 0
    public init() {}
  }
}

/// Something that a rule wanted gone and that stays.
public struct Held: Sendable, Equatable {
  public struct Holder: Sendable, Equatable {
    /// A rule id, or the reserved words `archive` (an archive goes first), `backup` (an unmet `requires`).
    public var rule: String
    public var rank: Int?
    public var of: Int?
    /// The condition could not be decided, which keeps: the facts that were missing or unreadable.
    public var unknown: [String]
    /// The entity that the holder speaks of, when it is another one (a protected checkpoint, a nested run).
    public var via: ByteString?
    public init(rule: String, rank: Int? = nil, of: Int? = nil, unknown: [String] = [], via: ByteString? = nil) {
      self.rule = rule
      self.rank = rank
      self.of = of
      self.unknown = unknown
      self.via = via
    }
  }
  public var kind: EntityKind
  public var host: ByteString
  public var root: ByteString
  public var path: ByteString
  public var tier: Tier
  public var record: String?
  public var bytes: Int64
  /// Rules that wanted it, sorted.
  public var wanted: [String]
  public var by: [Holder]
  public init(
    kind: EntityKind, host: ByteString, root: ByteString, path: ByteString, tier: Tier = .live, record: String? = nil,
    bytes: Int64, wanted: [String], by: [Holder]
  ) {
    self.kind = kind
    self.host = host
    self.root = root
    self.path = path
    self.tier = tier
    self.record = record
    self.bytes = bytes
    self.wanted = wanted
    self.by = by
  }
}

/// Something that a trash or archive rule could not decide about, so it stays.
public struct Undecided: Sendable, Equatable {
  public struct Question: Sendable, Equatable {
    public var rule: String
    /// Facts that were missing or unreadable.
    public var unknown: [FactReading]
    public init(rule: String, unknown: [FactReading]) {
      self.rule = rule
      self.unknown = unknown
    }
  }
  public var kind: EntityKind
  public var host: ByteString
  public var root: ByteString
  public var path: ByteString
  public var tier: Tier
  public var questions: [Question]
  public init(
    kind: EntityKind, host: ByteString, root: ByteString, path: ByteString, tier: Tier = .live, questions: [Question]
  ) {
    self.kind = kind
    self.host = host
    self.root = root
    self.path = path
    self.tier = tier
    self.questions = questions
  }
}

/// A quota or watermark that cannot be met.
public struct Unmet: Sendable, Equatable {
  public enum Want: String, Hashable, Sendable { case quota, pressure }
  public var want: Want
  public var id: String
  /// The quota's group, or the volume.
  public var group: [FactReading]
  /// Bytes that stay, or are used after apply.
  public var usage: Int64
  /// Bytes aimed at.
  public var target: Int64
  /// Of the excess, what will be free when the trash is purged.
  public var later: Int64
  /// Rules that hold what could have gone, sorted.
  public var heldBy: [String]
  public init(
    want: Want, id: String, group: [FactReading], usage: Int64, target: Int64, later: Int64 = 0, heldBy: [String]
  ) {
    self.want = want
    self.id = id
    self.group = group
    self.usage = usage
    self.target = target
    self.later = later
    self.heldBy = heldBy
  }
}

/// A `never` or a limit, looked at.
public struct Check: Sendable, Equatable {
  public enum Subject: String, Hashable, Sendable { case limit, never }
  public var subject: Subject
  /// Id of the `never`, or name of the limit (`max_trash`).
  public var name: String
  public var holds: Bool
  public var value: Int64?
  public var maximum: Int64?
  /// Entities that violate a `never`.
  public var violators: [ByteString]
  public init(
    subject: Subject, name: String, holds: Bool, value: Int64? = nil, maximum: Int64? = nil,
    violators: [ByteString] = []
  ) {
    self.subject = subject
    self.name = name
    self.holds = holds
    self.value = value
    self.maximum = maximum
    self.violators = violators
  }
}
