internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// `rules`
extension Lowering {
  static let selectorKeys = ["latest", "oldest", "best", "every"]
  private enum Place: String, CaseIterable { case archive }
  private enum Need: String, CaseIterable { case backup }

  /// The rules that one entry means: several for `thin`.
  mutating func rules(_ entry: EntrySyntax) -> [Rule] {
    guard let (verb, clause) = verb(of: entry), let kind = kind(clause, verb) else { return [] }
    let body = entry.body
    let selectors = body.clauses.filter { Self.selectorKeys.contains($0.key) }
    checkClauses(entry, verb, selectors)
    if verb.needsCondition, body["where"] == nil, !body.hasUnknownKeys {
      reader.report(
        .missingCondition, "\(entry.called) has no `where`", at: clause.span,
        caption: "would \(verb.rawValue) every \(kind.rawValue)",
        help: "add `where: …`, or `where: true` if all are meant")
    }
    let written = body["where"].map { condition($0, kind) } ?? .everything(at: clause.span)
    let where_ = written ?? .everything(at: clause.span)
    var rule = Rule(
      id: entry.id, verb: verb.lowered, kind: kind, condition: where_.condition,
      sugar: verb == .keep && NodeReader.thinnedRule(entry.id) != nil ? entry.id : nil)
    rule.because = prose(body["because"])
    var allowanceSpans: [SourceSpan] = []
    rule.allow = allowances(body["allow"], &allowanceSpans)
    lowerModifiers(entry, verb, clause, &rule)
    sourceMap.entries[entry.id] = SourceMap.Entry(
      id: entry.idSpan, verb: clause.keySpan, conditionNodes: where_.spans, clauses: body.clauseSpans)
    sourceMap.entries[entry.id]?.allowances = allowanceSpans
    switch verb {
    case .protect, .keep:
      lowerSelector(entry, selectors, &rule)
      return [rule]
    case .trash, .archive, .backup: return [rule]
    case .thin: return [rule] + thinned(entry, clause, kind, where_)
    }
  }

  private mutating func lowerModifiers(_ entry: EntrySyntax, _ verb: VerbWord, _ clause: Clause, _ rule: inout Rule) {
    let body = entry.body
    // A clause that its verb does not use has been refused; it is not read again.
    func used(_ key: String) -> Clause? {
      guard let table = Keys.of(.rule).first(where: { $0.name == key }), table.verbs.contains(verb) else { return nil }
      return body[key]
    }
    rule.after = duration(used("after"))
    if let relief = used("yields_to") { rule.yieldsTo = Set(reader.words(relief, Relief.self) ?? []) }
    if let needs = used("requires") { rule.requiresBackup = reader.words(needs, Need.self)?.contains(.backup) ?? true }
    if let place = used("in"), reader.word(place, Place.self) == .archive { rule.tier = .archived }
    if let to = used("to") {
      rule.target = verb == .backup ? backupTarget(to) : archiveTarget(to)
    } else if verb == .archive, !hasArchiveTarget {
      reader.report(
        .noArchiveTarget, "\(entry.called) has no place to put archives", at: clause.span,
        help: "add `archive: { to: /path }` to the policy, or `to` to the rule")
    } else if verb == .backup, !hasBackupTarget {
      reader.report(
        .noBackupTarget, "\(entry.called) has no place to put backups", at: clause.span,
        help: "add `backup: { to: /path }` to the policy, or `to` to the rule")
    }
  }

  // MARK: - Verb and kind

  private mutating func verb(of entry: EntrySyntax) -> (VerbWord, Clause)? {
    let verbs = entry.body.verbs
    if let first = verbs.first, verbs.count == 1 { return first }
    let all = VerbWord.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    if verbs.count > 1 {
      reader.report(
        .verbCount, "\(entry.called) has \(verbs.count) verbs", at: verbs[1].clause.keySpan,
        caption: "and `\(verbs[1].verb.rawValue)`",
        labels: [.init(verbs[0].clause.keySpan, "`\(verbs[0].verb.rawValue)`")],
        help: "write a rule of its own for each")
    } else if !entry.body.hasUnknownKeys {
      reader.report(
        .verbCount, "\(entry.called) has no verb", at: entry.idSpan,
        help: "add one of \(all) with `runs` or `checkpoints`, such as `keep: runs`")
    }
    return nil
  }

