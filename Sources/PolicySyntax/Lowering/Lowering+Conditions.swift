internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// A condition and where each of its nodes was written, in pre-order.
struct LoweredCondition {
  var condition: Condition
  var spans: [SourceSpan]

  /// What a missing `where` means.
  static func everything(at span: SourceSpan) -> LoweredCondition {
    LoweredCondition(condition: .always, spans: [span])
  }

  /// All of them; `span` is used for the node that joins them.
  static func all(_ parts: [LoweredCondition], at span: SourceSpan) -> LoweredCondition {
    guard parts.count != 1 else { return parts[0] }
    let joined = LoweredCondition(condition: .all(parts.map(\.condition)), spans: [span] + parts.flatMap(\.spans))
    return joined.flattened
  }

  /// Without joins inside joins of the same kind and without `true` among others: what is written in one way or the
  /// other is one policy, with one digest.
  var flattened: LoweredCondition {
    var rest = spans[...]
    return Self.flatten(condition, &rest)
  }

  private static func flatten(_ condition: Condition, _ spans: inout ArraySlice<SourceSpan>) -> LoweredCondition {
    // INVARIANT: one span a node; a shorter list would only blur the places in messages.
    let own = spans.popFirst() ?? SourceSpan(file: 0, range: 0..<0)
    switch condition {
    case .all(let parts):
      return join(parts, own, &spans, { .all($0) }) { part in
        if case .all(let inner) = part { return inner }
        return part == .always ? [] : nil
      }
    case .any(let parts):
      return join(parts, own, &spans, { .any($0) }) { part in
        if case .any(let inner) = part { return inner }
        return nil
      }
    case .not(let inner):
      let flat = flatten(inner, &spans)
      return LoweredCondition(condition: .not(flat.condition), spans: [own] + flat.spans)
    case .always, .compare, .member, .matches, .has, .isMissing, .flag:
      return LoweredCondition(condition: condition, spans: [own])
    }
  }

  /// `opened`: the parts of a part that can be taken out of its own join, none for one that says nothing.
  private static func join(
    _ parts: [Condition], _ own: SourceSpan, _ spans: inout ArraySlice<SourceSpan>,
    _ make: ([Condition]) -> Condition, opened: (Condition) -> [Condition]?
  ) -> LoweredCondition {
    var conditions: [Condition] = []
    var nodes: [SourceSpan] = []
    for part in parts {
      let flat = flatten(part, &spans)
      if let inner = opened(flat.condition) {
        conditions += inner
        nodes += flat.spans.dropFirst()
      } else {
        conditions.append(flat.condition)
        nodes += flat.spans
      }
    }
    if conditions.isEmpty { return LoweredCondition(condition: .always, spans: [own]) }
    if conditions.count == 1 { return LoweredCondition(condition: conditions[0], spans: nodes) }
    return LoweredCondition(condition: make(conditions), spans: [own] + nodes)
  }
}

extension Lowering {
  /// The value of `where`: one condition, or a list that is and-ed.
  mutating func condition(_ clause: Clause, _ kind: EntityKind) -> LoweredCondition? {
    switch clause.value.content {
    case .scalar(let text):
      if text.style == .literal || text.style == .folded {
        // Says what is wrong with it, at its first line.
        _ = reader.scalar(clause, expected: "a condition, or a list of conditions that is and-ed")
        return nil
      }
      return condition(text, kind)?.flattened
    case .mapping:
      reader.report(
        .singleValue, "`\(clause.key)` takes a condition", at: NodeReader.opening(clause.value),
        caption: "a block of keys", help: "write a test such as `state == failed`, or a list of tests")
      return nil
    case .sequence(let items):
      if items.isEmpty {
        reader.report(
          .emptyCondition, "an empty list of conditions", at: clause.value.span,
          notes: ["an empty condition would match everything"], help: "write a condition, or `true` for everything")
        return nil
      }
      var parts: [LoweredCondition] = []
      var isWhole = true
      for item in items {
        guard let text = reader.anyScalar(item, name: "each item of `\(clause.key)`", expected: "a condition"),
          let part = condition(text, kind)
        else {
          isWhole = false
          continue
        }
        parts.append(part)
      }
      return isWhole ? .all(parts, at: clause.value.span).flattened : nil
    }
  }

  private mutating func condition(_ text: ScalarText, _ kind: EntityKind) -> LoweredCondition? {
    guard let parsed = ConditionParser.parse(text, context(kind), &reader.diagnostics) else { return nil }
    for name in parsed.usedParams { use(name) }
    return LoweredCondition(condition: parsed.condition, spans: parsed.nodeSpans)
  }

  /// The value of `order`; `[age desc]` when there is none.
  mutating func order(_ clause: Clause?, _ context: ConditionContext) -> [OrderKey]? {
    guard let clause else {
      return [.fact(Operand(context.defaultStamp, isAge: true), ascending: false, missing: nil)]
    }
    guard let items = reader.items(clause, expected: "`[age desc]`") else { return nil }
    var keys: [OrderKey] = []
    for item in items {
      guard let text = reader.anyScalar(item, name: "each item of `order`", expected: "a key such as `age desc`"),
        let (key, names) = ConditionParser.parseOrderKey(text, context, &reader.diagnostics)
      else { continue }
      for name in names { use(name) }
      keys.append(key)
    }
    return keys.count == items.count ? keys : nil
  }
}
