internal import PolicyDiagnostics
internal import PolicyYAML

/// Takes nodes apart by shape, and says what is wrong with them. What has been said to be wrong is `nil` from then on,
/// so that one mistake gives one message.
struct NodeReader {
  var diagnostics: [Diagnostic] = []

  mutating func report(
    _ code: Code, _ message: String, as severity: Diagnostic.Severity = .error, at span: SourceSpan?,
    caption: String = "", labels: [Diagnostic.Label] = [], notes: [String] = [], help: String? = nil,
    fix: (Diagnostic.Fix.Applicability, SourceSpan, String)? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code.rawValue, severity, message, at: span, caption: caption, labels: labels, notes: notes, help: help,
        fixes: fix.map { [Diagnostic.Fix($0.0, [.init($0.1, $0.2)])] } ?? []))
  }

  /// What the last message is about may be a password: no excerpt shows it.
  mutating func hideLast() { diagnostics[diagnostics.count - 1].isSecret = true }

  // MARK: - Shapes

  /// A single value that something was written for.
  mutating func scalar(_ clause: Clause, expected: String) -> ScalarText? {
    scalar(clause.value, name: "`\(clause.key)`", expected: expected, place: clause.keySpan)
  }

  /// `name` begins a message; `place` is used where the value itself has no extent.
  mutating func scalar(_ node: YAMLNode, name: String, expected: String, place: SourceSpan) -> ScalarText? {
    guard let text = anyScalar(node, name: name, expected: expected) else { return nil }
    if text.style == .literal || text.style == .folded {
      report(
        .blockText, "a block of text where a single value belongs",
        at: SourceSpan(
          file: node.span.file,
          range: node.span.range.lowerBound..<min(node.span.range.lowerBound + 1, node.span.range.upperBound)),
        caption: "`|` and `>` begin a block of text in YAML", help: "\(name) takes \(expected), on one line")
      return nil
    }
    if text.bytes.isEmpty {
      reportNoValue(node, name: name, expected: expected, place: place)
      return nil
    }
    return text
  }

  /// A single value, which may be empty or a block of text: conditions say themselves what is wrong with those.
  mutating func anyScalar(_ node: YAMLNode, name: String, expected: String) -> ScalarText? {
    if case .scalar(let text) = node.content { return text }
    report(
      .singleValue, "\(name) takes a single value", at: Self.opening(node), caption: "\(node.shapePhrase)",
      help: "write \(expected)")
    return nil
  }

  mutating func reportNoValue(_ node: YAMLNode, name: String, expected: String, place: SourceSpan) {
    report(
      .noValue, "\(name) has no value", at: node.span.range.isEmpty ? place : node.span,
      help: "write \(expected), or delete the key")
  }

  /// The items of a list; a single value counts as a list of one.
  mutating func items(_ clause: Clause, expected: String, mayBeEmpty: Bool = false) -> [YAMLNode]? {
    switch clause.value.content {
    case .sequence(let items):
      if items.isEmpty, !mayBeEmpty {
        report(
          .noValue, "`\(clause.key)` is an empty list", at: clause.value.span,
          help: "write \(expected), or delete the key")
        return nil
      }
      return items
    case .scalar:
      if clause.value.isEmptyPlain {
        reportNoValue(clause.value, name: "`\(clause.key)`", expected: expected, place: clause.keySpan)
        return nil
      }
      return [clause.value]
    case .mapping:
      report(
        .wrongShape, "`\(clause.key)` takes a list", at: Self.opening(clause.value), caption: "a block of keys",
        help: "write \(expected)")
      return nil
    }
  }

  /// The entries of a list of blocks.
  mutating func entries(_ clause: Clause, _ shape: ValueShape) -> [YAMLNode] {
    if case .sequence(let items) = clause.value.content { return items }
    if clause.value.isEmptyPlain {
      reportNoValue(clause.value, name: "`\(clause.key)`", expected: shape.phrase, place: clause.keySpan)
    } else {
      report(
        .wrongShape, "`\(clause.key)` takes a list", at: Self.opening(clause.value),
        caption: clause.value.shapePhrase, help: "write \(shape.phrase)")
    }
    return []
  }

  /// The pairs of a mapping whose keys are names that the user chose.
  mutating func pairs(_ clause: Clause, _ shape: ValueShape) -> [Clause] {
    guard let pairs = mapping(clause.value, name: "`\(clause.key)`", expected: shape.phrase, place: clause.keySpan)
    else { return [] }
    return unique(pairs)
  }

  /// Keys once each; the reader of YAML has reported the others.
  private func unique(_ pairs: [(key: YAMLNode, value: YAMLNode)]) -> [Clause] {
    var clauses: [Clause] = []
    for pair in pairs {
      guard let key = pair.key.word, !clauses.contains(where: { $0.key == key }) else { continue }
      clauses.append(Clause(key: key, keySpan: pair.key.span, value: pair.value))
    }
    return clauses
  }

  private mutating func mapping(
    _ node: YAMLNode, name: String, expected: String, place: SourceSpan
  ) -> [(key: YAMLNode, value: YAMLNode)]? {
    if case .mapping(let pairs) = node.content { return pairs }
    if node.isEmptyPlain {
      reportNoValue(node, name: name, expected: expected, place: place)
    } else {
      report(
        .wrongShape, "\(name) takes keys of its own", at: Self.opening(node), caption: node.shapePhrase,
        help: "write \(expected)")
    }
    return nil
  }

  // MARK: - Blocks

  mutating func block(_ clause: Clause, _ block: Block) -> BlockSyntax? {
    self.block(clause.value, block, name: "`\(clause.key)`", place: clause.keySpan)
  }

  /// A mapping with only the keys of its block. `for`: what a rule's clauses are checked against when an override holds
  /// them without their verb.
  mutating func block(
    _ node: YAMLNode, _ block: Block, name: String, place: SourceSpan, for verb: VerbWord? = nil
  ) -> BlockSyntax? {
    let keys = Keys.of(block)
    let required = keys.filter(\.isRequired).map(\.name)
    // What was written is likely the value of the only key that must be there.
    let value = required.count == 1 ? node.word.flatMap { $0.isEmpty ? nil : $0 } ?? "…" : "…"
    let example = (required.isEmpty ? Array(keys.map(\.name).prefix(3)) : required).map { "\($0): \(value)" }
    let expected = "keys such as `{ \(example.joined(separator: ", ")) }`"
    guard let pairs = mapping(node, name: name, expected: expected, place: place) else { return nil }
    let written = unique(pairs)
    let clauses = written.filter { clause in keys.contains { $0.name == clause.key } }
    var strangers = written.filter { clause in !keys.contains { $0.name == clause.key } }
    if block == .top { strangers.removeAll { $0.key.hasPrefix("x-") } }
    let syntax = BlockSyntax(
      block, span: node.span, place: pairs.first?.key.span ?? Self.opening(node), clauses: clauses,
      hasUnknownKeys: !strangers.isEmpty)
    for stranger in strangers { reportUnknown(stranger, in: syntax, verb: verb ?? syntax.verbs.first?.verb) }
    return syntax
  }

  private mutating func reportUnknown(_ clause: Clause, in syntax: BlockSyntax, verb: VerbWord?) {
    let block = syntax.block
    var keys = Keys.of(block)
    var owner = block.owner
    if block == .rule, let verb {
      keys.removeAll { key in
        (!key.verbs.isEmpty && !key.verbs.contains(verb)) || VerbWord(rawValue: key.name) != nil
      }
      owner = "`\(verb.rawValue)` rules"
    }
    let free = keys.filter { syntax[$0.name] == nil }
    let meant =
      free.first { $0.otherNames.contains(clause.key) }?.name
      ?? Spelling.nearest(clause.key, among: free.map(\.name))
    var help: String
    if let known = Self.foreignKeys[clause.key], block == .rule, meant == nil {
      help = known
    } else if let meant {
      help = "did you mean `\(meant)`?"
    } else if let home = Block.allCases.first(where: { other in
      other != block && Self.homes.contains(other) && Keys.of(other).contains { $0.name == clause.key }
    }) {
      help = "`\(clause.key)` belongs \(home.place)"
    } else {
      help = "its keys are \(keys.map { "`\($0.name)`" }.joined(separator: ", "))"
      if block == .top { help += "; keys for other tools begin with `x-`" }
    }
    var notes: [String] = []
    if block == .rule, meant == "where", let verb, verb.needsCondition, let kind = syntax[verb.rawValue]?.value.word {
      let singular = kind.hasSuffix("s") ? String(kind.dropLast()) : kind
      notes = ["without a condition this rule would match every \(singular)"]
    }
    report(
      .unknownKey, "unknown key `\(clause.key)` \(block.place)", at: clause.keySpan, caption: "not a key of \(owner)",
      notes: notes, help: help, fix: meant.map { (.maybe, clause.keySpan, $0) })
  }

  /// What rules of other languages have, and what does the same here.
  private static let foreignKeys: [String: String] = {
    let order = "delete it: the order of rules never matters, and what is kept or protected stays"
    let except = "write it into `where`: `… and not (…)`"
    return [
      "unless": except, "except": except, "exclude": except, "priority": order, "weight": order, "rank": order,
    ]
  }()

  /// The blocks that a misplaced key may be sent to; the others have keys that mean something else elsewhere.
  private static let homes: [Block] = [.top, .scan, .defaults, .trash, .limits, .rule]

  /// Reports each required key that is not there.
  mutating func require(_ keys: [String], in syntax: BlockSyntax, _ what: String) {
    guard !syntax.hasUnknownKeys else { return }
    let table = Keys.of(syntax.block)
    for name in keys where syntax[name] == nil {
      guard let key = table.first(where: { $0.name == name }) else { continue }
      report(
        .missingKey, "\(what) needs `\(name)`", at: syntax.place, help: "add `\(name)`: \(key.meaning)")
    }
  }

  mutating func requireAll(in syntax: BlockSyntax, _ what: String) {
    require(Keys.of(syntax.block).filter(\.isRequired).map(\.name), in: syntax, what)
  }

  // MARK: - Words

  /// One of a few words.
  mutating func word<Word: RawRepresentable & CaseIterable>(_ clause: Clause, _ type: Word.Type = Word.self) -> Word?
  where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    return word(clause.value, name: "`\(clause.key)`", among: words, place: clause.keySpan).flatMap {
      Word(rawValue: $0)
    }
  }

  mutating func word(_ node: YAMLNode, name: String, among words: [String], place: SourceSpan) -> String? {
    let expected = ValueShape.choice(words).phrase
    guard let text = scalar(node, name: name, expected: expected, place: place) else { return nil }
    let word = String(decoding: text.bytes, as: UTF8.self)
    if words.contains(word) { return word }
    let meant = Spelling.nearest(word, among: words)
    report(
      .unknownWord, "\(name) takes \(expected), not `\(word)`", at: node.span,
      help: meant.map { "did you mean `\($0)`?" } ?? "write \(expected)",
      fix: meant.map { (.maybe, node.span, $0) })
    return nil
  }

  /// Several of a few words, each once.
  mutating func words<Word: RawRepresentable & CaseIterable & Hashable>(
    _ clause: Clause, _ type: Word.Type = Word.self
  ) -> [Word]? where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    let before = diagnostics.count
    guard let items = items(clause, expected: "`[\(words[0])]`") else { return nil }
    var found: [Word] = []
    for item in items {
      guard let name = word(item, name: "`\(clause.key)`", among: words, place: clause.keySpan),
        let value = Word(rawValue: name)
      else { continue }
      if !found.contains(value) { found.append(value) }
    }
    return diagnostics.count == before ? found : nil
  }

  /// The first line of a node: enough to show where it is.
  static func opening(_ node: YAMLNode) -> SourceSpan {
    switch node.content {
    case .scalar: return node.span
    case .sequence(let items): return items.first.map { opening($0) } ?? node.span
    case .mapping(let pairs): return pairs.first?.key.span ?? node.span
    }
  }
}
