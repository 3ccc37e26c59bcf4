public import PolicyDiagnostics

/// The text of a scalar, every byte of which knows where it was written.
public struct ScalarText: Sendable {
  public enum Style: Sendable { case plain, singleQuoted, doubleQuoted, literal, folded }

  /// The value, valid UTF-8.
  public let bytes: [UInt8]
  /// The source byte offset of each byte of the value, and of the end of the last one: `bytes.count + 1` items that never
  /// decrease. Bytes of a value that were written otherwise (an escape, a folded line break) point at the first byte of
  /// what was written for them.
  public let offsets: [Int]
  /// Index into the `SourceSet`.
  public let file: Int
  public let style: Style
  /// A `#…` comment that begins behind this plain scalar on its last line, as source bytes without the line break.
  public let commentAfter: Range<Int>?
  /// What was written from the end of the scalar to the end of that comment; empty without one.
  public let textWithComment: [UInt8]

  /// Whoever calls keeps the promises of `bytes` and `offsets`.
  public init(
    bytes: [UInt8], offsets: [Int], file: Int, style: Style, commentAfter: Range<Int>? = nil,
    textWithComment: [UInt8] = []
  ) {
    self.bytes = bytes
    self.offsets = offsets
    self.file = file
    self.style = style
    self.commentAfter = commentAfter
    self.textWithComment = textWithComment
  }

  /// Where a part of the value was written, up to where the next part begins. An empty part gives the empty span before
  /// its first byte, or at the end; what lies outside the value is cut off.
  public func span(_ valueRange: Range<Int>) -> SourceSpan {
    let last = offsets.count - 1
    let lower = offsets[min(max(valueRange.lowerBound, 0), last)]
    let upper = offsets[min(max(valueRange.upperBound, 0), last)]
    return SourceSpan(file: file, range: lower..<max(lower, upper))
  }

  /// A text as it has to be written inside of this scalar, in the quotes that it has.
  public func spelled(_ text: String) -> String {
    switch style {
    case .plain, .literal, .folded: text
    case .singleQuoted: text.replacing("'", with: "''")
    case .doubleQuoted: text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
  }

  /// The whole value, without quotes.
  public var wholeSpan: SourceSpan { span(0..<bytes.count) }
}
