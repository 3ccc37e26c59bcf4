/// The `scan` block: how a tree is searched. Part of a snapshot's header, because a snapshot depends on it.
public struct ScanSettings: Hashable, Sendable {
  public enum UserSource: Hashable, Sendable {
    /// The name of the directory's owner.
    case owner
    /// Captured from the path by a pattern that holds `{user}`.
    case pattern(ByteString)
  }
  /// `nil` is `auto`: every built-in layout is tried. Else the name of the only one.
  public var layout: String?
  public var user: UserSource
  /// A path pattern that holds `{project}`.
  public var project: ByteString?
  /// Globs of paths (relative to the root) that are not entered.
  public var exclude: [ByteString]
  /// How long a file must have been quiet; never below 30 minutes.
  public var grace: TimeSpan
  /// Layouts declared in the policy.
  public var layouts: [LayoutDeclaration]

  public static let minimumGrace = TimeSpan.minutes(30)

  public init(
    layout: String? = nil, user: UserSource = .owner, project: ByteString? = nil, exclude: [ByteString] = [],
    grace: TimeSpan = ScanSettings.minimumGrace, layouts: [LayoutDeclaration] = []
  ) {
    self.layout = layout
    self.user = user
    self.project = project
    self.exclude = exclude
    self.grace = grace
    self.layouts = layouts
  }
}

/// A layout as data: how a run directory looks, and which metrics its files hold. The scanner adds a reader.
public struct LayoutDeclaration: Hashable, Sendable {
  public var name: String
  /// Names (or globs) that must all be found in a directory for it to be a run of this layout; for built-in layouts
  /// the scanner's own recogniser decides and this is empty.
  public var markers: [ByteString]
  /// Globs relative to the run with `{epoch}`, `{step}` or `{role}` captures.
  public var checkpoints: [ByteString]
  /// File with one row an epoch, relative to the run.
  public var metricFile: ByteString?
  public var metrics: [MetricDeclaration]
  public init(
    name: String, markers: [ByteString] = [], checkpoints: [ByteString] = [], metricFile: ByteString? = nil,
    metrics: [MetricDeclaration]
  ) {
    self.name = name
    self.markers = markers
    self.checkpoints = checkpoints
    self.metricFile = metricFile
    self.metrics = metrics
  }
}

/// A metric that a layout reads: its name in policies, its type and direction, and the columns that hold it.
public struct MetricDeclaration: Hashable, Sendable {
  public var name: String
  public var type: FactType
  public var better: Direction
  /// Trimmed column names, any of which holds it; empty for a metric that the reader computes.
  public var columns: [String]
  public init(_ name: String, _ type: FactType, better: Direction, columns: [String] = []) {
    self.name = name
    self.type = type
    self.better = better
    self.columns = columns
  }
}

/// One entry of the policy's `facts` block.
public struct FactDeclaration: Hashable, Sendable {
  public enum Take: String, Hashable, Sendable, CaseIterable { case best, last, first }
  public enum Source: Hashable, Sendable {
    /// A column of a CSV file with a header, by trimmed name.
    case column(file: ByteString, name: String, take: Take)
    /// A JSON pointer into a JSON file.
    case pointer(file: ByteString, pointer: String, take: Take)
  }
  public var name: String
  public var type: FactType
  public var better: Direction?
  /// `nil`: the declaration only gives type and direction to what a layout or a snapshot provides.
  public var source: Source?
  public init(name: String, type: FactType, better: Direction?, source: Source?) {
    self.name = name
    self.type = type
    self.better = better
    self.source = source
  }
}
