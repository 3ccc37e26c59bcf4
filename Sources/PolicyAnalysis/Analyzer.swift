public import PolicyCore
public import PolicyDiagnostics

/// What `check` says of a policy beyond its spelling.
public struct AnalysisResult: Sendable {
  /// In source order; what `allow` accepts is not among them.
  public var diagnostics: [Diagnostic] = []
  /// What was proved, a sentence each, in order of ids: floors and properties that hold.
  public var proved: [String] = []
  /// Snapshots that violate a property, replayed, by the property's id.
  public var counterexamples: [Counterexample] = []
  public init() {}

  fileprivate mutating func add(_ outcome: ProofOutcome, _ findings: inout [Finding]) {
    findings += outcome.findings
    proved += outcome.proved
    counterexamples += outcome.counterexamples
  }
}

/// A smallest snapshot in which something happens that a `never` forbids.
public struct Counterexample: Sendable {
  /// Id of the property.
  public let property: String
  public let snapshot: Snapshot
  /// What the policy does in it, and to what.
  public let act: PlannedAct
  /// Ids of the rules, quotas or pressure entries that do it.
  public let by: [String]
}

/// Runs every analysis on a policy that is free of errors.
public enum Analyzer {
  /// Nodes of diagrams that one policy may cost; what needs more is not decided, and said so.
  public static let budget = 60_000

  /// `now` decides whether dates and allowances have passed; `snapshot` lets names be looked up and quotas be added up.
  public static func analyze(
    _ policy: Policy, _ map: SourceMap, _ sources: SourceSet, now: Timestamp?, snapshot: Snapshot? = nil
  ) -> AnalysisResult {
    var result = AnalysisResult()
    var findings: [Finding] = []
    let place = PolicyPlace(policy: policy, map: map, sources: sources, now: now, snapshot: snapshot)
    for check in Self.plainChecks { findings += check(place) }
    do throws(BudgetSpent) {
      let context = CheckContext(place: place, meaning: try PolicyMeaning.of(policy, budget: budget))
      for check in Self.proofs {
        // One question that is too hard leaves the others theirs.
        context.diagrams.renewBudget()
        do throws(BudgetSpent) {
          result.add(try check.run(context), &findings)
        } catch {
          findings.append(place.undecided(check.question))
        }
      }
    } catch {
      findings.append(place.undecided("what this policy means for every run that could exist"))
      findings += policy.properties.map { Properties.undecided($0, place) }
      for rule in place.ownRules { alone(rule, place, &result, &findings) }
    }
    result.diagnostics = Allowances.apply(findings, place).inSourceOrder()
    return result
  }

  /// What can be said of one rule without the others, of a policy that is too much as a whole.
  private static func alone(
    _ rule: Rule, _ place: PolicyPlace, _ result: inout AnalysisResult, _ findings: inout [Finding]
  ) {
    var policy = place.policy
    policy.rules = policy.rules.filter { $0.isBuiltIn || $0.id == rule.id }
    (policy.quotas, policy.pressures, policy.properties) = ([], [], [])
    let narrowed = PolicyPlace(
      policy: policy, map: place.map, sources: place.sources, now: place.now, snapshot: place.snapshot)
    do throws(BudgetSpent) {
      let context = CheckContext(place: narrowed, meaning: try PolicyMeaning.of(policy, budget: budget / 10))
      result.add(try Matching.findings(context), &findings)
      result.add(try Undecidable.findings(context), &findings)
    } catch {
      // Said already, of the whole.
    }
  }

  private static let plainChecks: [@Sendable (PolicyPlace) -> [Finding]] = [
    UnusedNames.findings, OtherPeoplesBest.findings, UnsetGroups.findings, Watermarks.findings,
    TargetsInsideRoots.findings, DatesToCome.findings, DanglingNames.findings, QuotaFloors.findings,
  ]

  private static let proofs: [Proof] = [
    Proof("whether every rule can match", Matching.findings),
    Proof("what is caught because it is not known", Undecidable.findings),
    Proof("whether every rule acts", Shadowing.findings),
    Proof("whether every keep is needed", Redundancy.findings),
    Proof("whether checkpoints are kept from their runs' fate", LevelGaps.findings),
    Proof("whether every trash rule has a floor", Floors.findings),
    Proof("what comes before what", Deadlines.findings),
    Proof("whether every step of `relieve` does something", DeadSteps.findings),
    Proof("whether every `never` holds", Properties.findings),
  ]
}

/// One analysis over all runs that could exist.
struct Proof: Sendable {
  /// For "not decided: …".
  let question: String
  let run: @Sendable (CheckContext) throws(BudgetSpent) -> ProofOutcome

  init(_ question: String, _ run: @escaping @Sendable (CheckContext) throws(BudgetSpent) -> ProofOutcome) {
    self.question = question
    self.run = run
  }
}

struct ProofOutcome {
  var findings: [Finding] = []
  var proved: [String] = []
  var counterexamples: [Counterexample] = []
}

/// A diagnostic, and the rule whose `allow` may accept it.
struct Finding {
  let rule: String?
  var diagnostic: Diagnostic
}
