internal import PolicyCore
internal import PolicyFormats
internal import PolicySyntax

/// What could be written at a place.
struct Completion {
  let view: DocumentView

  private struct Item {
    let label: String
    let detail: String
    /// 10 property, 6 variable, 13 enumeration, 14 keyword: the numbers of the protocol.
    let kind: Int64
    var insert: String?
  }

  func at(_ offset: Int) -> JSONValue {
    let context = CursorContext(view.source, offset)
    let items = items(context).filter { $0.label.hasPrefix(context.word) || context.word.isEmpty }
    let start = offset - context.word.utf8.count
    return .object([
      "isIncomplete": false,
      "items": .array(
        items.map { item in
          .object([
            "label": .string(item.label), "kind": .integer(item.kind), "detail": .string(item.detail),
            "textEdit": .object([
              "range": view.range(start..<offset), "newText": .string(item.insert ?? item.label),
            ]),
          ])
        }),
    ])
  }

  private func items(_ context: CursorContext) -> [Item] {
    if context.word.hasPrefix("$") { return params() }
    guard let block = context.block else { return [] }
    guard let name = context.key else { return keys(block, context) }
    guard let key = Keys.of(block).first(where: { $0.name == name }) else { return [] }
    return values(key.value, context) + (takesParam(key.value) ? params() : [])
  }

  private func params() -> [Item] {
    let values = Dictionary(
      (view.loaded?.policy.params ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    return view.params.map { Item(label: "$" + $0.name, detail: values[$0.name] ?? "param", kind: 6) }
  }

  private func keys(_ block: Block, _ context: CursorContext) -> [Item] {
    let taken = Set(context.siblings.map(\.key))
    return Keys.of(block).filter { key in
      guard !taken.contains(key.name) else { return false }
      guard block == .rule else { return true }
      if VerbWord(rawValue: key.name) != nil {
        return context.verb == nil || (context.verb == .thin && key.name == "keep")
      }
      return key.verbs.isEmpty || context.verb.map { key.verbs.contains($0) } ?? true
    }.map { Item(label: $0.name, detail: $0.meaning, kind: 10, insert: $0.name + ": ") }
  }

  private func takesParam(_ shape: ValueShape) -> Bool {
    switch shape {
    case .count, .duration, .size, .ratio, .sizeLimit, .integer, .path, .date: true
    default: false
    }
  }

  private func values(_ shape: ValueShape, _ context: CursorContext) -> [Item] {
    switch shape {
    case .choice(let words): return words.map { Item(label: $0, detail: "", kind: 13) }
    case .list(let item): return values(item, context)
    case .kind: return ["runs", "checkpoints"].map { Item(label: $0, detail: "", kind: 13) }
    case .version: return [Item(label: "1", detail: "the version of the language", kind: 13)]
    case .count: return ["all", "none"].map { Item(label: $0, detail: "", kind: 13) }
    case .factName: return facts(context.kind)
    case .factNames: return facts(context.kind) + [Item(label: "all", detail: "one group", kind: 14)]
    case .orderKeys: return facts(context.kind) + words(["asc", "desc", "missing", "first", "last"])
    case .condition: return condition(context)
    default: return []
    }
  }

  private func facts(_ kind: EntityKind) -> [Item] {
    var items = view.schema.facts(of: kind).map { Item(label: $0.name, detail: $0.type.words, kind: 6) }
    if kind == .checkpoint {
      items += view.schema.runs.map { Item(label: "run." + $0.name, detail: $0.type.words, kind: 6) }
    }
    return items + [Item(label: "age", detail: "a duration", kind: 6)]
  }

  private func words(_ words: [String]) -> [Item] { words.map { Item(label: $0, detail: "", kind: 14) } }

  /// After an operator what the fact before it can be; else facts and words.
  private func condition(_ context: CursorContext) -> [Item] {
    let tokens = context.before.split { $0 == " " || $0 == "," || $0 == "[" || $0 == "(" }.map(String.init)
    let isInList =
      (context.before.lastIndex(of: "[") ?? context.before.startIndex)
      > (context.before.lastIndex(of: "]") ?? context.before.startIndex)
    var place = tokens.lastIndex { ["==", "!=", "in"].contains($0) }
    if let found = place, !isInList, found != tokens.count - 1 { place = nil }
    if let place, place > 0 {
      // The quote of a condition stands right before its first fact.
      let word = (tokens[place - 1] == "not" && place > 1 ? tokens[place - 2] : tokens[place - 1])
        .filter { $0 != "\"" && $0 != "'" }
      let isOfRun = word.hasPrefix("run.")
      let reference = FactReference(isOfRun ? String(word.dropFirst(4)) : word, scope: isOfRun ? .run : .own)
      let fact = view.schema.definition(of: reference, on: isOfRun ? .checkpoint : context.kind)
      if case .enumeration(let members)? = fact?.type {
        return members.map { Item(label: $0, detail: word, kind: 13) }
      }
      return params()
    }
    if let last = tokens.last, ["<", "<=", ">", ">=", "??", "has", "matches"].contains(last) { return params() }
    return facts(context.kind) + words(["and", "or", "not", "in", "is", "missing", "matches", "has", "true"])
  }
}
