internal import PolicyDiagnostics

/// What YAML allows and policies do not: one message each.
enum Findings {
  static func emptyFile(_ file: Int) -> Diagnostic {
    Diagnostic(
      "P0026", .error, "this file holds no policy", at: SourceSpan(file: file, range: 0..<0),
      help: "a policy begins with `version: 1`")
  }

  static func directive(at span: SourceSpan) -> Diagnostic {
    Diagnostic("P0027", .error, "YAML directives are not part of this language", at: span, help: "delete this line")
  }

  static func secondDocument(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "P0008", .error, "a second document in one file", at: span, caption: "another one begins here",
      help: "move it to a file of its own, and name that under `imports` if its rules are meant to count here")
  }

  static func tooDeep(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "P0022", .error, "this is nested too deeply", at: span, caption: "level \(YAMLReader.largestDepth + 1)",
      notes: ["a policy needs five levels; \(YAMLReader.largestDepth) are read"])
  }

  static func tooMany(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "P0023", .error, "this file has too many values", at: span, notes: ["\(YAMLReader.mostNodes) are read"],
      help: "move parts of it to files of their own and name them under `imports`")
  }

  static func duplicate(_ name: [UInt8], at span: SourceSpan, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      "P0003", .error, "the key `\(String(decoding: name, as: UTF8.self))` stands twice", at: span, caption: "again",
      labels: [.init(first, "first")], notes: ["YAML readers silently take one of them"], help: "keep one of them")
  }

  static func badKey(at span: SourceSpan) -> Diagnostic {
    Diagnostic("P0004", .error, "a key must be a word", at: span, help: "write `key: value`")
  }

  static func mergeKey(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "P0006", .error, "merge keys are not part of this language", at: span,
      help: "write the keys out, or share rules by `imports`")
  }

  static func alias(at span: SourceSpan, _ source: SourceText) -> Diagnostic {
    let text = source.shown(span.range)
    return Diagnostic(
      "P0007", .error, "YAML reads `\(text)` as an alias", at: span, caption: "not as a pattern",
      help: "quote the pattern: `\"\(text)\"`")
  }

  /// A tag or an anchor before a value. `value` is the text of a scalar, `nil` for lists and mappings.
  static func property(
    _ properties: NodeProperties, value: Range<Int>?, under key: String?, _ source: SourceText, file: Int
  ) -> Diagnostic {
    if let tag = properties.tag { return self.tag(tag, value, under: key, source, file: file) }
    let range = properties.anchor ?? properties.valueStart..<properties.valueStart
    return Diagnostic(
      "P0007", .error, "anchors and aliases are not part of this language",
      at: SourceSpan(file: file, range: source.visible(range)), caption: "an anchor",
      help: "write the value out where it is needed, or make it one of `params`; quote it when `&` belongs to it")
  }

  private static func tag(
    _ tag: Range<Int>, _ value: Range<Int>?, under key: String?, _ source: SourceText, file: Int
  ) -> Diagnostic {
    let written = source.shown(tag)
    let rest = value.map { source.shown(source.trimmed($0)) } ?? ""
    guard key == "where", written.dropFirst().first != "!" else {
      return Diagnostic(
        "P0005", .error, "YAML tags are not part of this language", at: SourceSpan(file: file, range: tag),
        caption: "a tag", help: "write the value without it; quote the value when `!` belongs to it")
    }
    let negated = written.dropFirst() + (written.count > 1 && !rest.isEmpty ? " " : "") + rest
    guard !rest.isEmpty, let value else {
      return Diagnostic(
        "P0005", .error, "a YAML tag would drop this condition", at: SourceSpan(file: file, range: tag),
        caption: "YAML reads `\(written)` as a tag: nothing is left of the condition",
        help: "write `\(Self.not(negated))`")
    }
    // From the tag to the end of the first word behind it: enough to see what YAML makes of it.
    let word = source.bytes[value].firstIndex { $0.isBlank || $0.isLineBreak } ?? value.upperBound
    return Diagnostic(
      "P0005", .error, "a YAML tag would drop part of this condition",
      at: SourceSpan(file: file, range: tag.lowerBound..<word),
      caption: "YAML reads `\(written)` as a tag: the condition left would be `\(rest)`",
      help: "write `\(Self.not(negated))`")
  }

  /// `missing(x)` is how other languages write `x is missing`.
  private static func not(_ condition: String) -> String {
    if condition.hasPrefix("missing("), condition.hasSuffix(")") {
      return "\(condition.dropFirst(8).dropLast()) is not missing"
    }
    // As in other languages, it speaks of what stands next to it, not of all that follows.
    let isOne = !condition.contains(" and ") && !condition.contains(" or ") && !condition.hasPrefix("(")
    return isOne ? "not (\(condition))" : "not \(condition)"
  }
}
