internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// `params`, and the values that the command line gives them.
extension Lowering {
  /// Declares what the files declare. Conditions and values read later know them.
  mutating func declareParams(_ clauses: [Clause]) {
    for clause in clauses {
      guard isFreeName(clause, "param") else { continue }
      guard let block = reader.block(clause.value, .param, name: "`\(clause.key)`", place: clause.keySpan) else {
        assume(clause)
        continue
      }
      reader.requireAll(in: block, "the param `\(clause.key)`")
      _ = prose(block["description"])
      guard let value = block["default"],
        let text = reader.anyScalar(value.value, name: "`default`", expected: ValueShape.literal.phrase)
      else { continue }
      if text.style == .literal || text.style == .folded || (text.style == .plain && text.bytes.isEmpty) {
        // Says what is wrong with it.
        _ = reader.scalar(value, expected: ValueShape.literal.phrase)
        continue
      }
      guard let (type, constant) = LiteralParser.untyped(text, &reader.diagnostics) else { continue }
      params[clause.key] = TypedParam(name: clause.key, type: type, constant: constant, span: value.value.span)
    }
  }

  /// `n: 2` is one mistake: where `$n` stands it is taken for the default that is meant.
  private mutating func assume(_ clause: Clause) {
    guard case .scalar(let text) = clause.value.content, !text.bytes.isEmpty else { return }
    var ignored: [Diagnostic] = []
    guard let (type, constant) = LiteralParser.untyped(text, &ignored) else { return }
    params[clause.key] = TypedParam(name: clause.key, type: type, constant: constant, span: clause.value.span)
  }

  /// Puts values from the command line in the place of defaults. Each is a source of its own, so that messages can show
  /// it; `declared` are the names that the files declare, with or without mistakes.
  mutating func setParams(_ values: [(name: String, value: String)], declared: [String], _ sources: inout SourceSet) {
    for (name, value) in values {
      let bytes = Array("\(name)=\(value)".utf8)
      let file = sources.add(SourceText(path: "--set", bytes: bytes))
      let start = name.utf8.count + 1
      guard let param = params[name] else {
        if !declared.contains(name) {
          reportUnknownParam(name, at: SourceSpan(file: file, range: 0..<name.utf8.count))
        }
        continue
      }
      let text = ScalarText(
        bytes: Array(value.utf8), offsets: Array(start...bytes.count), file: file, style: .plain)
      guard let constant = constant(text, fitting: param) else { continue }
      params[name] = TypedParam(name: name, type: param.type, constant: constant, span: nil)
    }
  }

  /// The value that the text spells, when it fits the type of the default.
  private mutating func constant(_ text: ScalarText, fitting param: TypedParam) -> Constant? {
    if param.type == .string { return .text(ByteString(text.bytes)) }
    guard !text.bytes.isEmpty else {
      reader.report(
        .noValue, "`--set \(param.name)=` has no value", at: SourceSpan(file: text.file, range: 0..<text.offsets[0]),
        help: param.type.spelling)
      return nil
    }
    guard let (type, constant) = LiteralParser.untyped(text, &reader.diagnostics) else { return nil }
    if Self.fits(constant, type, param.type) { return constant }
    let written = String(decoding: text.bytes, as: UTF8.self)
    reader.report(
      .typeMismatch, "the param `\(param.name)` is \(param.type.article), and `\(written)` is not",
      at: text.span(0..<text.bytes.count),
      labels: param.span.map { [.init($0, "its default")] } ?? [], help: param.type.spelling)
    return nil
  }

  private static func fits(_ constant: Constant, _ type: FactType, _ expected: FactType) -> Bool {
    guard expected.isNumeric, case .number(let number) = constant else { return type == expected }
    switch expected {
    case .int: return number.wholeNumber != nil
    case .ratio: return !number.isNegative && number <= ExactDecimal(1)
    case .number: return true
    case .bool, .bytes, .duration, .time, .string, .enumeration, .stringSet: return false
    }
  }

  /// The values in force, as the policy carries them.
  var paramsInForce: [Param] {
    params.values.map { param in
      var isInteger = false
      if case .number(let number) = param.constant { isInteger = number.wholeNumber != nil }
      var value = LiteralPrinter.text(param.constant)
      if case .text(let text) = param.constant { value = LiteralPrinter.quoted(text) }
      return Param(name: param.name, value: value, isInteger: isInteger)
    }
  }

  /// A name that can be written after `$` or in a condition, and that no other file has taken.
  mutating func isFreeName(_ clause: Clause, _ what: String, dotted: Bool = false) -> Bool {
    let key = "\(what) \(clause.key)"
    let parts = clause.key.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (dotted || parts.count == 1), parts.allSatisfy({ Self.isName(Array($0)[...]) }) else {
      reader.report(
        .badName, "`\(clause.key)` cannot be the name of a \(what)", at: clause.keySpan,
        help: "begin with a letter, and use letters, digits, `_` and `-`")
      return false
    }
    if let first = idSpans[key] {
      reader.report(
        .duplicateName, "the \(what) `\(clause.key)` is declared twice", at: clause.keySpan,
        labels: [.init(first, "first here")], help: "delete one, or rename it")
      return false
    }
    idSpans[key] = clause.keySpan
    return true
  }
}
