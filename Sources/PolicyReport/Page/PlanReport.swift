public import PolicyCore
public import PolicyFormats

/// What the page of a plan is made from: the plan, and as much as could be seen of the tree that it speaks of.
///
/// Equal values give equal pages: there is no clock in it.
public struct PlanReport: Sendable {
  /// A run, wherever it lies.
  public struct RunKey: Hashable, Sendable {
    public let host: ByteString
    public let root: ByteString
    public let path: ByteString
    public init(host: ByteString, root: ByteString, path: ByteString) {
      self.host = host
      self.root = root
      self.path = path
    }
  }

  /// Where curves come from.
  public enum Curves: Sendable {
    /// Read from the roots; runs without one have none.
    case read([RunKey: MetricCurve])
    /// Nobody wanted them.
    case off
    /// The runs lie elsewhere, or are gone.
    case away
  }

  /// The language that the page opens in; a reader can change it.
  public enum Language: String, Sendable, CaseIterable {
    /// That of the reader's browser.
    case auto
    case english = "en"
    case chinese = "zh"
  }

  public var sealed: SealedPlan
  /// What stays shows only with it: a plan names what goes, what is held and what is undecided.
  public var snapshot: Snapshot?
  public var curves: Curves
  public var language: Language
  /// What a reader should know of how the page was made.
  public var notes: [ReportNote]

  public init(
    sealed: SealedPlan, snapshot: Snapshot?, curves: Curves = .off, language: Language = .auto,
    notes: [ReportNote] = []
  ) {
    self.sealed = sealed
    self.snapshot = snapshot
    self.curves = curves
    self.language = language
    self.notes = notes
  }

  /// Metrics to show before others: those that the policy ranks by, then those that its conditions measure, then the
  /// usual ones of detection.
  public static func wantedMetrics(_ policy: Policy) -> [String] {
    var names: [String] = []
    func add(_ name: String) { if !names.contains(name) { names.append(name) } }
    for rule in policy.rules {
      if case .ranked(let ranking)? = rule.selector, ranking.form == .best { add(ranking.key.name) }
    }
    for rule in policy.rules {
      for atom in RuleBook.atoms(rule.condition, isNegated: false) {
        if case .compare(_, .number) = atom.test, !atom.operand.isAge { add(atom.operand.fact.name) }
      }
    }
    for name in ["mAP50-95", "mAP50"] { add(name) }
    return names
  }
}

/// A remark about how a page was made.
public enum ReportNote: Sendable, Equatable {
  /// A root that could not be looked at, and why.
  case unseenRoot(ByteString, String)
  /// The tree, or the snapshot given, is not as it was when the plan was made: so many runs then and now.
  case changed(before: Int, now: Int)
  case otherSnapshot
}
