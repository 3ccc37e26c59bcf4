internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Which of a group: `per`, `latest`, `oldest`, `best`, `every`; and `thin`, which is made of them.
extension Lowering {
  /// Of a `keep` or `protect` rule.
  mutating func lowerSelector(_ entry: EntrySyntax, _ selectors: [Clause], _ rule: inout Rule) {
    let per = entry.body["per"]
    guard let clause = single(selectors, entry.called) else {
      if let per, selectors.isEmpty, !entry.body.hasUnknownKeys {
        reader.report(
          .unusedClause, "`per` without anything to choose", at: per.keySpan,
          caption: "groups what a selector chooses from", help: "add `latest: 3`, or another selector, or delete `per`")
      }
      return
    }
    if per == nil, !entry.body.hasUnknownKeys { reportUngrouped(clause, rule.kind) }
    rule.per = per.map { group($0, rule.kind) } ?? []
    rule.selector = selector(clause, rule.kind)
  }

  /// The only selector; `nil` when there is none or, reported, several.
  private mutating func single(_ selectors: [Clause], _ called: String) -> Clause? {
    if selectors.count > 1 {
      reader.report(
        .twoSelectors, "\(called) has two selectors", at: selectors[1].keySpan,
        caption: "and `\(selectors[1].key)`", labels: [.init(selectors[0].keySpan, "`\(selectors[0].key)`")],
        help: "write a rule of its own for each: every keep counts")
      return nil
    }
    return selectors.first
  }

  private mutating func reportUngrouped(_ clause: Clause, _ kind: EntityKind, in thin: Bool = false) {
    let written = clause.value.word.map { "\(clause.key): \($0)" } ?? clause.key
    let example =
      kind == .run
      ? "`per: user`, `per: [user, project]`, or `per: all` for one group"
      : "`per: run`, or `per: all` for one group"
    reader.report(
      .selectorWithoutGroup, "`\(written)` of what?", at: clause.value.word == nil ? clause.keySpan : clause.span,
      caption: "needs `per`", help: "add \(example)" + (thin ? ", to the rule" : ""))
  }

