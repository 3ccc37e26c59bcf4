internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicySyntax

/// What a word means.
struct Hover {
  let view: DocumentView
  let snapshot: Snapshot?

  func at(_ offset: Int) -> JSONValue {
    let range = view.word(at: offset)
    let word = view.text(range)
    guard !word.isEmpty, let text = meaning(word, range) else { return .null }
    return .object([
      "contents": .object(["kind": .string("markdown"), "value": .string(text)]), "range": view.range(range),
    ])
  }

  private func meaning(_ word: String, _ range: Range<Int>) -> String? {
    let context = CursorContext(view.source, range.lowerBound)
    if word.hasPrefix("$") { return param(String(word.dropFirst())) }
    let bytes = view.document.bytes
    let isKey = range.upperBound < bytes.count && bytes[range.upperBound] == UInt8(ascii: ":")
    if isKey, context.path == ["params"] { return param(word) }
    if isKey, let block = context.block, let key = Keys.of(block).first(where: { $0.name == word }) {
      return "**\(key.name)**: \(key.meaning)\n\ntakes \(key.value.phrase)"
    }
    if context.key == "id" { return named(word, context.block) }
    return fact(word, context.kind)
  }

  private func param(_ name: String) -> String? {
    if let param = view.loaded?.policy.params.first(where: { $0.name == name }) {
      return "param `\(name)` = `\(param.value)`"
    }
    return view.params.contains { $0.name == name } ? "param `\(name)`" : nil
  }

  private func fact(_ word: String, _ kind: EntityKind) -> String? {
    let isOfRun = word.hasPrefix("run.")
    let reference = FactReference(isOfRun ? String(word.dropFirst(4)) : word, scope: isOfRun ? .run : .own)
    if word == "age" { return "**age**: how long ago the thing ended (`defaults.age_of`); a duration" }
    guard let fact = view.schema.definition(of: reference, on: isOfRun ? .checkpoint : kind) else { return nil }
    var text = "**\(word)**: \(fact.summary)\n\n\(fact.type.words)"
    if fact.isOptional { text += ", can be missing" }
    if let better = fact.better { text += ", \(better.rawValue) is better" }
    return text
  }

  /// What a rule, quota, pressure entry or `never` would do on the last snapshot.
  private func named(_ id: String, _ block: Block?) -> String? {
    let what =
      switch block {
      case .rule?: "a rule"
      case .quota?: "a quota"
      case .pressure?: "an answer to pressure"
      case .property?: "a promise that every plan is checked for"
      default: ""
      }
    guard !what.isEmpty else { return nil }
    guard let policy = view.loaded?.policy, knows(policy, id) else {
      return "`\(id)`: \(what); what it would do is shown once the policy has no errors"
    }
    guard let snapshot else {
      return "`\(id)`: \(what); to see what it would do, take a snapshot into `.policy/last-snapshot.jsonl`"
    }
    let isStale = view.diagnostics.contains { $0.severity == .error && !$0.code.hasPrefix("P03") }
    return effect(id, policy, snapshot) + (isStale ? "\n\nthe policy as it last was without errors" : "")
  }

  private func knows(_ policy: Policy, _ id: String) -> Bool {
    let others = policy.quotas.map(\.id) + policy.pressures.map(\.id) + policy.properties.map(\.id)
    return (policy.rules.map(\.id) + others).contains(id)
  }

  private func effect(_ id: String, _ policy: Policy, _ snapshot: Snapshot) -> String {
    let plan = Planner.plan(policy, on: snapshot)
    if policy.properties.contains(where: { $0.id == id }) {
      let isBroken = plan.checks.contains { $0.subject == .never && $0.name == id && !$0.holds }
      return isBroken
        ? "`\(id)` is violated on the last snapshot: the plan is refused" : "`\(id)` holds on the last snapshot"
    }
    let verb = policy.rules.first { $0.id == id }?.verb
    if verb == .keep || verb == .protect {
      let held = plan.held.filter { $0.by.contains { $0.rule == id } }
      return "`\(id)` holds \(held.count) that some rule wants gone, on the last snapshot"
    }
    let acts = plan.actions.filter { $0.because.contains { $0.rule == id } }
    let names = acts.prefix(5).map { "- `\($0.path.displayText)`" }.joined(separator: "\n")
    let more = acts.count > 5 ? "\n- and \(acts.count - 5) more" : ""
    return "`\(id)` would \(verb?.rawValue ?? "take") \(acts.count) on the last snapshot\n\n\(names)\(more)"
  }
}

extension FactType {
  /// For people.
  var words: String {
    switch self {
    case .bool: "true or false"
    case .int: "a whole number"
    case .number: "a number"
    case .ratio: "a ratio from 0 to 1"
    case .bytes: "a size"
    case .duration: "a duration"
    case .time: "a time"
    case .string: "text"
    case .enumeration(let members): "one of \(members.map { "`\($0)`" }.joined(separator: ", "))"
    case .stringSet: "a set of words"
    }
  }
}
