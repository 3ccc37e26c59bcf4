internal import PolicyCore
internal import PolicyDiagnostics

/// Names of facts, `age(…)` and `??`.
extension ConditionReader {
  /// `nil` after a syntax mistake; an unknown fact gives an operand without a type.
  mutating func readOperand() -> TypedOperand? {
    let name = advance()
    guard case .name(let word) = name.kind else { return nil }
    var operand: TypedOperand
    if word == "age", token.kind == .open {
      guard let age = readAgeOf(name) else { return nil }
      operand = age
    } else {
      operand = resolve(word, name.range)
    }
    if token.kind == .coalesce, !readFallback(&operand) { return nil }
    return operand
  }

  func isFact(_ word: String) -> Bool { lookUp(word) != nil }

  /// What a name means, `nil` for an unknown one.
  func lookUp(_ word: String) -> (reference: FactReference, isAge: Bool, definition: FactDefinition?)? {
    if word == "age" {
      let stamp = context.defaultStamp
      return (stamp, true, context.schema.definition(of: stamp, on: context.kind))
    }
    var reference = FactReference(word)
    if word.hasPrefix("run."), context.kind == .checkpoint {
      reference = FactReference(String(word.dropFirst(4)), scope: .run)
      if reference.name == "age" {
        let stamp = FactReference(context.runStamp.name, scope: .run)
        return context.schema.definition(of: stamp, on: .checkpoint).map { (stamp, true, $0) }
      }
    }
    return context.schema.definition(of: reference, on: context.kind).map { (reference, false, $0) }
  }

  private mutating func resolve(_ word: String, _ range: Range<Int>) -> TypedOperand {
    guard let (reference, isAge, definition) = lookUp(word) else {
      reportUnknown(word, range)
      return TypedOperand(operand: nil, type: nil, isOptional: true, definition: nil, spelled: word, range: range)
    }
    return TypedOperand(
      operand: Operand(reference, isAge: isAge), type: isAge ? .duration : definition?.type,
      isOptional: definition?.isOptional ?? true, definition: definition, spelled: word, range: range)
  }

  private mutating func readAgeOf(_ age: ConditionToken) -> TypedOperand? {
    let open = advance()
    let argument = token
    guard case .name(let word) = argument.kind else {
      if argument.kind != .mistake {
        log.add(
          "P0102", "expected the name of a time stamp in `age(…)`",
          at: argument.kind == .close || argument.kind == .end ? age.range : argument.range,
          help: "write `age(finished_at)`, or `age` alone for the default")
      }
      return nil
    }
    advance()
    let end = token.range.upperBound
    guard take(.close) else {
      if token.kind != .mistake {
        let isEnd = token.kind == .end
        log.add(
          "P0102", isEnd ? "`(` is never closed" : "expected `)` after `\(word)`", at: isEnd ? open.range : token.range,
          caption: isEnd ? "opened here" : "", help: "write `age(\(word))`")
      }
      return nil
    }
    let range = age.range.lowerBound..<end
    if context.schema.runs.isEmpty, word == context.defaultStamp.name {
      // Without a schema the default stamp is the only name: what `age` alone is spelled as can be read again.
      var operand = resolve("age", range)
      operand.spelled = "age(\(word))"
      return operand
    }
    var operand = resolve(word, argument.range)
    operand.spelled = "age(\(word))"
    operand.range = range
    guard let type = operand.type else { return operand }
    if type == .time {
      operand.operand?.isAge = true
      operand.type = .duration
    } else {
      let isAge = operand.operand?.isAge ?? false
      log.add(
        "P0202", "`age(…)` counts from a time stamp", at: argument.range,
        caption: "\(type.article)", help: isAge ? "write `\(word)` alone" : "write `age(finished_at)`, or `age` alone")
      operand.operand = nil
      operand.type = nil
    }
    return operand
  }

