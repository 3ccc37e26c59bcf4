/// The resolved policy: the core that the evaluator runs and the policy digest covers.
public struct Policy: Hashable, Sendable {
  public static let languageVersion = 1

  public var name: String?
  /// As written; relative ones are resolved by whoever scans.
  public var roots: [ByteString]
  public var scan: ScanSettings
  public var facts: [FactDeclaration]
  /// Values in force, `--set` included, in their canonical spelling, sorted by name.
  public var params: [Param]
  public var ageOf: AgeBasis
  public var trash: TrashSettings
  public var archive: ArchiveSettings?
  public var backup: BackupSettings?
  public var limits: Limits
  /// Sorted by id; the implicit rules are among them.
  public var rules: [Rule]
  /// The rest sorted by id too.
  public var quotas: [Quota]
  public var pressures: [Pressure]
  public var properties: [Property]

  public init(
    name: String? = nil, roots: [ByteString] = [], scan: ScanSettings = ScanSettings(),
    facts: [FactDeclaration] = [], params: [Param] = [], ageOf: AgeBasis = .finishedAt,
    trash: TrashSettings = TrashSettings(), archive: ArchiveSettings? = nil, backup: BackupSettings? = nil,
    limits: Limits = Limits(), rules: [Rule] = [], quotas: [Quota] = [], pressures: [Pressure] = [],
    properties: [Property] = []
  ) {
    self.name = name
    self.roots = roots
    self.scan = scan
    self.facts = facts
    self.params = params.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.ageOf = ageOf
    self.trash = trash
    self.archive = archive
    self.backup = backup
    self.limits = limits
    self.rules = rules.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    self.quotas = quotas.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    self.pressures = pressures.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    self.properties = properties.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
  }

  /// The facts that this policy may speak of.
  public var schema: FactSchema { FactSchema(layouts: scan.layouts, declared: facts) }

  /// The stamp that plain `age` counts from.
  public func defaultStamp(_ kind: EntityKind) -> FactReference {
    FactReference(kind == .run ? ageOf.rawValue : "modified_at")
  }

  /// The rules that are part of every policy; `Policy.init` does not add them, lowering does.
  public static func implicitRules() -> [Rule] {
    let pinned = Condition.flag(Operand(FactReference("pinned")))
    return [
      Rule(
        id: "builtin-live", verb: .protect, kind: .run,
        condition: .member(Operand(FactReference("state")), [.text("running"), .text("unknown")])),
      Rule(id: "builtin-pins", verb: .protect, kind: .run, condition: pinned),
      Rule(id: "builtin-pins-checkpoints", verb: .protect, kind: .checkpoint, condition: pinned),
      Rule(
        id: "builtin-restored", verb: .protect, kind: .run,
        condition: .all([
          .not(.isMissing(FactReference("restored_at"))),
          .compare(Operand(FactReference("restored_at"), isAge: true), .less, .duration(.days(7))),
        ])),
      Rule(
        id: "builtin-resume", verb: .keep, kind: .checkpoint,
        condition: .all([
          .flag(Operand(FactReference("resumable"))),
          .compare(Operand(FactReference("state", scope: .run)), .notEqual, .text("finished")),
        ])),
    ]
  }
}

/// `defaults.age_of`
public enum AgeBasis: String, Hashable, Sendable, CaseIterable {
  case finishedAt = "finished_at"
  case modifiedAt = "modified_at"
  case createdAt = "created_at"
}

public struct Param: Hashable, Sendable {
  public var name: String
  /// Canonical spelling of the value: `3`, `24h`, `"text"`.
  public var value: String
  /// True when the value is an integer that JSON can carry as a number.
  public var isInteger: Bool
  public init(name: String, value: String, isInteger: Bool) {
    self.name = name
    self.value = value
    self.isInteger = isInteger
  }
}

public struct TrashSettings: Hashable, Sendable {
  /// `nil`: `.policy/<uid>/trash` inside each root.
  public var directory: ByteString?
  /// `nil`: nothing is purged except by hand.
  public var purgeAfter: TimeSpan?
  public init(directory: ByteString? = nil, purgeAfter: TimeSpan? = nil) {
    self.directory = directory
    self.purgeAfter = purgeAfter
  }
}

