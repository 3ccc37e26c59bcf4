internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// `facts`
extension Lowering {
  /// `known`: built-in facts and those of layouts.
  mutating func facts(_ clauses: [Clause], known: FactSchema) -> [FactDeclaration] {
    var declarations: [FactDeclaration] = []
    for clause in clauses {
      declarationSpans[clause.key] = clause.value.span
      guard isFreeName(clause, "fact", dotted: true), isNewFact(clause, known) else { continue }
      guard let block = reader.block(clause.value, .fact, name: "`\(clause.key)`", place: clause.keySpan) else {
        continue
      }
      reader.requireAll(in: block, "the fact `\(clause.key)`")
      guard let type = block["type"].flatMap({ factType($0) }) else {
        // Conditions may speak of it: one mistake, one message.
        declarations.append(FactDeclaration(name: clause.key, type: .number, better: .higher, source: nil))
        _ = source(block, clause.key, .number, .higher)
        continue
      }
      let better = block["better"].flatMap { reader.word($0, Direction.self) }
      if let written = block["better"], better != nil, !type.isRankable {
        reader.report(
          .noDirection, "\(type.article) is never better or worse", at: written.span,
          help: "delete `better`, or declare a number")
      }
      let source = source(block, clause.key, type, block["better"] == nil ? nil : better ?? .higher)
      declarations.append(FactDeclaration(name: clause.key, type: type, better: better, source: source))
    }
    return declarations.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private mutating func isNewFact(_ clause: Clause, _ known: FactSchema) -> Bool {
    let name = clause.key
    let isReserved =
      name == "age" || ["run.", "last.", "first."].contains { name.hasPrefix($0) } || Keyword(rawValue: name) != nil
    let builtIn = EntityKind.allCases.contains { kind in
      known.facts(of: kind).contains { $0.name == name && $0.origin == .builtIn }
    }
    guard isReserved || builtIn else { return true }
    reader.report(
      .contradictsBuiltIn, "`\(name)` is already the name of something else", at: clause.keySpan,
      caption: builtIn ? "a built-in fact" : "reserved", help: "choose another name")
    return false
  }

  mutating func factType(_ clause: Clause) -> FactType? {
    guard let word = reader.word(clause.value, name: "`type`", among: Keys.factTypes, place: clause.keySpan) else {
      return nil
    }
    switch word {
    case "bool": return .bool
    case "int": return .int
    case "number": return .number
    case "ratio": return .ratio
    case "bytes": return .bytes
    case "duration": return .duration
    case "time": return .time
    default: return .string
    }
  }

  private mutating func source(
    _ fact: BlockSyntax, _ name: String, _ type: FactType, _ better: Direction?
  ) -> FactDeclaration.Source? {
    guard let from = fact["from"], let block = reader.block(from, .factSource) else { return nil }
    reader.requireAll(in: block, "the source of `\(name)`")
    let file = path(block["file"])
    let take = block["take"].flatMap { reader.word($0, FactDeclaration.Take.self) } ?? (better == nil ? .last : .best)
    if let written = block["take"], take == .best, better == nil {
      reader.report(
        .factSource, "`take: best` of a fact without a direction", at: written.span,
        help: "add `better: higher` or `better: lower` to `\(name)`")
    }
    switch (block["column"], block["pointer"]) {
    case (let column?, nil):
      guard let column = text(column), let file else { return nil }
      return .column(file: file, name: column.displayText, take: take)
    case (nil, let pointer?):
      guard let text = text(pointer) else { return nil }
      guard text.bytes.first == UInt8(ascii: "/") else {
        reader.report(
          .factSource, "a JSON pointer begins with `/`", at: pointer.value.span,
          help: "write `/\(text.displayText)`", fix: (.maybe, pointer.value.span, "/\(text.displayText)"))
        return nil
      }
      guard let file else { return nil }
      return .pointer(file: file, pointer: text.displayText, take: take)
    case (_?, let pointer?):
      reader.report(
        .factSource, "`\(name)` comes from a column and from a pointer", at: pointer.span,
        help: "delete one: `column` is for CSV files, `pointer` for JSON files")
    case (nil, nil):
      if !block.hasUnknownKeys {
        reader.report(
          .factSource, "the source of `\(name)` names nothing in the file", at: block.place,
          help: "add `column: …` for a CSV file, or `pointer: /…` for a JSON file")
      }
    }
    return nil
  }
}

extension FactType {
  /// Whether values can be better than others.
  var isRankable: Bool {
    switch self {
    case .int, .number, .ratio, .bytes, .duration, .time: true
    case .bool, .string, .enumeration, .stringSet: false
    }
  }
}
