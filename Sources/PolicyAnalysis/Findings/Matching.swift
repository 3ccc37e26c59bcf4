internal import PolicyCore
internal import PolicyDiagnostics

/// P0310: a rule that can never match. P0311: a condition that is always true.
enum Matching {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    // What holds only of things that cannot be read is nothing that anybody writes a rule for.
    let readable = try it.readable(.everything)
    for rule in it.ownRules {
      let id = rule.rule.id
      guard let entry = it.place.entry(id) else { continue }
      if try it.diagrams.and(readable, rule.scope).isEmpty {
        outcome.findings.append(
          it.place.finding(
            id, try conflict("rule `\(id)` can never match", rule.rule, entry, readable, it)))
      } else if rule.rule.condition != .always, try isAlwaysTrue(rule.truth, it) {
        outcome.findings.append(it.place.finding(id, alwaysTrue("rule `\(id)`", id, it)))
      }
    }
    for quota in it.policy.quotas {
      let truth = try it.compiler.truth(quota.evict.condition, on: quota.kind)
      guard try !it.meaning.isPossible(truth.yes) else { continue }
      outcome.findings.append(
        it.place.finding(
          nil,
          Diagnostic(
            "P0310", .warning, "quota `\(quota.id)` can never evict anything", at: it.place.condition(quota.id),
            caption: "never true of any of the \(quota.kind.plural)",
            help: "write a condition that some of the \(quota.kind.plural) can meet")))
    }
    for property in it.policy.properties {
      if try it.speaks(of: property) { continue }
      outcome.findings.append(
        it.place.finding(
          nil,
          Diagnostic(
            "P0310", .warning, "property `\(property.id)` speaks of nothing", at: it.place.condition(property.id),
            caption: "never true of any of the \(property.kind.plural)", help: "say what must never go")))
    }
    return outcome
  }

  private static func isAlwaysTrue(_ truth: TruthSets, _ it: CheckContext) throws(BudgetSpent) -> Bool {
    try it.readable(try it.diagrams.not(truth.yes)).isEmpty
  }

  private static func alwaysTrue(_ called: String, _ id: String, _ it: CheckContext) -> Diagnostic {
    Diagnostic(
      "P0311", .warning, "the condition of \(called) is always true", at: it.place.condition(id),
      caption: "true of everything",
      help: "write `where: true` if everything is meant, or a test that something fails")
  }

  /// Which of the and-ed parts cannot be true together: only those are shown.
  private static func conflict(
    _ message: String, _ rule: Rule, _ entry: SourceMap.Entry, _ readable: Diagram, _ it: CheckContext
  ) throws(BudgetSpent) -> Diagnostic {
    let parts = it.conjuncts(rule.condition, entry.conditionNodes)
    let needsTruth = rule.verb == .trash || rule.verb == .archive
    var clauses: [(set: Diagram, span: SourceSpan, words: String, condition: Condition?)] = []
    for part in parts {
      let truth = try it.compiler.truth(part.condition, on: rule.kind)
      let set = needsTruth ? truth.yes : try it.diagrams.not(truth.no)
      clauses.append((set, part.span, part.condition.words, part.condition))
    }
    if let after = rule.after, let span = entry.clauses["after"] {
      let aged = try it.compiler.isAged(it.policy.defaultStamp(rule.kind), on: rule.kind, after).yes
      clauses.append((aged, span, "at least \(after.spelled) old", nil))
    }
    let few = try minimal(Array(clauses.indices)) { (indices: [Int]) throws(BudgetSpent) -> Bool in
      let together = try it.diagrams.all(indices.map { clauses[$0].set })
      return try it.diagrams.and(readable, together).isEmpty
    }
    guard let first = few.first else {
      return Diagnostic("P0310", .warning, message, at: it.place.condition(rule.id), help: "delete it")
    }
    var notes: [String] = []
    let idle = clauses.indices.filter { !few.contains($0) }.map { "`\(it.place.text(clauses[$0].span))`" }
    if !idle.isEmpty {
      notes.append("\(idle.joined(separator: ", ")) \(idle.count == 1 ? "plays" : "play") no part in the conflict")
    }
    let noun = rule.kind == .run ? "run" : "checkpoint"
    return Diagnostic(
      "P0310", .warning, message, at: clauses[first].span,
      caption: few.count == 1 ? "never true of any \(noun)" : "no \(noun) is \(clauses[first].words) …",
      labels: few.dropFirst().map { .init(clauses[$0].span, "… and \(clauses[$0].words)") }, notes: notes,
      help: few.count == 1
        ? "write a condition that some \(noun) can meet"
        : few.contains { clauses[$0].condition == nil }
          ? "change one, or drop it" : "join them with `or` if either is meant, or drop one")
  }
}

extension CheckContext {
  /// Whether there can be anything that a property is about, and that can be read.
  func speaks(of property: Property) throws(BudgetSpent) -> Bool {
    let truth = try compiler.truth(property.condition, on: property.kind)
    return !(try readable(try diagrams.not(truth.no)).isEmpty)
  }
}

extension Condition {
  /// Behind "no run is …".
  var words: String {
    switch self {
    case .compare(_, .greater, let constant): "above \(constant.written)"
    case .compare(_, .greaterOrEqual, let constant): "at least \(constant.written)"
    case .compare(_, .less, let constant): "below \(constant.written)"
    case .compare(_, .lessOrEqual, let constant): "at most \(constant.written)"
    case .compare(let operand, .equal, let constant): "of \(operand.fact.spelled) \(constant.written)"
    case .compare(let operand, .notEqual, let constant): "of another \(operand.fact.spelled) than \(constant.written)"
    case .isMissing(let fact): "without \(fact.spelled)"
    case .flag(let operand): "\(operand.fact.spelled)"
    case .always, .all, .any, .not, .member, .matches, .has: "like this"
    }
  }
}

extension Constant {
  /// As people write it.
  var written: String {
    switch self {
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): number.description
    case .bytes(let count): Self.size(count)
    case .duration(let span): span.spelled
    case .time(let stamp): stamp.rfc3339
    case .text(let text): text.displayText
    }
  }

  private static func size(_ count: Int64) -> String {
    for (unit, shift) in [("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] {
      let size = Int64(1) << Int64(shift)
      if count != 0, count.isMultiple(of: size) { return "\(count / size)\(unit)" }
    }
    return "\(count)B"
  }
}