  /// `runs` or `checkpoints`.
  private mutating func kind(_ clause: Clause, _ verb: VerbWord) -> EntityKind? {
    if verb == .keep, case .sequence = clause.value.content {
      reader.report(
        .badKind, "`keep` takes `runs` or `checkpoints`, not a list", at: clause.keySpan,
        help: "write `keep: runs`; a list of what to keep belongs to `thin`")
      return nil
    }
    return kind(clause)
  }

  mutating func kind(_ clause: Clause) -> EntityKind? {
    guard let text = reader.scalar(clause, expected: ValueShape.kind.phrase) else { return nil }
    let word = String(decoding: text.bytes, as: UTF8.self)
    if let kind = EntityKind.allCases.first(where: { $0.plural == word }) { return kind }
    let words = EntityKind.allCases.map(\.plural)
    let others = ["experiments": "runs", "exps": "runs", "models": "checkpoints", "weights": "checkpoints"]
    let meant = others[word] ?? Spelling.nearest(word, among: words)
    reader.report(
      .badKind, "`\(clause.key)` takes `runs` or `checkpoints`, not `\(word)`", at: clause.value.span,
      help: meant.map { "did you mean `\($0)`?" } ?? "write `\(clause.key): runs` or `\(clause.key): checkpoints`",
      fix: meant.map { (.maybe, clause.value.span, $0) })
    // The policy is lost; reading on as if the right word stood there finds the other mistakes of this run.
    return EntityKind.allCases.first { $0.plural == meant }
  }

  // MARK: - Clauses

  /// A clause that its verb does not use is an error, never ignored.
  private mutating func checkClauses(_ entry: EntrySyntax, _ verb: VerbWord, _ selectors: [Clause]) {
    if !verb.takesSelector, let selector = selectors.first {
      let help =
        verb == .thin
        ? "put it in the `keep` list: `keep: [ { \(selector.key): … } ]`"
        : "write a `keep` rule with it: what a rule keeps, no rule trashes"
      reader.report(
        .selectorOnWrongVerb, "`\(selector.key)` chooses what stays, and `\(verb.rawValue)` does not",
        at: selector.keySpan, caption: "not on `\(verb.rawValue)` rules", help: help)
    }
    for clause in entry.body.clauses where !Self.selectorKeys.contains(clause.key) {
      guard let key = Keys.of(.rule).first(where: { $0.name == clause.key }), !key.verbs.isEmpty,
        !key.verbs.contains(verb)
      else { continue }
      // The selector that it belongs to has been reported.
      if clause.key == "per", !selectors.isEmpty { continue }
      reader.report(
        .unusedClause, "`\(clause.key)` means nothing on `\(verb.rawValue)` rules", at: clause.keySpan,
        caption: "only for \(ValueShape.listed(key.verbs.map(\.rawValue), "and"))", help: unusedHelp(clause.key, verb))
    }
  }

  private func unusedHelp(_ key: String, _ verb: VerbWord) -> String {
    switch (key, verb) {
    case ("after", .keep), ("after", .protect), ("after", .backup):
      "write it in the condition: `where: age >= 24h`, or `age < 24h` for the young ones"
    case ("per", _): "delete it: it groups what a selector chooses from"
    case ("yields_to", .protect): "delete it, or make the rule a `keep`: nothing passes a `protect`"
    default: "delete it"
    }
  }

  private mutating func allowances(_ clause: Clause?, _ spans: inout [SourceSpan]) -> [Allowance] {
    guard let clause else { return [] }
    return reader.entries(clause, .blocks(.allowance)).compactMap { node in
      guard let block = reader.block(node, .allowance, name: "each entry of `allow`", place: clause.keySpan) else {
        return nil
      }
      reader.requireAll(in: block, "an `allow` entry")
      let until = date(block["until"])
      let because = prose(block["because"])
      guard let written = block["code"], let code = text(written)?.displayText else { return nil }
      let bytes = Array(code.utf8)
      guard bytes.count == 5, bytes[0] == UInt8(ascii: "P"), bytes[1...].allSatisfy({ (48...57).contains($0) }) else {
        reader.report(
          .badName, "`\(code)` is not the code of a finding", at: written.value.span,
          help: "write a code such as `P0330`")
        return nil
      }
      spans.append(node.span)
      return Allowance(code: code, until: until, because: because)
    }
  }
}

extension VerbWord {
  /// What the rule itself becomes.
  var lowered: Verb {
    switch self {
    case .protect: .protect
    case .keep: .keep
    case .trash, .thin: .trash
    case .archive: .archive
    case .backup: .backup
    }
  }
}
