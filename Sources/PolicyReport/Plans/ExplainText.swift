public import PolicyCore
internal import PolicyFormats

/// Everything there is to say about one run or checkpoint under one policy.
public struct Explanation: Sendable {
  public var snapshot: Snapshot
  public var entity: Int
  public var plan: Plan
  public var verdicts: [Verdict]
  /// For what the rules ask of the values; `nil` where it is not at hand.
  public var policy: Policy?
  /// When its fate next changes; `nil` where nobody looked.
  public var nextChange: NextChange?
  public init(
    snapshot: Snapshot, entity: Int, plan: Plan, verdicts: [Verdict], policy: Policy? = nil,
    nextChange: NextChange? = nil
  ) {
    self.policy = policy
    self.nextChange = nextChange
    self.snapshot = snapshot
    self.entity = entity
    self.plan = plan
    self.verdicts = verdicts
  }

  var subject: Entity { snapshot.entities[entity] }

  private func isMeant(
    _ host: ByteString, _ root: ByteString, _ path: ByteString, _ kind: EntityKind, _ tier: Tier
  ) -> Bool {
    let place = snapshot.roots[subject.root]
    return host == place.host && root == place.path && path == subject.path && kind == subject.kind
      && tier == subject.tier
  }

  var action: Action? {
    plan.actions.first {
      $0.verb != .purge && $0.verb != .backup && isMeant($0.host, $0.root, $0.path, $0.kind, $0.tier)
    }
  }
  var held: Held? { plan.held.first { $0.record == nil && isMeant($0.host, $0.root, $0.path, $0.kind, $0.tier) } }
  var undecided: Undecided? { plan.undecided.first { isMeant($0.host, $0.root, $0.path, $0.kind, $0.tier) } }

  /// The action on something above it that takes it along.
  var carrier: Action? {
    let place = snapshot.roots[subject.root]
    return plan.actions.first {
      ($0.verb == .trash || $0.verb == .archive) && $0.host == place.host && $0.root == place.path
        && $0.kind == .run && $0.tier == subject.tier && $0.path != subject.path && subject.path.isAtOrBelow($0.path)
    }
  }

  /// The quotas and pressure entries that a soft keep gave way to; empty where it held, or had no say.
  func gaveWay(_ verdict: Verdict) -> [String] {
    guard verdict.verb == .keep, verdict.picked, let policy, subject.kind == .run || action != nil,
      let rule = policy.rules.first(where: { $0.id == verdict.rule }), !rule.yieldsTo.isEmpty,
      let act = action ?? carrier, act.verb == .trash
    else { return [] }
    let takers = policy.quotas.map(\.id) + policy.pressures.map(\.id)
    return act.because.map(\.rule).filter { takers.contains($0) }
  }

  /// One word: `trash`, `archive`, `held`, `undecided`, `kept`.
  public var decision: String {
    if let action { return action.verb.rawValue }
    if let carrier { return carrier.verb.rawValue }
    return held != nil ? "held" : undecided != nil ? "undecided" : "kept"
  }
}

