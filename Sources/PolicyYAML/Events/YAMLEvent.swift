/// One step of a document as libyaml tells it, with its place in source bytes.
struct YAMLEvent {
  enum Kind {
    case streamStart
    case streamEnd
    case documentStart(isExplicit: Bool, hasDirectives: Bool)
    case documentEnd
    case alias
    case scalar(value: [UInt8], style: ScalarText.Style)
    case sequenceStart(isFlow: Bool)
    case sequenceEnd
    case mappingStart(isFlow: Bool)
    case mappingEnd
  }
  let kind: Kind
  /// From the first byte of the node's properties (tag, anchor), or of the node where it has none.
  let range: Range<Int>
  let hasTag: Bool
  let hasAnchor: Bool
  /// The column of the block around a block scalar, −1 at the top; without meaning for other events.
  let indent: Int
}

/// Why libyaml stopped.
struct YAMLFailure: Error {
  /// libyaml's own words, such as `while scanning a tag`; empty where it gave none.
  let context: String
  /// Source byte where what `context` speaks of began; that of the problem where there is no context.
  let contextOffset: Int
  let problem: String
  let problemOffset: Int
}
