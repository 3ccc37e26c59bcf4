public import PolicyCore

/// Whether two policies can ever plan different things.
public struct PolicyComparison: Sendable {
  public enum Verdict: Sendable {
    /// Proved: no snapshot is treated differently.
    case equivalent
    /// Shown: this snapshot is.
    case different(Difference)
    /// Neither proved nor shown.
    case undecided
  }
  public let verdict: Verdict
  /// Settings outside of the rules that are not the same, by their keys in a policy file.
  public let settings: [String]
  /// Random snapshots that both policies were tried on without a difference.
  public let searched: Int
  /// Why there is no proof; empty for the other verdicts.
  public let reason: String
}

/// A snapshot that two policies treat differently, tried on the real planner.
public struct Difference: Sendable {
  public let snapshot: Snapshot
  /// What only the one plan does, and only the other: sorted.
  public let left: [PlannedAct]
  public let right: [PlannedAct]
  /// What refuses only the one plan, and only the other: ids of `never`, names of limits. Of all four, at least one is
  /// not empty.
  public let leftRefusers: [String]
  public let rightRefusers: [String]
  /// What both plans do, where one of them is refused for it.
  public let both: [PlannedAct]
  /// Names of facts that the policies speak of, by kind and sorted: what is worth showing of the snapshot, missing or not.
  public let facts: [EntityKind: [String]]

  /// How many things are in the snapshot.
  var size: Int { snapshot.entities.count }

  /// The thing that shows it best.
  public var act: PlannedAct? { (left + right).min() ?? both.first }
}

/// Proves two policies equal, or finds a snapshot that tells them apart.
///
/// Every rule becomes a set of assignments of regions to facts (`PolicyMeaning`). What the two sets of destroyers,
/// archivers and backups do not have in common is empty, which proves, or has models, each of which becomes a small
/// snapshot (`SceneBuilder`) that both policies plan for real. Only empty sets count as a proof: a model that no
/// snapshot was found for leaves the question open.
public enum PolicyComparer {
  /// How much may be spent: nodes of diagrams, models turned into snapshots, random snapshots.
  public struct Budget: Sendable {
    public var nodes = 60_000
    public var models = 10
    public var searches = 600
    public init() {}
  }

  public static func compare(_ left: Policy, _ right: Policy, budget: Budget = Budget()) -> PolicyComparison {
    let settings = SettingsDifference.keys(left, right)
    if left.decisions == right.decisions, settings.isEmpty {
      return PolicyComparison(verdict: .equivalent, settings: [], searched: 0, reason: "")
    }
    var contest = Contest(left, right, budget)
    let outcome = contest.run()
    if let found = outcome.found {
      return PolicyComparison(verdict: .different(found), settings: settings, searched: 0, reason: "")
    }
    var open = outcome.open
    if !settings.isEmpty { open.append("\(settings.map { "`\($0)`" }.joined(separator: ", ")) differ") }
    let hasRelief = [left, right].contains { !$0.quotas.isEmpty || !$0.pressures.isEmpty }
    if hasRelief, !outcome.votesAgree {
      open.append("quotas and pressure are compared by trying, unless the rules vote alike on everything")
    }
    if open.isEmpty { return PolicyComparison(verdict: .equivalent, settings: [], searched: 0, reason: "") }
    let (found, searched) = contest.search()
    if let found {
      return PolicyComparison(verdict: .different(found), settings: settings, searched: searched, reason: "")
    }
    return PolicyComparison(
      verdict: .undecided, settings: settings, searched: searched, reason: open.joined(separator: "; "))
  }
}

/// Keys outside of the rules whose values differ and can make plans differ.
enum SettingsDifference {
  static func keys(_ left: Policy, _ right: Policy) -> [String] {
    var keys: [String] = []
    if left.roots != right.roots { keys.append("roots") }
    if left.scan != right.scan { keys.append("scan") }
    if left.facts != right.facts { keys.append("facts") }
    if left.trash.directory != right.trash.directory { keys.append("trash.dir") }
    if left.trash.purgeAfter != right.trash.purgeAfter { keys.append("trash.purge_after") }
    if left.archive != right.archive { keys.append("archive") }
    if left.backup != right.backup { keys.append("backup") }
    if left.limits != right.limits { keys.append("limits") }
    if Set(left.properties.map(\.decided)) != Set(right.properties.map(\.decided)) { keys.append("never") }
    return keys + ReliefDifference.keys(left, right)
  }
}

extension Policy {
  /// Rules, quotas and pressure without names and reasons.
  struct DecidingParts: Hashable {
    let rules: [Rule: Int]
    let quotas: [Quota: Int]
    let pressures: [Pressure: Int]
    let ageOf: AgeBasis
  }

  /// Two policies whose deciding parts are equal decide alike.
  var decisions: DecidingParts {
    func counted<Part: Hashable>(_ parts: [Part]) -> [Part: Int] {
      Dictionary(parts.map { ($0, 1) }, uniquingKeysWith: +)
    }
    // Of several places to archive to, the first rule by id says which.
    let hasPlaces = Set(rules.filter { $0.verb == .archive }.map(\.target)).count > 1
    return DecidingParts(
      rules: counted(
        rules.map { rule in
          var bare = rule
          (bare.id, bare.because, bare.allow, bare.sugar) = ("", nil, [], nil)
          if hasPlaces, rule.verb == .archive { bare.id = rule.id }
          return bare
        }),
      quotas: counted(
        quotas.map { quota in
          var bare = quota
          (bare.id, bare.because) = ("", nil)
          return bare
        }),
      pressures: counted(
        pressures.map { pressure in
          var bare = pressure
          bare.id = ""
          return bare
        }),
      ageOf: ageOf)
  }
}

extension Property {
  /// Without its name and reason.
  var decided: Property {
    var bare = self
    (bare.id, bare.because) = ("", nil)
    return bare
  }
}