public enum ExplainText {
  public static func render(_ explanation: Explanation, style: TextStyle) -> String {
    let subject = explanation.subject
    let phrases = Phrases(explanation.policy)
    let root = DisplayText.escape(explanation.snapshot.roots[subject.root].path)
    var lines = style.heading(
      "\(subject.kind.rawValue) \(DisplayText.escape(subject.path.isEmpty ? "." : subject.path))", "")
    lines += style.row(.init(text: "  in ", columns: 5), name: root, nameColumns: 0, [])
    lines += decision(explanation, phrases).flatMap { style.indented($0, by: 2) }
    lines += style.indented(facts(explanation), by: 2)
    for note in subject.notes { lines += style.indented("note: \(DisplayText.escape(note.text))", by: 2) }
    lines.append("")
    let columns = style.nameColumns(explanation.verdicts.map(\.rule))
    for verdict in explanation.verdicts {
      let mark = verdict.picked ? style.paint("●", .green) : verdict.result == .unknown ? "?" : "·"
      let lead = "  \(mark) \(DisplayText.pad(verdict.verb.rawValue, to: 7)) "
      lines += style.row(
        .init(text: lead, columns: 12), name: verdict.rule, nameColumns: columns,
        [say(verdict, explanation, phrases) + yielding(verdict, explanation)],
        below: 12)
    }
    if let next = explanation.nextChange {
      lines += [""] + style.sentence(ChangePhrases.sentence(next, explanation.snapshot.now))
    }
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  private static func decision(_ explanation: Explanation, _ phrases: Phrases) -> [String] {
    func place(_ action: Action) -> String { action.verb == .archive ? "archive" : "trash" }
    if let action = explanation.action {
      let misses = phrases.nearMisses(action.notKept)
      let head = "would go to the \(place(action)): \(phrases.reasons(action.because))"
      let words = action.because.compactMap(\.text).map { "“\(DisplayText.escape($0))”" }
      return [head] + words + (misses.isEmpty ? [] : ["not kept: \(misses)"])
    }
    if let carrier = explanation.carrier {
      return ["would go along with \(DisplayText.escape(carrier.path)), which goes to the \(place(carrier))"]
    }
    if let held = explanation.held {
      return [
        "stays: held by \(held.by.map(phrases.holder).joined(separator: ", ")); wanted by "
          + held.wanted.joined(separator: ", ")
      ]
    }
    if let undecided = explanation.undecided {
      return [
        "stays, because it cannot be decided: " + undecided.questions.map(phrases.question).joined(separator: "; ")
      ]
    }
    return ["stays: no rule wants it gone"]
  }

  private static func facts(_ explanation: Explanation) -> String {
    let entity = explanation.subject
    let shown = ["state", "user", "bytes", "mAP50", "mAP50-95", "accuracy_top1", "epochs", "role", "epoch"]
    var readings: [FactReading] = []
    for name in shown {
      switch entity.facts.fact(name) {
      case .value(.text(let text)): readings.append(FactReading(fact: name, value: text.displayText))
      case .value(.integer(let number)): readings.append(FactReading(fact: name, value: String(number)))
      case .value(.number(let text)): readings.append(FactReading(fact: name, value: text))
      case .unreadable: readings.append(FactReading(fact: name, value: "unreadable"))
      case .value, .missing: break
      }
    }
    if let age = age(explanation) { readings.insert(FactReading(fact: "age", value: age), at: min(1, readings.count)) }
    return Phrases().readings(readings)
  }

  private static func age(_ explanation: Explanation) -> String? {
    let entity = explanation.subject
    let stamp =
      explanation.policy?.defaultStamp(entity.kind).name ?? (entity.kind == .run ? "finished_at" : "modified_at")
    guard case .value(.integer(let moment)) = entity.facts.fact(stamp) else { return nil }
    return explanation.snapshot.now.since(Timestamp(nanoseconds: moment))?.approximate
  }

  private static func yielding(_ verdict: Verdict, _ explanation: Explanation) -> String {
    let takers = explanation.gaveWay(verdict)
    return takers.isEmpty ? "" : "; gave way to \(takers.map { DisplayText.escape($0) }.joined(separator: ", "))"
  }

  /// The verdict, then the values that led to it and what they were measured by.
  private static func say(_ verdict: Verdict, _ explanation: Explanation, _ phrases: Phrases) -> String {
    let facts = phrases.readings(verdict.readings, of: verdict.rule, failing: verdict.result == .false)
    let more = facts.isEmpty ? "" : ": " + facts
    if let rank = verdict.rank, let size = verdict.of {
      let standing = phrases.standing(rank, size, verdict.rule)
      return "\(verdict.picked ? "yes" : "no"), \(standing) (keeps\u{A0}\(verdict.keeps ?? 0))\(more)"
    }
    switch verdict.result {
    case .unknown: return "not known\(more)"
    case .false: return "no\(more)"
    case .true: break
    }
    if let remaining = verdict.remaining { return "not yet, \(remaining.approximate) too young\(more)" }
    if let (step, by) = phrases.book.step(verdict.rule) {
      let value = explanation.subject.facts.fact(by.name)
      let number: String? = if case .value(.integer(let number)) = value { String(number) } else { nil }
      return "\(verdict.picked ? "yes" : "no"), \(number.map { "\(by.spelled) \($0)" } ?? "no \(by.spelled)") "
        + DisplayText.tied("(keeps every \(step))") + more
    }
    if let after = phrases.book.rule(verdict.rule)?.after, !verdict.readings.contains(where: { $0.fact == "age" }) {
      guard let age = age(explanation) else { return "not known: of no age\(more)" }
      return "yes\(more), \(age) old (after\u{A0}\(after.spelled))"
    }
    if !verdict.picked { return "not chosen\(more)" }
    return "yes\(more)"
  }

  /// `{"path", "kind", "decision", "verdicts": […], "next_change"}`; with `unchanged_before` where it was not looked
  /// further.
  public static func json(_ explanation: Explanation) -> [UInt8] {
    let verdicts = explanation.verdicts.map { verdict -> JSONValue in
      var object: JSONObject = [
        "rule": .string(verdict.rule), "verb": .string(verdict.verb.rawValue),
        "result": .string(verdict.result.rawValue), "picked": .bool(verdict.picked),
        "facts": .array(
          verdict.readings.map { .object(["fact": .string($0.fact), "value": .string(DisplayText.escape($0.value))]) }),
      ]
      if let rank = verdict.rank { object["rank"] = .integer(Int64(rank)) }
      if let size = verdict.of { object["of"] = .integer(Int64(size)) }
      let takers = explanation.gaveWay(verdict)
      if !takers.isEmpty { object["gave_way_to"] = .array(takers.map { .string($0) }) }
      return .object(object)
    }
    let subject = explanation.subject
    var object: JSONObject = [
      "format": .string("policy-explanation/1.0"), "path": .string(DisplayText.escape(subject.path)),
      "kind": .string(subject.kind.rawValue), "decision": .string(explanation.decision),
      "verdicts": .array(verdicts), "next_change": explanation.nextChange.map(ChangePhrases.json) ?? .null,
    ]
    // Where it was not looked further, null does not mean never.
    if case .unchanged(let end) = explanation.nextChange?.finding { object["unchanged_before"] = .string(end.rfc3339) }
    return CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")]
  }
}
