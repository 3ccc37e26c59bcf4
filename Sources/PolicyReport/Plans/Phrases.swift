internal import PolicyCore

/// Reasons, near misses and holders as short phrases: the rule, the value that decided, and what it was measured by.
struct Phrases {
  let book: RuleBook

  init(_ policy: Policy? = nil) { book = RuleBook(policy) }

  // MARK: Facts

  /// `finished, 30d old, mAP50 0.71`
  func readings(_ readings: [FactReading], of rule: String? = nil, failing: Bool = false) -> String {
    Self.told(readings).map { phrase($0, of: rule, failing: failing) }.joined(separator: ", ")
  }

  /// In the order in which they are told, without those that say nothing more.
  static func told(_ readings: [FactReading]) -> [FactReading] {
    let states = readings.filter { $0.fact == "state" || $0.fact == "run.state" }
    // An age that is not known because its moment is not says nothing more.
    let unknown = readings.filter { $0.value == "missing" || $0.value == "unreadable" }.map(\.fact)
    return states + readings.filter { !states.contains($0) && !isAge($0.fact, of: unknown) }
  }

  /// `mAP50 0.71 (needs > 0.8)`
  func phrase(_ reading: FactReading, of rule: String?, failing: Bool) -> String {
    let bounds = rule.map { book.bounds(reading, $0, failing: failing) } ?? ""
    return Self.tied(Self.reading(reading))
      + (bounds.isEmpty ? "" : failing ? " (needs\u{A0}\(bounds))" : " (\(bounds))")
  }

  static func reading(_ reading: FactReading) -> String {
    let value = DisplayText.escape(reading.value)
    switch (reading.fact, reading.value) {
    case ("restored_at", "missing"): return "never restored"
    case ("archived_at", "missing"): return "never archived"
    case ("backed_up_at", "missing"), ("age(backed_up_at)", "missing"): return "never backed up"
    case (_, "missing"): return "no \(reading.fact)"
    case (_, "unreadable"): return "\(reading.fact) cannot be read"
    case ("tags", ""), ("run.tags", ""): return "no tags"
    case ("state", _), ("run.state", _): return value
    case ("age", _): return "\(value) old"
    case ("bytes", _), ("run.bytes", _): return Int64(value).map(Quantities.size) ?? value
    case ("in_use", "true"): return "in use"
    case ("in_use", "false"): return "not in use"
    case ("pinned", "true"), ("referenced", "true"), ("resumable", "true"): return reading.fact
    case ("pinned", "false"), ("referenced", "false"), ("resumable", "false"): return "not \(reading.fact)"
    default: return "\(reading.fact) \(value)"
    }
  }

  /// A value stays beside its fact, unless it is long.
  private static func tied(_ text: String) -> String { DisplayText.width(text) <= 24 ? DisplayText.tied(text) : text }

  // MARK: Why it goes

  /// The rule and its facts, without the rule's own words, which are told once for the whole plan.
  func reason(_ reason: Reason) -> String {
    var text = reason.rule
    let facts = readings(reason.readings, of: reason.rule)
    if let usage = reason.usage, let limit = reason.limit {
      let group = reason.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
      text += ": \(group.isEmpty ? "all" : group) at \(Quantities.size(usage)), allowed \(Quantities.size(limit))"
      if !facts.isEmpty { text += "; " + facts }
    } else if !facts.isEmpty {
      text += ": " + facts
    }
    return text
  }

  func reasons(_ reasons: [Reason]) -> String { reasons.map(reason).joined(separator: "; ") }

  // MARK: Near misses

  func nearMisses(_ misses: [NearMiss]) -> String {
    misses.filter(Self.isTelling).map(nearMiss).joined(separator: "; ")
  }

  /// Whether it tells how far away a keep was; that a name is not the one of a list is no near miss.
  static func isTelling(_ miss: NearMiss) -> Bool {
    miss.rank != nil || !miss.missing.isEmpty
      || miss.readings.contains {
        !["name", "path", "tags", "run.name", "run.path", "run.tags", "role"].contains($0.fact)
      }
  }

  func nearMiss(_ miss: NearMiss) -> String {
    if let rank = miss.rank, let size = miss.of {
      return "\(miss.rule) \(standing(rank, size, miss.rule)) (keeps\u{A0}\(miss.keeps ?? 0))"
    }
    if !miss.missing.isEmpty { return "\(miss.rule): no \(miss.missing.joined(separator: ", "))" }
    if let step = book.step(miss.rule)?.step, let number = miss.readings.first, miss.readings.count == 1 {
      return DisplayText.tied("\(miss.rule) every \(step): \(Self.reading(number))")
    }
    return miss.readings.isEmpty
      ? miss.rule : "\(miss.rule): \(readings(miss.readings, of: miss.rule, failing: true))"
  }

  /// `4th of 9 by mAP50`
  func standing(_ rank: Int, _ size: Int, _ rule: String) -> String {
    DisplayText.tied("\(Self.ordinal(rank)) of \(size)" + book.key(rule))
  }

  // MARK: Why it stays

  func holder(_ holder: Held.Holder) -> String {
    var text = holder.rule
    if let rank = holder.rank, let size = holder.of { text += " \(standing(rank, size, holder.rule))" }
    let unknown = holder.unknown.filter { !Self.isAge($0, of: holder.unknown) }
    if !unknown.isEmpty { text += " (\(unknown.joined(separator: ", ")) not known)" }
    if let via = holder.via { text += " (through \(DisplayText.escape(via)))" }
    return text
  }

  func question(_ question: Undecided.Question) -> String {
    let unknown = readings(question.unknown)
    return unknown.isEmpty ? question.rule : "\(question.rule): \(unknown)"
  }

  static func isAge(_ fact: String, of stamps: [String]) -> Bool { stamps.contains { fact == "age(\($0))" } }

  static func ordinal(_ number: Int) -> String {
    let suffix =
      switch (number % 10, number % 100) {
      case (_, 11...13): "th"
      case (1, _): "st"
      case (2, _): "nd"
      case (3, _): "rd"
      default: "th"
      }
    return "\(number)\(suffix)"
  }
}
