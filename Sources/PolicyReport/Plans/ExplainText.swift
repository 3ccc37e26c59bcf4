public import PolicyCore
internal import PolicyFormats

/// Everything there is to say about one run or checkpoint under one policy.
public struct Explanation: Sendable {
  public var snapshot: Snapshot
  public var entity: Int
  public var plan: Plan
  public var verdicts: [Verdict]
  public init(snapshot: Snapshot, entity: Int, plan: Plan, verdicts: [Verdict]) {
    self.snapshot = snapshot
    self.entity = entity
    self.plan = plan
    self.verdicts = verdicts
  }

  var subject: Entity { snapshot.entities[entity] }

  private func isMeant(_ host: ByteString, _ root: ByteString, _ path: ByteString, _ kind: EntityKind) -> Bool {
    let place = snapshot.roots[subject.root]
    return host == place.host && root == place.path && path == subject.path && kind == subject.kind
  }

  var action: Action? {
    plan.actions.first { isMeant($0.host, $0.root, $0.path, $0.kind) && $0.verb != .purge && $0.verb != .backup }
  }
  var held: Held? { plan.held.first { $0.record == nil && isMeant($0.host, $0.root, $0.path, $0.kind) } }
  var undecided: Undecided? { plan.undecided.first { isMeant($0.host, $0.root, $0.path, $0.kind) } }

  /// The action on something above it that takes it along.
  var carrier: Action? {
    let place = snapshot.roots[subject.root]
    return plan.actions.first {
      ($0.verb == .trash || $0.verb == .archive) && $0.host == place.host && $0.root == place.path
        && $0.path != subject.path && subject.path.isAtOrBelow($0.path)
    }
  }

  /// One word: `trash`, `archive`, `held`, `undecided`, `kept`.
  public var decision: String {
    if let action { return action.verb.rawValue }
    if let carrier { return carrier.verb.rawValue }
    return held != nil ? "held" : undecided != nil ? "undecided" : "kept"
  }

  /// The rule whose `after` is reached first, and when.
  var nextChange: (rule: String, at: Timestamp)? {
    verdicts.filter { $0.result == .true }
      .compactMap { verdict in
        verdict.remaining.flatMap { snapshot.now.advanced(by: $0) }.map { (verdict.rule, $0) }
      }.min { $0.1 < $1.1 }
  }
}

public enum ExplainText {
  public static func render(_ explanation: Explanation, style: TextStyle) -> String {
    let subject = explanation.subject
    var lines = [
      style.paint("\(subject.kind.rawValue) \(DisplayText.escape(subject.path))", .bold)
        + "  in \(DisplayText.escape(explanation.snapshot.roots[subject.root].path))"
    ]
    lines += DisplayText.wrap(decision(explanation), to: style.width)
    lines += DisplayText.wrap(facts(subject), to: style.width - 2).map { "  \($0)" }
    for note in subject.notes { lines += DisplayText.wrap("note: \(note.text)", to: style.width - 2).map { "  \($0)" } }
    lines.append("")
    let width = min(30, explanation.verdicts.map { $0.rule.count }.max() ?? 0)
    for verdict in explanation.verdicts {
      let mark = verdict.picked ? style.paint("●", .green) : verdict.result == .unknown ? "?" : "·"
      let head =
        "  \(mark) \(DisplayText.pad(verdict.verb.rawValue, to: 7)) \(DisplayText.pad(verdict.rule, to: width))  "
      let text = DisplayText.wrap(say(verdict), to: max(20, style.width - 14 - width))
      lines.append(head + (text.first ?? ""))
      lines += text.dropFirst().map { String(repeating: " ", count: 14 + width) + $0 }
    }
    if let next = explanation.nextChange {
      lines += ["", "\(next.rule) reaches it at \(Quantities.minute(next.at))"]
    }
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  private static func decision(_ explanation: Explanation) -> String {
    if let action = explanation.action {
      let misses = Phrases.nearMisses(action.notKept)
      return "would go to the \(action.verb == .archive ? "archive" : "trash"): "
        + action.because.map(Phrases.reason).joined(separator: "; ") + (misses.isEmpty ? "" : ". Not kept: \(misses)")
    }
    if let carrier = explanation.carrier {
      return "would go along with \(DisplayText.escape(carrier.path)), which goes to the "
        + (carrier.verb == .archive ? "archive" : "trash")
    }
    if let held = explanation.held {
      return "stays: \(held.by.map(Phrases.holder).joined(separator: ", ")); wanted by "
        + held.wanted.joined(separator: ", ")
    }
    if explanation.undecided != nil { return "stays, because nobody can decide" }
    return "stays: no rule wants it gone"
  }

  private static func facts(_ entity: Entity) -> String {
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
    return Phrases.readings(readings)
  }

  private static func say(_ verdict: Verdict) -> String {
    var text: String =
      switch verdict.result {
      case .true: "yes"
      case .false: "no"
      case .unknown: "not known"
      }
    if let rank = verdict.rank, let size = verdict.of {
      text = "\(Phrases.ordinal(rank)) of \(size), keeps \(verdict.keeps ?? 0)"
    }
    if !verdict.readings.isEmpty { text += ": " + Phrases.readings(verdict.readings) }
    if let remaining = verdict.remaining { text += "; \(remaining.approximate) too young" }
    return text
  }

  /// `{"path", "kind", "decision", "verdicts": […], "next_change"}`
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
      return .object(object)
    }
    let subject = explanation.subject
    return CanonicalJSON.encode(
      .object([
        "format": .string("policy-explanation/1.0"), "path": .string(DisplayText.escape(subject.path)),
        "kind": .string(subject.kind.rawValue), "decision": .string(explanation.decision),
        "verdicts": .array(verdicts),
        "next_change": explanation.nextChange.map {
          .object(["rule": .string($0.rule), "at": .string($0.at.rfc3339)])
        } ?? .null,
      ])) + [UInt8(ascii: "\n")]
  }
}

extension String {
  var trimmedEnd: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
