internal import PolicyCore
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
    if isKey, let block = context.block, let key = Keys.of(block).first(where: { $0.name == word }) {
      return "**\(key.name)**: \(key.meaning)\n\ntakes \(key.value.phrase)"
    }
    if context.key == "id" { return effect(word) }
    return fact(word, context.kind)
  }

  private func param(_ name: String) -> String? {
    view.loaded?.policy.params.first { $0.name == name }.map { "param `\(name)` = `\($0.value)`" }
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

  /// What a rule would do on the last snapshot.
  private func effect(_ id: String) -> String? {
    guard let policy = view.loaded?.policy, let rule = policy.rules.first(where: { $0.id == id }) else { return nil }
    guard let snapshot else {
      return "`\(id)`: to see what it would do, take a snapshot into `.policy/last-snapshot.jsonl`"
    }
    let plan = Planner.plan(policy, on: snapshot)
    let acts = plan.actions.filter { $0.because.contains { $0.rule == id } }
    let held = plan.held.filter { $0.by.contains { $0.rule == id } }
    switch rule.verb {
    case .keep, .protect: return "`\(id)` holds \(held.count) that some rule wants gone, on the last snapshot"
    case .trash, .archive, .backup:
      let names = acts.prefix(5).map { "- `\($0.path.displayText)`" }.joined(separator: "\n")
      let more = acts.count > 5 ? "\n- and \(acts.count - 5) more" : ""
      return "`\(id)` would \(rule.verb.rawValue) \(acts.count) on the last snapshot\n\n\(names)\(more)"
    }
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
