internal import PolicyCore

/// What a plan comes to, in a form that both evaluators can be brought to. Every list is sorted.
struct ReferenceOutcome: Equatable {
  var actions: [String] = []
  /// What a trash rule wanted and that stays, whole (not as part of a run that goes).
  var held: [String] = []
  var unmet: [String] = []
  var checks: [String] = []
  var isRefused: Bool { checks.contains { $0.hasSuffix("refused") } }
  var figures = ReferenceFigures()

  static func == (left: ReferenceOutcome, right: ReferenceOutcome) -> Bool {
    left.actions == right.actions && left.held == right.held && left.unmet == right.unmet
      && left.checks == right.checks
  }

  static func name(_ kind: EntityKind, _ root: Root, _ path: ByteString, _ tier: Tier) -> String {
    "\(kind.rawValue) \(root.host.displayText):\(root.path.displayText)/\(path.displayText)"
      + (tier == .archived ? " (archived)" : "")
  }

  var description: [String] {
    actions.map { "act     " + $0 } + held.map { "held    " + $0 } + unmet.map { "unmet   " + $0 }
      + checks.map { "check   " + $0 }
  }
}

/// How often something worth testing happened.
struct ReferenceFigures: Equatable {
  var quotasOver = 0
  var quotasUnmet = 0
  var pressuresActing = 0
  var pressuresUnmet = 0
  var evicted = 0
  /// Entities that two backup rules send to two places.
  var severalTargets = 0
  /// A run that holds others is trashed, and `max_share` is set.
  var nestedShare = false
}
