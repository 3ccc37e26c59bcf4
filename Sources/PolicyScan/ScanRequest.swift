public import PolicyCore
internal import PolicyFormats

/// What is to be scanned, and under which settings.
public struct ScanRequest: Sendable {
  /// Absolute paths, as the policy or the caller wrote them.
  public var roots: [ByteString]
  public var settings: ScanSettings
  /// The policy's own facts.
  public var facts: [FactDeclaration]
  /// What ages count to; `nil` for `clock`.
  public var now: Timestamp?
  /// The real time: states are judged by it, whatever `now` says.
  public var clock: Timestamp
  public var host: ByteString
  /// Directories that are nobody's root, besides those of the system: the homes of the caller.
  public var homes: [ByteString]
  /// The folder of `--state`, absolute, where the caller uses one.
  public var state: ByteString?
  /// How many threads look; what they find is the same.
  public var threads: Int
  /// More threads than one look from so many waiting directories on.
  var sharedFrom = 64
  /// What was found before, under the same settings: runs that ended before it and did not change since are taken over
  /// from it; see `EarlierRuns` for what is looked at and what could be missed.
  public var earlier: Snapshot?
  /// Whether somebody asks which run something lies in; a snapshot that is only written down does not say it.
  public var isLinked = true
  /// Told of each run, perhaps by several threads, what decided its state.
  var judged: (@Sendable (_ run: ByteString, _ layout: String, StateVerdict) -> Void)?
  /// Told how far the scan is.
  public var progress: ScanProgress?

  /// Clock, host and homes of this process where they are not given.
  public init(
    roots: [ByteString], settings: ScanSettings = ScanSettings(), facts: [FactDeclaration] = [],
    now: Timestamp? = nil, clock: Timestamp? = nil, host: ByteString? = nil, homes: [ByteString]? = nil,
    state: ByteString? = nil, threads: Int? = nil
  ) {
    self.roots = roots
    self.settings = settings
    self.facts = facts
    self.now = now
    self.clock = clock ?? SystemFacts.clock()
    self.host = host ?? SystemFacts.hostName()
    self.homes = homes ?? SystemFacts.homes()
    self.state = state
    self.threads = threads ?? min(SystemFacts.processors(), 4)
  }

  /// As many threads as there are descriptors for: each walk holds a dozen directories open.
  var usefulThreads: Int { max(1, min(threads, (SystemFacts.descriptorLimit() - 32) / 24)) }
}

extension ScanRequest {
  /// Where `--state` keeps the owners' folders of a root.
  func stateFolder(of root: ByteString) -> ByteString? {
    state.map { ByteString($0.bytes + [UInt8(ascii: "/")] + Array(StateLayout.stateName(root: root).utf8)) }
  }
}

/// What a scan found.
public struct ScanResult: Sendable {
  /// Normalised; holds the roots without a problem only.
  public let snapshot: Snapshot
  /// In the order of the request's roots.
  public let problems: [RootProblem]
  /// How many runs were taken over from an earlier snapshot.
  public let takenOver: Int
}

/// A root that was not scanned.
public struct RootProblem: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// Nothing is there.
    case missing
    /// It is something else than a directory.
    case notDirectory
    /// It is a symbolic link; the target is what it says.
    case symlink(target: ByteString)
    /// The words of the system.
    case unreadable(String)
    /// Scanning it could reach what is nobody's training run; says what it is.
    case unsafe(String)
    /// The same directory as another root, or above or below it.
    case overlapping(ByteString)
    /// Not absolute.
    case relative
  }
  public let root: ByteString
  public let reason: Reason

  /// One sentence for people, without the path: what is wrong and what to write instead.
  public var message: String {
    switch reason {
    case .missing: "there is no such directory"
    case .notDirectory: "it is not a directory; name the directory that holds the runs"
    case .symlink(let target):
      "it is a symbolic link; write the directory that it points to: `\(Self.shown(target))`"
    case .unreadable(let words): "it cannot be read: \(words)"
    case .unsafe(let what):
      "\(what == root.displayText ? "it" : what) is no place for retention; name the directory that holds the runs"
    case .overlapping(let other):
      "it overlaps with the root `\(Self.shown(other))`; keep one of the two"
    case .relative: "a root is an absolute path here"
    }
  }

  /// Control characters never reach a terminal.
  private static func shown(_ path: ByteString) -> String {
    String(path.displayText.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "\u{FFFD}" : Character($0) })
  }
}