  /// The value of `per`; no keys for `all`.
  mutating func group(_ clause: Clause, _ kind: EntityKind) -> [GroupKey] {
    let expected = kind == .run ? "`user`, `[user, project]` or `all`" : "`run` or `all`"
    guard let items = reader.items(clause, expected: expected) else { return [] }
    var keys: [GroupKey] = []
    for item in items {
      if item.word == "all" {
        if items.count > 1 {
          reader.report(
            .unusedClause, "`all` beside other names", at: item.span, caption: "one group for everything",
            help: "delete `all`, or the other names")
        }
        continue
      }
      if item.word == "run", kind == .checkpoint {
        if !keys.contains(.run) { keys.append(.run) }
        continue
      }
      guard let (reference, _) = fact(item, name: "`per`", kind, place: clause.keySpan) else { continue }
      let key = GroupKey.fact(reference)
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  private mutating func selector(_ clause: Clause, _ kind: EntityKind) -> Selector? {
    switch clause.key {
    case "latest", "oldest":
      guard let count = count(clause) else { return nil }
      let form: Ranking.Form = clause.key == "latest" ? .latest : .oldest
      return .ranked(
        Ranking(form: form, count: count, key: defaultStamp(kind), better: form == .latest ? .higher : .lower))
    case "best": return best(clause, kind)
    default: return every(clause, kind)
    }
  }

  private mutating func best(_ clause: Clause, _ kind: EntityKind) -> Selector? {
    guard let block = reader.block(clause, .best) else { return nil }
    reader.requireAll(in: block, "`best`")
    let count = count(block["n"])
    let missing = block["missing"].map { reader.word($0, Ranking.MissingKeys.self) } ?? .keep
    let ties = block["ties"].map { reader.word($0, Ranking.Ties.self) } ?? .newest
    guard let by = block["by"],
      let (reference, definition) = fact(by.value, name: "`by`", kind, place: by.keySpan)
    else { return nil }
    guard let better = definition.better, definition.type.isRankable else {
      let isDeclared = definition.origin == .declared && definition.type.isRankable
      let declaration = declarationSpans[definition.name]
      reader.report(
        .noDirection, "`best` by `\(reference.spelled)`: which way is better?", at: by.value.span,
        caption: isDeclared ? "has no direction" : "a fact that is never better or worse",
        labels: isDeclared ? declaration.map { [.init($0, "declared here")] } ?? [] : [],
        help: isDeclared
          ? "add `better: higher` or `better: lower` to its declaration"
          : "name a metric, or use `latest` or `oldest`")
      return nil
    }
    guard let count, let missing, let ties else { return nil }
    return .ranked(
      Ranking(form: .best, count: count, key: reference, better: better, missing: missing, ties: ties))
  }

  private mutating func every(_ clause: Clause, _ kind: EntityKind) -> Selector? {
    guard let block = reader.block(clause, .every) else { return nil }
    reader.requireAll(in: block, "`every`")
    let step = integer(block["n"], in: 1...Int.max)
    guard let by = block["by"] else {
      if kind == .run, !block.hasUnknownKeys {
        reader.report(
          .missingKey, "`every` of runs needs `by`", at: block.place,
          help: "add the name of a whole number, such as `by: epochs`; only checkpoints have a `number`")
      }
      return step.map { .every($0, by: FactReference("number")) }
    }
    guard let (reference, definition) = fact(by.value, name: "`by`", kind, place: by.keySpan) else { return nil }
    guard definition.type == .int else {
      reader.report(
        .typeMismatch, "`every` counts whole numbers, and `\(reference.spelled)` is \(definition.type.article)",
        at: by.value.span, help: "name a whole number, such as `\(kind == .run ? "epochs" : "epoch")`")
      return nil
    }
    return step.map { .every($0, by: reference) }
  }

  // MARK: - Thin

  /// The keeps of a `thin` rule, one for each entry of its list.
  mutating func thinned(
    _ entry: EntrySyntax, _ verb: Clause, _ kind: EntityKind, _ scope: LoweredCondition
  ) -> [Rule] {
    let per = entry.body["per"]
    guard let list = entry.body["keep"] else {
      if !entry.body.hasUnknownKeys {
        reader.report(
          .missingKey, "\(entry.called) keeps nothing", at: verb.span,
          help: "add a `keep` list such as `keep: [ { latest: 1 } ]`, or write `trash: \(kind.plural)`")
      }
      return []
    }
    let nodes = reader.entries(list, .blocks(.thinKeep))
    if nodes.isEmpty, case .sequence = list.value.content {
      reader.report(
        .noValue, "\(entry.called) keeps nothing", at: list.span,
        help: "write what to keep, such as `keep: [ { latest: 1 } ]`, or write `trash: \(kind.plural)`")
    }
    let group = per.map { self.group($0, kind) }
    var isGroupUsed = false
    let rules = nodes.enumerated().compactMap { index, node in
      thinned(entry, kind, scope, group, index, node, list.keySpan, &isGroupUsed)
    }
    if let per, !isGroupUsed, !entry.body.hasUnknownKeys, rules.count == nodes.count, !nodes.isEmpty {
      reader.report(
        .unusedClause, "`per` without anything to choose", at: per.keySpan,
        caption: "groups what a selector chooses from", help: "add a selector to the `keep` list, or delete `per`")
    }
    return rules
  }

  private mutating func thinned(
    _ entry: EntrySyntax, _ kind: EntityKind, _ scope: LoweredCondition, _ group: [GroupKey]?, _ index: Int,
    _ node: YAMLNode, _ place: SourceSpan, _ isGroupUsed: inout Bool
  ) -> Rule? {
    guard let block = reader.block(node, .thinKeep, name: "each entry of `keep`", place: place) else { return nil }
    let selectors = block.clauses.filter { Self.selectorKeys.contains($0.key) }
    if selectors.isEmpty, block["where"] == nil, !block.hasUnknownKeys {
      reader.report(
        .missingKey, "an entry of `keep` that names nothing", at: block.place,
        help: "write a selector or a condition, such as `latest: 1` or `where: role == best`")
    }
    let id = "\(entry.id).keep[\(index)]"
    var spans = scope
    if let where_ = block["where"] {
      guard let own = condition(where_, kind) else { return nil }
      spans = .all([scope, own], at: where_.value.span)
    }
    var rule = Rule(id: id, verb: .keep, kind: kind, condition: spans.condition, sugar: id)
    if !selectors.isEmpty { isGroupUsed = true }
    if let clause = single(selectors, "an entry of `keep`") {
      if group == nil, !entry.body.hasUnknownKeys { reportUngrouped(clause, kind, in: true) }
      rule.per = group ?? []
      rule.selector = selector(clause, kind)
    }
    if !entry.id.isEmpty {
      sourceMap.entries[id] = SourceMap.Entry(id: block.place, verb: block.place, conditionNodes: spans.spans)
    }
    return rule
  }
}
