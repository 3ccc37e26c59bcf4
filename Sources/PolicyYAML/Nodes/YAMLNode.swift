public import PolicyDiagnostics

/// One value of a document, with the place where it was written.
///
/// Keys of mappings are unique, in the order of the file, and always non-empty plain or quoted words. No node carries a
/// tag or an anchor: the reader has refused them.
public struct YAMLNode: Sendable {
  public enum Content: Sendable {
    case scalar(ScalarText)
    case mapping([(key: YAMLNode, value: YAMLNode)])
    case sequence([YAMLNode])
  }
  public let content: Content
  /// From the first byte of the node's text to the byte after its last one; quotes, brackets and the header of a block
  /// scalar are in it, a comment, line break or blank after it is not. Empty (at the place where a value was expected)
  /// when nothing was written.
  public let span: SourceSpan

  public init(_ content: Content, span: SourceSpan) {
    self.content = content
    self.span = span
  }
}
