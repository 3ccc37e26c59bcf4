internal import PolicyDiagnostics
internal import PolicyYAML

/// An entry of `rules`, `quotas`, `pressure` or `never`, as written.
struct EntrySyntax {
  /// Empty after a mistake in it.
  let id: String
  let idSpan: SourceSpan
  var body: BlockSyntax

  /// How messages speak of it.
  var called: String {
    let what =
      switch body.block {
      case .quota: "quota"
      case .pressure: "pressure entry"
      case .property: "property"
      default: "rule"
      }
    return id.isEmpty ? "this \(what)" : "\(what) `\(id)`"
  }
}

extension NodeReader {
  /// The entries of a list, each with a usable id as far as it has one.
  mutating func entries(_ clause: Clause, of block: Block) -> [EntrySyntax] {
    entries(clause, .blocks(block)).compactMap { node in
      guard let body = self.block(node, block, name: "each entry of `\(clause.key)`", place: clause.keySpan) else {
        return nil
      }
      let id = id(body)
      let entry = EntrySyntax(id: id ?? "", idSpan: body["id"]?.value.span ?? body.place, body: body)
      requireAll(in: body, entry.called)
      return entry
    }
  }

  private mutating func id(_ body: BlockSyntax) -> String? {
    guard let clause = body["id"], let text = scalar(clause, expected: "a name, such as `stale`") else { return nil }
    let id = String(decoding: text.bytes, as: UTF8.self)
    if id.hasPrefix("builtin-") {
      report(
        .duplicateName, "ids that begin with `builtin-` are reserved", at: clause.value.span,
        help: "choose another id; the built-in rules are always there")
      return nil
    }
    if id == "limits" {
      report(
        .duplicateName, "the id `limits` is reserved", at: clause.value.span,
        notes: ["`override` uses it for the block of that name"], help: "choose another id")
      return nil
    }
    guard Self.isID(id) || Self.thinnedRule(id) != nil else {
      report(
        .badName, "`\(id)` cannot be an id", at: clause.value.span,
        help: "use letters, digits, `-`, `_` and `.`, without blanks, and begin with a letter or a digit")
      return nil
    }
    return id
  }

  /// Letters of any script, digits, `-`, `_`, `.`.
  static func isID(_ id: String) -> Bool {
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
    guard let first = id.unicodeScalars.first, isWord(first), id.utf8.count <= 128 else { return false }
    return id.unicodeScalars.allSatisfy { isWord($0) || $0 == "-" || $0 == "_" || $0 == "." }
  }

  /// The id of the `thin` rule in `<id>.keep[<n>]`, the id of what it keeps; resolved policies are written with those.
  static func thinnedRule(_ id: String) -> String? {
    guard id.hasSuffix("]"), let open = id.lastIndex(of: "[") else { return nil }
    let digits = id[id.index(after: open)...].dropLast()
    let head = id[..<open]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), head.hasSuffix(".keep") else {
      return nil
    }
    let rule = String(head.dropLast(".keep".count))
    return isID(rule) ? rule : nil
  }
}
