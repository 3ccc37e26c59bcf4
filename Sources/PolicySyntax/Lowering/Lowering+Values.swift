internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Values of keys: literals, texts, paths, names of facts.
extension Lowering {
  private typealias Read<Value> = (ScalarText, [String: TypedParam], inout [Diagnostic]) -> (Value, usedParam: String?)?

  private mutating func literal<Value>(_ clause: Clause?, _ shape: ValueShape, _ read: Read<Value>) -> Value? {
    guard let clause, let text = reader.scalar(clause, expected: shape.phrase),
      let (value, param) = read(text, params, &reader.diagnostics)
    else { return nil }
    use(param)
    return value
  }

  mutating func duration(_ clause: Clause?) -> TimeSpan? {
    literal(clause, .duration) { LiteralParser.duration($0, params: $1, &$2) }
  }

  mutating func size(_ clause: Clause?) -> Int64? {
    literal(clause, .size) { LiteralParser.size($0, params: $1, &$2) }
  }

  mutating func ratio(_ clause: Clause?) -> ExactDecimal? {
    literal(clause, .ratio) { LiteralParser.ratio($0, params: $1, &$2) }
  }

  mutating func count(_ clause: Clause?) -> Count? {
    literal(clause, .count) { LiteralParser.count($0, params: $1, &$2) }
  }

  mutating func sizeLimit(_ clause: Clause?) -> SizeLimit? {
    literal(clause, .sizeLimit) { LiteralParser.sizeLimit($0, params: $1, &$2) }
  }

  mutating func date(_ clause: Clause?) -> Timestamp? {
    literal(clause, .date) { LiteralParser.date($0, params: $1, &$2) }
  }

  /// A whole number in a range.
  mutating func integer(_ clause: Clause?, in range: ClosedRange<Int>) -> Int? {
    guard let clause, let value = literal(clause, .integer, { LiteralParser.integer($0, params: $1, &$2) }) else {
      return nil
    }
    guard let number = Int(exactly: value), range.contains(number) else {
      let allowed =
        range.upperBound == .max ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      reader.report(
        .outOfRange, "`\(clause.key)` is \(allowed)", at: clause.value.span, help: "write a number \(allowed)")
      return nil
    }
    return number
  }

  // MARK: - Texts

  /// A name or a sentence, in which `$` means nothing; blocks of text are welcome.
  mutating func prose(_ clause: Clause?) -> String? {
    guard let clause else { return nil }
    guard let text = reader.anyScalar(clause.value, name: "`\(clause.key)`", expected: "text") else { return nil }
    if text.bytes.isEmpty {
      reader.reportNoValue(clause.value, name: "`\(clause.key)`", expected: "text", place: clause.keySpan)
      return nil
    }
    var prose = String(decoding: text.bytes, as: UTF8.self)
    while prose.utf8.last == UInt8(ascii: "\n") { prose.removeLast() }
    return prose
  }

  /// Text that decides something; `$name` alone stands for a param.
  mutating func text(_ clause: Clause?, _ shape: ValueShape = .text) -> ByteString? {
    guard let clause else { return nil }
    return text(clause.value, name: "`\(clause.key)`", shape, place: clause.keySpan)
  }

  mutating func text(_ node: YAMLNode, name: String, _ shape: ValueShape, place: SourceSpan) -> ByteString? {
    guard let text = reader.scalar(node, name: name, expected: shape.phrase, place: place) else { return nil }
    guard text.style == .plain, let param = Self.paramName(text.bytes) else { return ByteString(text.bytes) }
    guard let value = params[param] else {
      reportUnknownParam(param, at: node.span)
      return nil
    }
    use(param)
    guard case .text(let bytes) = value.constant else {
      reader.report(
        .typeMismatch, "`$\(param)` is \(value.type.article), not text", at: node.span,
        labels: value.span.map { [.init($0, "its value")] } ?? [], help: "write \(shape.phrase)")
      return nil
    }
    return bytes
  }

  mutating func reportUnknownParam(_ name: String, at span: SourceSpan?) {
    let names = params.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let meant = Spelling.nearest(name, among: names)
    let known = names.isEmpty ? "this policy has no `params`" : "the parameters are \(ValueShape.listed(names, "and"))"
    reader.report(
      .unknownParam, "unknown parameter `\(name)`", at: span, notes: [known],
      help: meant.map { "did you mean `\($0)`?" } ?? "declare it: `params: { \(name): { default: … } }`")
  }

  /// The name when the whole text is `$name`.
  static func paramName(_ bytes: [UInt8]) -> String? {
    guard bytes.first == UInt8(ascii: "$"), isName(bytes[1...]) else { return nil }
    return String(decoding: bytes[1...], as: UTF8.self)
  }

  /// `ident` of the grammar.
  static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, isLetter(first) else { return false }
    return bytes.allSatisfy {
      isLetter($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

  /// A path as the file system will get it: nothing in it is expanded.
  mutating func path(_ clause: Clause?) -> ByteString? {
    guard let clause else { return nil }
    return path(clause.value, name: "`\(clause.key)`", place: clause.keySpan)
  }

  mutating func path(_ node: YAMLNode, name: String, place: SourceSpan) -> ByteString? {
    guard let path = text(node, name: name, .path, place: place) else { return nil }
    let bytes = path.bytes
    let isVariable =
      bytes.first == UInt8(ascii: "$") && bytes.contains(UInt8(ascii: "/")) || bytes.starts(with: Array("${".utf8))
    guard bytes.first == UInt8(ascii: "~") || isVariable else { return path }
    let rest = bytes.firstIndex(of: UInt8(ascii: "/")).map { String(decoding: bytes[$0...], as: UTF8.self) } ?? ""
    let what = isVariable ? "environment variables are not expanded" : "`~` is not expanded"
    reader.report(
      .unexpandedPath, "\(what) in a policy", at: node.span,
      caption: "whoever runs it would decide what it means", help: "write the whole path, such as `/home/NAME\(rest)`")
    return nil
  }

  // MARK: - Names of facts

  /// A fact by its name alone.
  mutating func fact(
    _ node: YAMLNode, name: String, _ kind: EntityKind, place: SourceSpan
  ) -> (reference: FactReference, definition: FactDefinition)? {
    guard let text = reader.scalar(node, name: name, expected: "the name of a fact", place: place) else { return nil }
    var names = ConditionReader(MistakeLog(text), context(kind), mode: .condition)
    let operand = names.token.kind == .end ? nil : names.readOperand()
    reader.diagnostics += names.log.diagnostics
    guard !names.log.hasErrors else { return nil }
    guard let operand, let reference = operand.operand?.fact, let definition = operand.definition,
      operand.operand?.isAge == false, operand.operand?.fallback == nil, names.token.kind == .end
    else {
      reader.report(
        .unknownWord, "\(name) takes the name of a fact", at: node.span,
        help: "write a name alone, such as `\(kind == .run ? "user" : "run.user")`")
      return nil
    }
    return (reference, definition)
  }
}