  private mutating func readFallback(_ operand: inout TypedOperand) -> Bool {
    let symbol = advance()
    guard let constant = readConstant(for: operand, after: symbol) else { return false }
    let range = symbol.range.lowerBound..<constant.range.upperBound
    operand.range = operand.range.lowerBound..<constant.range.upperBound
    guard let type = operand.type else {
      _ = fit(constant, operand, .fallback)
      return true
    }
    if type == .stringSet {
      log.add(
        "P0202", "`??` does not apply to a set", at: range, help: "delete `??` and its value: a set is never missing")
      operand.operand = nil
      operand.type = nil
      return true
    }
    if !operand.isOptional {
      log.add(
        "P0206", .warning, "`\(operand.spelled)` is never missing", at: range, caption: "has no effect",
        help: "delete `??` and its value", replacement: "")
    }
    guard let fitted = fit(constant, operand, .fallback) else {
      // The rest is still checked against the fact's type, but gives no condition.
      operand.operand = nil
      return true
    }
    operand.operand?.fallback = fitted
    return true
  }

  // MARK: - Unknown facts

  private mutating func reportUnknown(_ word: String, _ range: Range<Int>) {
    let schema = context.schema
    if schema.runs.isEmpty, schema.checkpoints.isEmpty {
      log.add("P0201", "unknown fact `\(word)`", at: range, help: "only `age` is known here", replacement: "age")
      return
    }
    let own = schema.facts(of: context.kind)
    let declared = own.filter { $0.origin == .declared }.prefix(8).map { "`\($0.name)`" }
    var notes = declared.isEmpty ? [] : ["facts declared in this file: \(declared.joined(separator: ", "))"]
    var (caption, help, replacement): (String, String?, String?) = ("", nil, nil)
    if let hint = otherKind(word) {
      (caption, help, replacement) = hint
    } else if let truth = WordTraps.truths[word] {
      help = "write `\(truth)`"
    } else if let fact = own.first(where: { isMember(word, of: $0.type) }) {
      caption = "a value of `\(fact.name)`"
      help = "write `\(fact.name) == \(word)`"
    } else if let meant = Self.otherNames[word.lowercased()], isFact(meant) {
      help = "did you mean `\(meant)`?"
      replacement = meant
    } else if let meant = Spelling.nearest(word, among: knownNames()) {
      let lookAlikes = Spelling.lookAlikes(word, meant)
      caption = lookAlikes.joined(separator: ", ")
      help = "did you mean `\(meant)`?"
      replacement = meant
    } else if context.params[word] != nil {
      help = "a condition starts with the name of a fact; `$\(word)` can stand on the right side"
    } else {
      help = "declare it in `facts`"
    }
    if !caption.isEmpty, replacement == nil || caption.hasPrefix("a ") || caption.hasPrefix("the ") { notes = [] }
    log.add(
      "P0201", "unknown fact `\(written(range))`", at: range, caption: caption, notes: notes, help: help,
      replacement: replacement)
  }

  private func isMember(_ word: String, of type: FactType) -> Bool {
    if case .enumeration(let members) = type { return members.contains(word) }
    return false
  }

  private func knownNames() -> [String] {
    let own = context.schema.facts(of: context.kind).map(\.name) + ["age"]
    guard context.kind == .checkpoint else { return own }
    return own + context.schema.runs.map { "run." + $0.name } + ["run.age"]
  }

  /// Facts of the other kind, and `run.` where the rule speaks of runs already.
  private func otherKind(_ word: String) -> (String, String?, String?)? {
    let schema = context.schema
    if context.kind == .checkpoint {
      guard schema.runs.contains(where: { $0.name == word }) else { return nil }
      return ("a fact of runs", "write `run.\(word)`", "run.\(word)")
    }
    if word.hasPrefix("run.") {
      let bare = String(word.dropFirst(4))
      guard isFact(bare) else { return nil }
      return ("the rule speaks of runs already", "write `\(bare)`", bare)
    }
    guard schema.checkpoints.contains(where: { $0.name == word }) else { return nil }
    let near = Spelling.nearest(word, among: schema.runs.map(\.name))
    let also = near.map { "; did you mean `\($0)`?" } ?? ""
    return ("a fact of checkpoints", "a rule on runs cannot speak of it\(also)", nil)
  }

  /// What other tools call these facts.
  private static let otherNames: [String: String] = [
    "size": "bytes", "owner": "user", "username": "user", "status": "state", "mtime": "modified_at",
    "modified": "modified_at", "updated_at": "modified_at", "created": "created_at", "btime": "created_at",
    "started": "started_at", "ended_at": "finished_at", "end": "finished_at", "tag": "tags", "label": "tags",
    "labels": "tags", "pin": "pinned", "directory": "path", "folder": "path", "map": "mAP50-95", "map50-95": "mAP50-95",
  ]
}
