/// In the order of execution.
public enum ActionVerb: String, Hashable, Sendable, CaseIterable {
  case backup, archive, trash, purge
  public var phase: Int {
    switch self {
    case .backup: 0
    case .archive: 1
    case .trash: 2
    case .purge: 3
    }
  }
}

public struct Action: Sendable, Equatable {
  public var verb: ActionVerb
  public var kind: EntityKind
  public var host: ByteString
  public var root: ByteString
  public var path: ByteString
  public var tier: Tier
  /// The trash record that a purge removes.
  public var record: String?
  public var owner: ByteString?
  /// Allocated bytes of all that it moves or removes, nested runs included, each inode once.
  public var bytes: Int64
  /// Target of an archive or backup; the trash directory of a trash (`nil`: the default place).
  public var target: String?
  /// What becomes free on the volume of the root: at once, and once the trash is purged.
  public var freesVolume: ByteString?
  public var freesNow: Int64
  public var freesLater: Int64
  /// Sorted by rule id.
  public var because: [Reason]
  /// Keeps that were near: sorted by rule id.
  public var notKept: [NearMiss]
  public var expect: Identity?
  /// Prerequisites that were met: `["backup"]`.
  public var needs: [String]
  /// Seconds in the trash after which a purge may happen, recorded with the item.
  public var purgeAfter: TimeSpan?

  public init(
    verb: ActionVerb, kind: EntityKind, host: ByteString, root: ByteString, path: ByteString, tier: Tier = .live,
    record: String? = nil, owner: ByteString?, bytes: Int64, target: String? = nil, freesVolume: ByteString? = nil,
    freesNow: Int64 = 0, freesLater: Int64 = 0, because: [Reason], notKept: [NearMiss] = [],
    expect: Identity? = nil, needs: [String] = [], purgeAfter: TimeSpan? = nil
  ) {
    self.verb = verb
    self.kind = kind
    self.host = host
    self.root = root
    self.path = path
    self.tier = tier
    self.record = record
    self.owner = owner
    self.bytes = bytes
    self.target = target
    self.freesVolume = freesVolume
    self.freesNow = freesNow
    self.freesLater = freesLater
    self.because = because
    self.notKept = notKept
    self.expect = expect
    self.needs = needs
    self.purgeAfter = purgeAfter
  }
}

/// A fact as it stood when the decision was made, in words: `state` `failed`, `age` `30d`, `mAP50` `0.71`.
public struct FactReading: Hashable, Sendable {
  public var fact: String
  /// Canonical spelling; `missing` and `unreadable` for those.
  public var value: String
  public init(fact: String, value: String) {
    self.fact = fact
    self.value = value
  }
}

/// A rule (or quota, or pressure step) that wants the action, and the facts that it read.
public struct Reason: Sendable, Equatable {
  public var rule: String
  public var readings: [FactReading]
  /// The rule's own words.
  public var text: String?
  /// For quotas: `usage` and `limit` in bytes, and the group, in words.
  public var group: [FactReading]
  public var usage: Int64?
  public var limit: Int64?
  public init(
    rule: String, readings: [FactReading] = [], text: String? = nil, group: [FactReading] = [], usage: Int64? = nil,
    limit: Int64? = nil
  ) {
    self.rule = rule
    self.readings = readings
    self.text = text
    self.group = group
    self.usage = usage
    self.limit = limit
  }
}

/// A keep that did not hold it, and how far away it was.
public struct NearMiss: Sendable, Equatable {
  public var rule: String
  /// 1-based place in the group, of how many ranked, and how many are kept.
  public var rank: Int?
  public var of: Int?
  public var keeps: Int?
  /// Facts that were missing, so that it is out of the ranking.
  public var missing: [String]
  /// What a plain condition read.
  public var readings: [FactReading]
  public init(
    rule: String, rank: Int? = nil, of: Int? = nil, keeps: Int? = nil, missing: [String] = [],
    readings: [FactReading] = []
  ) {
    self.rule = rule
    self.rank = rank
    self.of = of
    self.keeps = keeps
    self.missing = missing
    self.readings = readings
  }
}
