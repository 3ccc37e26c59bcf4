public import PolicyCore

/// What a policy would do over a stretch of time.
public struct SimulationReport: Sendable, Equatable {
  /// A moment at which it would do something, or is refused.
  public struct Step: Sendable, Equatable {
    public var at: Timestamp
    /// As planned; of a refused plan nothing of it is done.
    public var actions: [Action]
    public var refusals: [String]
    public var unmet: [Unmet]
    /// Bytes that the purges of this step free.
    public var freed: Int64
    public var after: Stock
    public init(
      at: Timestamp, actions: [Action], refusals: [String], unmet: [Unmet], freed: Int64, after: Stock
    ) {
      self.at = at
      self.actions = actions
      self.refusals = refusals
      self.unmet = unmet
      self.freed = freed
      self.after = after
    }
  }

  /// What there is at one moment.
  public struct Stock: Sendable, Equatable {
    /// Live ones.
    public var runs: Int
    public var checkpoints: Int
    /// Live allocated bytes of the runs; those of the trash.
    public var bytes: Int64
    public var trashed: Int
    public var trashedBytes: Int64
    /// Volumes that hold a root.
    public var volumes: [Volume]
    public init(
      runs: Int, checkpoints: Int, bytes: Int64, trashed: Int, trashedBytes: Int64, volumes: [Volume]
    ) {
      self.runs = runs
      self.checkpoints = checkpoints
      self.bytes = bytes
      self.trashed = trashed
      self.trashedBytes = trashedBytes
      self.volumes = volumes
    }
    /// Bytes used of the volumes; where none is known, what lies under the roots.
    public var inUse: Int64 { volumes.isEmpty ? [bytes, trashedBytes].sum : volumes.map(\.used).sum }
  }

  /// Live things that stay, however long nothing but time goes on, and why.
  public struct Staying: Sendable, Equatable {
    public enum Why: String, Sendable, Hashable { case held, unwanted, undecided, refused }
    public var why: Why
    /// Who holds, or cannot decide; names of limits and `never` that refuse. Sorted.
    public var rules: [String]
    public var runs: Int
    public var checkpoints: Int
    /// Of the runs, and of checkpoints whose run does not stay for the same reason.
    public var bytes: Int64
    public init(why: Why, rules: [String], runs: Int, checkpoints: Int, bytes: Int64) {
      self.why = why
      self.rules = rules
      self.runs = runs
      self.checkpoints = checkpoints
      self.bytes = bytes
    }
  }

  /// When a volume falls to the `low` of a pressure.
  public struct Watermark: Sendable, Equatable {
    public var id: String
    public var volume: Volume
    /// Bytes.
    public var low: Int64
    public var wasLow: Bool
    /// The first step after which it is; `nil` where it never is within the time looked at.
    public var at: Timestamp?
    public init(id: String, volume: Volume, low: Int64, wasLow: Bool, at: Timestamp? = nil) {
      self.id = id
      self.volume = volume
      self.low = low
      self.wasLow = wasLow
      self.at = at
    }
  }

  /// What comes after the time asked for.
  public struct Sequel: Sendable, Equatable {
    public var runs: Int
    public var checkpoints: Int
    public var bytes: Int64
    public var last: Timestamp?
    public var stays: [Staying]
    /// The moment up to which it was followed; `nil` where nothing is left that time could change.
    public var followedUntil: Timestamp?
    public init(
      runs: Int = 0, checkpoints: Int = 0, bytes: Int64 = 0, last: Timestamp? = nil, stays: [Staying] = [],
      followedUntil: Timestamp? = nil
    ) {
      self.runs = runs
      self.checkpoints = checkpoints
      self.bytes = bytes
      self.last = last
      self.stays = stays
      self.followedUntil = followedUntil
    }
  }

  public var policy: String?
  public var from: Timestamp
  public var to: Timestamp
  /// `nil` for recorded snapshots, each of which is looked at for itself.
  public var every: TimeSpan?
  public var ticks: Int
  public var steps: [Step]
  public var end: Stock
  public var sequel: Sequel?
  public var watermarks: [Watermark]

  public init(
    policy: String?, from: Timestamp, to: Timestamp, every: TimeSpan?, ticks: Int, steps: [Step], end: Stock,
    sequel: Sequel? = nil, watermarks: [Watermark] = []
  ) {
    self.policy = policy
    self.from = from
    self.to = to
    self.every = every
    self.ticks = ticks
    self.steps = steps
    self.end = end
    self.sequel = sequel
    self.watermarks = watermarks
  }
}
