internal import PolicyDiagnostics
internal import PolicyYAML

/// A comment, which YAML readers throw away.
struct SourceComment {
  /// From `#` to the end of the line.
  let range: Range<Int>
  /// Bytes from the start of its line.
  let column: Int
  /// Nothing but blanks stands before it on its line.
  let isAlone: Bool
  /// An empty line follows, or the end.
  let endsParagraph: Bool
}

/// Finds the comments of a file: every `#` after a blank or at the start of a line that is inside no scalar.
enum CommentScan {
  static func comments(_ source: SourceText, _ root: YAMLNode) -> [SourceComment] {
    var scalars: [Range<Int>] = []
    collect(root, &scalars)
    scalars.sort { $0.lowerBound < $1.lowerBound }
    var comments: [SourceComment] = []
    var next = 0
    let bytes = source.bytes
    // A byte order mark stands before the first line, not in it.
    let first = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var index = first
    while index < bytes.count {
      while next < scalars.count, scalars[next].upperBound <= index { next += 1 }
      if next < scalars.count, scalars[next].contains(index) {
        index = scalars[next].upperBound
        continue
      }
      let isSeparated = index == first || [32, 9, 10, 13].contains(bytes[index - 1])
      guard bytes[index] == UInt8(ascii: "#"), isSeparated else {
        index += 1
        continue
      }
      let line = source.line(at: index)
      let text = source.lineBytes(line)
      let start = max(source.lineStarts[line], first)
      let isAlone = bytes[start..<index].allSatisfy { $0 == 32 || $0 == 9 }
      let isLast = line + 1 >= source.lineStarts.count
      let endsParagraph = isLast || source.lineBytes(line + 1).allSatisfy { $0 == 32 || $0 == 9 }
      comments.append(
        SourceComment(
          range: index..<max(index, text.endIndex), column: index - start, isAlone: isAlone,
          endsParagraph: endsParagraph))
      index = max(index + 1, text.endIndex)
    }
    return comments
  }

  private static func collect(_ node: YAMLNode, _ scalars: inout [Range<Int>]) {
    switch node.content {
    case .scalar: if !node.span.range.isEmpty { scalars.append(node.span.range) }
    case .sequence(let items): for item in items { collect(item, &scalars) }
    case .mapping(let pairs):
      for pair in pairs {
        collect(pair.key, &scalars)
        collect(pair.value, &scalars)
      }
    }
  }
}