public struct ArchiveSettings: Hashable, Sendable {
  public enum Format: String, Hashable, Sendable, CaseIterable { case zstandard = "tar.zst", gzip = "tar.gz" }
  public var to: String
  public var format: Format
  public var level: Int?
  public init(to: String, format: Format = .zstandard, level: Int? = nil) {
    self.to = to
    self.format = format
    self.level = level
  }
}

public struct BackupSettings: Hashable, Sendable {
  /// A directory, `rclone:REMOTE:PATH` or `git-lfs:REPOSITORY`.
  public var to: String
  /// Bytes a second.
  public var bandwidth: Int64?
  public init(to: String, bandwidth: Int64? = nil) {
    self.to = to
    self.bandwidth = bandwidth
  }
}

/// A number of bytes, or a share of the live bytes under all roots.
public enum SizeLimit: Hashable, Sendable {
  case bytes(Int64)
  /// A ratio from 0 to 1.
  case share(ExactDecimal)
}

/// `limits`: over any of them the whole plan is refused.
public struct Limits: Hashable, Sendable {
  public var maxTrash: Count?
  public var maxArchive: Count?
  public var maxTrashBytes: SizeLimit?
  /// Share of the live runs, from 0 to 1.
  public var maxShare: ExactDecimal?
  public init(
    maxTrash: Count? = nil, maxArchive: Count? = nil, maxTrashBytes: SizeLimit? = nil, maxShare: ExactDecimal? = nil
  ) {
    self.maxTrash = maxTrash
    self.maxArchive = maxArchive
    self.maxTrashBytes = maxTrashBytes
    self.maxShare = maxShare
  }
}

/// One key of an eviction order.
public enum OrderKey: Hashable, Sendable {
  public enum MissingPlace: String, Hashable, Sendable, CaseIterable { case first, last }
  /// `fact asc|desc [missing first|last]`; with `isAge` the age of the stamp.
  case fact(Operand, ascending: Bool, missing: MissingPlace?)
  /// `condition first|last`; unknown sorts with false.
  case condition(Condition, first: Bool)
}

/// `evict`, and the steps of `relieve`: who may go, in which order.
public struct Eviction: Hashable, Sendable {
  public var condition: Condition
  /// Never empty after lowering: an omitted order is `[age desc]`.
  public var order: [OrderKey]
  public init(condition: Condition, order: [OrderKey]) {
    self.condition = condition
    self.order = order
  }
}

public struct Quota: Hashable, Sendable {
  public var id: String
  public var kind: EntityKind
  /// Empty: one group for all.
  public var per: [GroupKey]
  public var limit: Int64
  /// A ratio from 0 to 1; 1 when omitted.
  public var downTo: ExactDecimal
  public var evict: Eviction
  public var because: String?
  public init(
    id: String, kind: EntityKind, per: [GroupKey], limit: Int64, downTo: ExactDecimal = ExactDecimal(1),
    evict: Eviction, because: String? = nil
  ) {
    self.id = id
    self.kind = kind
    self.per = per
    self.limit = limit
    self.downTo = downTo
    self.evict = evict
    self.because = because
  }
}

/// A step of `relieve`.
public enum ReliefStep: Hashable, Sendable {
  /// `order` speaks of `age` = now − trashed_at only: true for the oldest first.
  case purge(minimumAge: TimeSpan?, oldestFirst: Bool)
  case archive(Eviction, minimumAge: TimeSpan?)
  case trash(EntityKind, Eviction, minimumAge: TimeSpan?)
}

public struct Pressure: Hashable, Sendable {
  public var id: String
  public var volume: ByteString
  /// Ratios from 0 to 1.
  public var high: ExactDecimal
  public var low: ExactDecimal
  public var relieve: [ReliefStep]
  public init(id: String, volume: ByteString, high: ExactDecimal, low: ExactDecimal, relieve: [ReliefStep]) {
    self.id = id
    self.volume = volume
    self.high = high
    self.low = low
    self.relieve = relieve
  }
}

/// One entry of `never`.
public struct Property: Hashable, Sendable {
  public enum Subject: String, Hashable, Sendable, CaseIterable { case destroy, archive }
  public var id: String
  public var subject: Subject
  public var kind: EntityKind
  public var condition: Condition
  public var because: String?
  public init(id: String, subject: Subject, kind: EntityKind, condition: Condition, because: String? = nil) {
    self.id = id
    self.subject = subject
    self.kind = kind
    self.condition = condition
    self.because = because
  }
}
