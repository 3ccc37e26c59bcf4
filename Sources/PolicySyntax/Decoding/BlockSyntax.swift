internal import PolicyDiagnostics
internal import PolicyYAML

/// A key with its value, as written.
struct Clause {
  let key: String
  let keySpan: SourceSpan
  let value: YAMLNode

  /// Key and value together.
  var span: SourceSpan {
    let end = max(keySpan.range.upperBound, value.span.range.upperBound)
    return SourceSpan(file: keySpan.file, range: keySpan.range.lowerBound..<end)
  }
}

/// A mapping as written, each key of which is one of its block's.
struct BlockSyntax {
  let block: Block
  /// The whole mapping.
  let span: SourceSpan
  private(set) var clauses: [Clause]
  /// A key was refused: what seems to be missing is probably what it means, so nothing missing is reported.
  let hasUnknownKeys: Bool
  /// Where to say that something is missing: the first key, else the mapping.
  let place: SourceSpan

  init(_ block: Block, span: SourceSpan, place: SourceSpan, clauses: [Clause], hasUnknownKeys: Bool) {
    self.block = block
    self.span = span
    self.place = place
    self.clauses = clauses
    self.hasUnknownKeys = hasUnknownKeys
  }

  /// By key, for the source map.
  var clauseSpans: [String: SourceSpan] {
    Dictionary(clauses.map { ($0.key, $0.span) }, uniquingKeysWith: { first, _ in first })
  }

  subscript(key: String) -> Clause? { clauses.first { $0.key == key } }

  /// Puts a clause in the place of the one with the same key, or at the end.
  mutating func replace(_ clause: Clause) {
    if let index = clauses.firstIndex(where: { $0.key == clause.key }) {
      clauses[index] = clause
    } else {
      clauses.append(clause)
    }
  }

  /// The verbs of a rule; `keep` beside `thin` is the list of what thinning leaves.
  var verbs: [(verb: VerbWord, clause: Clause)] {
    let found = clauses.compactMap { clause in VerbWord(rawValue: clause.key).map { ($0, clause) } }
    guard found.contains(where: { $0.0 == .thin }) else { return found }
    return found.filter { verb, clause in
      if verb == .keep, case .sequence = clause.value.content { return false }
      return true
    }
  }
}

extension YAMLNode {
  /// The scalar's value as text; `nil` for lists and blocks.
  var word: String? {
    guard case .scalar(let text) = content else { return nil }
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// Nothing was written where a value could be.
  var isEmptyPlain: Bool {
    guard case .scalar(let text) = content else { return false }
    return text.style == .plain && text.bytes.isEmpty
  }

  /// "a list", "a block of keys", "a single value".
  var shapePhrase: String {
    switch content {
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a block of keys"
    }
  }
}
