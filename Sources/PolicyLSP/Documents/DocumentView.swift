internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicySyntax

/// A document with what is known of it.
struct DocumentView {
  let document: TextDocument
  let loaded: LoadedPolicy?
  let diagnostics: [Diagnostic]
  let sources: SourceSet

  var source: SourceText { document.source }
  var schema: FactSchema { loaded?.policy.schema ?? FactSchema() }

  func range(_ range: Range<Int>) -> JSONValue { TextDocument.range(range, source, document.encoding) }

  /// The word around an offset, with a `$` before it.
  func word(at offset: Int) -> Range<Int> {
    func isWord(_ byte: UInt8) -> Bool {
      byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "$") || (48...57).contains(byte) || (65...90).contains(byte)
        || (97...122).contains(byte)
    }
    let bytes = document.bytes
    var (start, end) = (min(offset, bytes.count), min(offset, bytes.count))
    while start > 0, isWord(bytes[start - 1]) { start -= 1 }
    while end < bytes.count, isWord(bytes[end]) { end += 1 }
    return start..<end
  }

  func text(_ range: Range<Int>) -> String { String(decoding: document.bytes[range], as: UTF8.self) }

  /// The declarations under `params`, also in a document that does not load.
  var params: [(name: String, line: Int)] { entries(of: "params") }

  func entries(of block: String) -> [(name: String, line: Int)] {
    var found: [(String, Int)] = []
    var isInside = false
    for number in source.lineStarts.indices {
      let line = String(decoding: source.lineBytes(number), as: UTF8.self)
      guard let (column, key, value) = CursorContext.key(of: line) else { continue }
      if column == 0 {
        isInside = key == block
        if isInside { found += Self.names(inBraces: value).map { ($0, number) } }
      } else if isInside, column <= 4 {
        found.append((key, number))
      }
    }
    return found
  }

  /// `{ a: …, b: { … } }`: the keys one level in.
  private static func names(inBraces text: String) -> [String] {
    var names: [String] = []
    var (depth, word) = (0, "")
    for character in text {
      switch character {
      case "{": (depth, word) = (depth + 1, "")
      case "}": depth -= 1
      case ":":
        if depth == 1, !word.isEmpty { names.append(word) }
        word = ""
      case _ where CursorContext.isWord(character): word.append(character)
      default: word = ""
      }
    }
    return names
  }
}
