internal import PolicyCore
internal import PolicyFormats

/// When a fate next changes, and what it becomes, in words and as JSON.
enum ChangePhrases {
  /// `goes to the trash on 2026-12-03 08:00Z (in 9d): stale`
  static func sentence(_ next: NextChange, _ now: Timestamp) -> String {
    switch next.finding {
    case .never: return "nothing changes by time alone"
    case .unchanged(let end):
      return "nothing changes by time alone before \(Quantities.minute(end)); not looked further"
    case .change(let at, let decision): return change(at, decision, next.present, now)
    }
  }

  private static func change(
    _ at: Timestamp, _ decision: EntityDecision, _ present: EntityDecision, _ now: Timestamp
  ) -> String {
    let moment = Quantities.minute(at) + (at.since(now).map { " (in \(wait($0)))" } ?? "")
    let rules = decision.rules.joined(separator: ", ")
    let by = rules.isEmpty ? "" : ": \(rules)"
    let isSame = decision.word == present.word && decision.carrier == present.carrier
    switch decision.word {
    case .trash, .archive:
      if isSame { return "from \(moment) on it goes for other reasons\(by)" }
      let place = "to the \(decision.word.rawValue) on \(moment)\(by)"
      return decision.carrier.map { "goes along with \(DisplayText.escape($0)) \(place)" } ?? "goes \(place)"
    case .held:
      let holders = rules.isEmpty ? "" : ", held by \(rules)"
      if decision.wanted == present.wanted, isSame { return "from \(moment) on it stays\(holders)" }
      let wanted = "wanted by \(decision.wanted.joined(separator: ", "))"
      return "from \(moment) on it is \(wanted), and stays\(holders)"
    case .undecided: return "from \(moment) on it stays because it cannot be decided\(by)"
    case .kept: return "from \(moment) on no rule wants it gone"
    }
  }

  /// A nanosecond, which is how far `age > 1d` lies from a day, is not told.
  private static func wait(_ span: TimeSpan) -> String {
    span < .seconds(1) ? "less than a second" : span.approximate
  }

  /// `{"at", "verb", "rules"}`, or null where nothing is known to change.
  static func json(_ next: NextChange) -> JSONValue {
    switch next.finding {
    case .never, .unchanged: return .null
    case .change(let at, let decision):
      var object: JSONObject = ["at": .string(at.rfc3339), "verb": .string(decision.word.rawValue)]
      object["rules"] = .array(decision.rules.map { .string($0) })
      if let carrier = decision.carrier { object.set("with", name: carrier) }
      return .object(object)
    }
  }
}
