internal import PolicySyntax
internal import PolicyYAML

/// The pairs of a mapping, in their order.
struct CaseBlock {
  struct Pair {
    let key: YAMLNode
    let value: YAMLNode
  }
  let all: [(name: String, pair: Pair)]
  subscript(name: String) -> Pair? { all.first { $0.name == name }?.pair }
}

extension YAMLNode {
  var pairs: CaseBlock? {
    guard case .mapping(let pairs) = content else { return nil }
    return CaseBlock(all: pairs.map { ($0.key.text ?? "", CaseBlock.Pair(key: $0.key, value: $0.value)) })
  }

  var text: String? { scalar.map { String(decoding: $0.bytes, as: UTF8.self) } }

  var scalar: ScalarText? { if case .scalar(let text) = content { text } else { nil } }

  /// A word, or a list of words.
  var words: [String] {
    if let text { return [text] }
    if case .sequence(let items) = content { return items.compactMap(\.text) }
    return []
  }
}
