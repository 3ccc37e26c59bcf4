internal import PolicyDiagnostics

/// The tag and the anchor that stand before a node, found again in the source.
struct NodeProperties {
  private(set) var tag: Range<Int>?
  private(set) var anchor: Range<Int>?
  /// Where the node itself begins.
  private(set) var valueStart: Int

  /// Reads from `start`, the first byte of the properties, to `end` at most.
  init(_ source: SourceText, in range: Range<Int>) {
    var offset = range.lowerBound
    valueStart = offset
    while offset < range.upperBound {
      let byte = source.bytes[offset]
      if byte.isBlank || byte.isLineBreak {
        offset += 1
      } else if byte == UInt8(ascii: "#") {
        offset = min(source.endOfLine(from: offset), range.upperBound)
      } else if byte == UInt8(ascii: "!"), tag == nil {
        tag = offset..<Self.wordEnd(source, offset, range.upperBound)
        offset = tag?.upperBound ?? offset
      } else if byte == UInt8(ascii: "&"), anchor == nil {
        anchor = offset..<Self.wordEnd(source, offset, range.upperBound)
        offset = anchor?.upperBound ?? offset
      } else {
        break
      }
      valueStart = offset
    }
  }

  private static func wordEnd(_ source: SourceText, _ start: Int, _ limit: Int) -> Int {
    let isVerbatim = source.byte(at: start + 1) == UInt8(ascii: "<")
    var end = start
    while end < limit, !source.bytes[end].isBlank, !source.bytes[end].isLineBreak {
      if !isVerbatim, ",[]{}".utf8.contains(source.bytes[end]) { break }
      end += 1
    }
    return end
  }
}
