internal import PolicyCore
internal import PolicyDiagnostics

/// P0210: what a keep, protect or archive catches only because a fact is missing.
enum Undecidable {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    for rule in it.ownRules {
      guard [.keep, .protect, .archive].contains(rule.rule.verb),
        rule.rule.sugar == nil || rule.rule.sugar == rule.rule.id
      else { continue }
      let unknown = try it.diagrams.minus(try it.diagrams.not(rule.truth.no), rule.truth.yes)
      // What is being written is held whatever this rule says.
      let open = try it.diagrams.minus(try it.readable(unknown), try builtIn(it))
      guard let model = try it.example(open) else { continue }
      let facts = missing(model, rule.rule, it)
      guard !facts.isEmpty else { continue }
      outcome.findings.append(it.place.finding(rule.rule.id, diagnostic(rule.rule, facts, it)))
    }
    return outcome
  }

  /// What the built-in rules hold anyway.
  private static func builtIn(_ it: CheckContext) throws(BudgetSpent) -> Diagram {
    var held = Diagram.nothing
    for rule in it.meaning.rules where rule.rule.isBuiltIn && rule.rule.verb == .protect {
      held = try it.diagrams.or(held, rule.picks)
    }
    return held
  }

  private static func missing(_ model: Model, _ rule: Rule, _ it: CheckContext) -> [FactReference] {
    var facts: [FactReference] = []
    for fact in rule.condition.facts where !facts.contains(fact) {
      guard let variable = it.universe.variable(FactKey(fact, on: rule.kind)), let region = model.region(of: variable),
        it.universe.variables[variable].regions[region] == .missing
      else { continue }
      facts.append(fact)
    }
    return facts
  }

  private static func diagnostic(_ rule: Rule, _ facts: [FactReference], _ it: CheckContext) -> Diagnostic {
    let names = facts.map { "`\($0.spelled)`" }.joined(separator: " or ")
    let noun = rule.kind.plural
    let effect =
      switch rule.verb {
      case .protect: "protects"
      case .keep: "keeps"
      case .archive, .trash, .backup: "holds back the trash of"
      }
    let atom = atom(of: facts[0], rule, it)
    return Diagnostic(
      "P0210", .warning, "`\(rule.id)` also \(effect) \(noun) without \(names)",
      at: atom?.span ?? it.place.condition(rule.id),
      caption: "unknown where \(names) is missing",
      notes: ["what is not known counts as true here, because ignorance keeps"],
      help: help(facts[0], atom?.condition, rule))
  }

  /// The test that speaks of the fact.
  private static func atom(
    of fact: FactReference, _ rule: Rule, _ it: CheckContext
  ) -> (condition: Condition, span: SourceSpan)? {
    guard let spans = it.place.entry(rule.id)?.conditionNodes else { return nil }
    var index = 0
    var found: (Condition, SourceSpan)?
    func walk(_ condition: Condition) {
      let own = index
      index += 1
      switch condition {
      case .all(let parts), .any(let parts): for part in parts { walk(part) }
      case .not(let part): walk(part)
      case .always, .isMissing: break
      case .compare(let operand, _, _), .member(let operand, _), .matches(let operand, _), .has(let operand, _),
        .flag(let operand):
        if found == nil, operand.fact == fact, operand.fallback == nil, spans.indices.contains(own) {
          found = (condition, spans[own])
        }
      }
    }
    walk(rule.condition)
    return found
  }

  private static func help(_ fact: FactReference, _ atom: Condition?, _ rule: Rule) -> String {
    let accept = "or accept it with `allow: [{ code: P0210 }]`"
    guard let atom, let decided = decided(atom) else {
      return "add `\(fact.spelled) is not missing` to the condition, \(accept)"
    }
    return "write `\(decided)`, \(accept)"
  }

  /// A comparison of a metric or size with what stands for a missing one.
  private static func decided(_ atom: Condition) -> String? {
    guard case .compare(let operand, let comparison, let constant) = atom, !operand.isAge, operand.fallback == nil
    else { return nil }
    let other: String
    switch constant {
    case .number: other = "0"
    case .bytes: other = "0B"
    case .bool, .duration, .time, .text: return nil
    }
    return "\(operand.fact.spelled) ?? \(other) \(comparison.rawValue) \(constant.written)"
  }

  /// A condition as it was written, and decided where a metric is missing; `nil` where it is so already, or where more
  /// would have to be written.
  static func decided(
    _ condition: Condition, on kind: EntityKind, _ spans: [SourceSpan]?, _ place: PolicyPlace
  ) -> String? {
    guard let spans, let whole = spans.first else { return nil }
    var edits: [(span: SourceSpan, text: String)] = []
    var index = 0
    func walk(_ condition: Condition) {
      let own = index
      index += 1
      switch condition {
      case .all(let parts), .any(let parts): for part in parts { walk(part) }
      case .not(let part): walk(part)
      case .compare(let operand, _, _):
        let definition = place.policy.schema.definition(of: operand.fact, on: kind)
        guard definition?.isOptional ?? true, spans.indices.contains(own), let text = decided(condition) else { return }
        edits.append((spans[own], text))
      case .always, .isMissing, .member, .matches, .has, .flag: break
      }
    }
    walk(condition)
    guard !edits.isEmpty else { return nil }
    var text = ""
    var end = whole.range.lowerBound
    for edit in edits.sorted(by: { $0.span.range.lowerBound < $1.span.range.lowerBound }) {
      guard edit.span.file == whole.file, edit.span.range.lowerBound >= end else { return nil }
      let between = SourceSpan(file: whole.file, range: end..<edit.span.range.lowerBound)
      text += place.sources.text(of: between) + edit.text
      end = edit.span.range.upperBound
    }
    text += place.sources.text(of: SourceSpan(file: whole.file, range: end..<max(end, whole.range.upperBound)))
    return text.contains("\n") ? nil : text
  }
}
