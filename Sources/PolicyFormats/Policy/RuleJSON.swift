internal import PolicyCore

/// Rules and selectors. Modifiers that a rule does not use are left out.
enum RuleJSON {
  static func encode(_ rule: Rule) -> JSONValue {
    var object: JSONObject = [
      "id": .string(rule.id), "verb": .string(rule.verb.rawValue), "kind": .string(rule.kind.rawValue),
      "where": ConditionJSON.encode(rule.condition),
    ]
    if !rule.per.isEmpty { object.set("per", list: rule.per, encode) }
    object["select"] = rule.selector.map(encode)
    object.set("after_ns", span: rule.after)
    if !rule.yieldsTo.isEmpty { object.set("yields_to", strings: rule.yieldsTo.sorted().map(\.rawValue)) }
    if rule.requiresBackup { object["requires"] = ["backup"] }
    if rule.tier != .live { object.set("in", text: rule.tier.rawValue) }
    object.set("to", text: rule.target)
    object.set("because", text: rule.because)
    if !rule.allow.isEmpty { object.set("allow", list: rule.allow, encode) }
    object.set("sugar", text: rule.sugar)
    return .object(object)
  }

  static func rule(_ fields: JSONFields) throws(FormatError) -> Rule {
    var yieldsTo: Set<Relief> = []
    for word in try words(fields, "yields_to", Relief.allCases) { yieldsTo.insert(word) }
    return Rule(
      id: try fields.string("id"), verb: try fields.word("verb", Verb.allCases),
      kind: try fields.word("kind", EntityKind.allCases), condition: try ConditionJSON.condition(fields, "where"),
      per: try groupKeys(fields, "per"), selector: try fields.optionalFields("select").map(selector),
      after: try fields.optionalSpan("after_ns"), yieldsTo: yieldsTo,
      requiresBackup: try !words(fields, "requires", [Requirement.backup]).isEmpty,
      tier: try fields.optionalWord("in", [.live, .archived]) ?? .live, target: try fields.optionalString("to"),
      because: try fields.optionalString("because"), allow: try fields.map("allow", allowance),
      sugar: try fields.optionalString("sugar"))
  }

  private enum Requirement: String { case backup }

  private static func words<Word: RawRepresentable<String>>(
    _ fields: JSONFields, _ key: String, _ words: [Word]
  ) throws(FormatError) -> [Word] {
    var found: [Word] = []
    for (index, text) in try fields.strings(key).enumerated() {
      guard let word = words.first(where: { $0.rawValue.hasSameBytes(as: text) }) else {
        let list = words.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        throw .wrong(fields.path.appending(key).appending(index), "one of \(list)")
      }
      found.append(word)
    }
    return found
  }

  private static func encode(_ allowance: Allowance) -> JSONValue {
    var object: JSONObject = ["code": .string(allowance.code)]
    object.set("until", time: allowance.until)
    object.set("because", text: allowance.because)
    return .object(object)
  }

  private static func allowance(_ fields: JSONFields) throws(FormatError) -> Allowance {
    Allowance(
      code: try fields.string("code"), until: try fields.optionalTime("until"),
      because: try fields.optionalString("because"))
  }

  // MARK: Groups and selectors

  /// A fact, or the word `run` for the run that holds a checkpoint.
  static func encode(_ key: GroupKey) -> JSONValue {
    switch key {
    case .fact(let fact): .object(ConditionJSON.encode(fact))
    case .run: "run"
    }
  }

  static func groupKeys(_ fields: JSONFields, _ key: String) throws(FormatError) -> [GroupKey] {
    var keys: [GroupKey] = []
    for item in try fields.list(key) {
      if case .string(let word) = item.value, word.hasSameBytes(as: "run") {
        keys.append(.run)
      } else {
        keys.append(.fact(try ConditionJSON.fact(try JSONFields(item.value, at: item.path))))
      }
    }
    return keys
  }

  private static func encode(_ selector: Selector) -> JSONValue {
    switch selector {
    case .every(let count, let fact):
      return ["every": .integer(Int64(count)), "by": .object(ConditionJSON.encode(fact))]
    case .ranked(let ranking):
      return [
        "form": .string(ranking.form.rawValue), "n": ranking.count.json,
        "by": .object(ConditionJSON.encode(ranking.key)), "better": .string(ranking.better.rawValue),
        "missing": .string(ranking.missing.rawValue), "ties": .string(ranking.ties.rawValue),
      ]
    }
  }

  private static func selector(_ fields: JSONFields) throws(FormatError) -> Selector {
    let fact = try ConditionJSON.fact(try fields.fields("by"))
    if let every = try fields.optionalInt("every") {
      guard every >= 1 else { throw .wrong(fields.path.appending("every"), "1 or more") }
      return .every(every, by: fact)
    }
    guard let count = try fields.optionalCount("n") else { throw .missing(fields.path.appending("n")) }
    return .ranked(
      Ranking(
        form: try fields.word("form", [.latest, .oldest, .best]), count: count, key: fact,
        better: try fields.word("better", Direction.allCases),
        missing: try fields.word("missing", Ranking.MissingKeys.allCases),
        ties: try fields.word("ties", Ranking.Ties.allCases)))
  }
}
