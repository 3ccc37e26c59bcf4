internal import PolicyDiagnostics
internal import PolicyYAML

/// Values in their own words: scalars, flow lists and flow mappings.
extension PolicyLayout {
  /// `|` or `>`.
  func isBlockText(_ value: YAMLNode) -> Bool {
    guard case .scalar(let text) = value.content else { return false }
    return text.style == .literal || text.style == .folded
  }

  /// The value's own text, line by line; further lines keep their places relative to each other.
  ///
  /// - Parameters:
  ///   - outer: column of the block around it, from which an explicit indentation of a text counts.
  ///   - indent: how far in that block will stand.
  ///   - closing: how far in a bracket will stand that closes it on a line of its own.
  func rows(_ value: YAMLNode, outer: Int, indent: Int, closing: Int) -> [String] {
    let text = String(decoding: source.bytes[value.span.range], as: UTF8.self)
    let rows = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    let margin = String(repeating: " ", count: indent + 2)
    if isBlockText(value), let header = rows.first {
      let width = header.indentation.map { max(outer, 0) + $0 } ?? Self.least(rows.dropFirst())
      // Blanks behind the margin are part of the text, also where nothing else is on the line.
      return [self.header(value, header)]
        + rows.dropFirst().map { $0.utf8.count > width ? margin + String($0.dropFirst(width)) : "" }
    }
    guard rows.count > 1 else { return rows }
    let isClosing = rows.last.map { ["]", "}"].contains($0.trimmingStart.prefix(1)) } ?? false
    let width = Self.least(rows.dropFirst().dropLast(isClosing ? 1 : 0))
    return rows.enumerated().map { index, row in
      if index == 0 { return row }
      if row.allSatisfy({ $0 == " " }) { return "" }
      if isClosing, index == rows.count - 1 { return String(repeating: " ", count: closing) + row.trimmingStart }
      return margin + row.dropFirst(width)
    }
  }

  private static func least(_ rows: some Sequence<String>) -> Int {
    rows.filter { !$0.allSatisfy { $0 == " " } }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
  }

  /// The first line of a block of text, with its indentation as it will be, and saying how it ends wherever it ends.
  private func header(_ value: YAMLNode, _ row: String) -> String {
    let marks = row.prefix { !" \t#".contains($0) }
    var written = String(marks.map { $0.isNumber ? "2" : $0 })
    let comment = row.dropFirst(marks.count)
    if value.span.range.upperBound >= source.bytes.count, !marks.contains("-") {
      // Without a line break behind it there is none in the text.
      written = written.replacing("+", with: "") + "-"
    } else if keptLines(value) == 0 {
      written = written.replacing("+", with: "")
    }
    return written + comment
  }

  /// How many empty lines behind a text are part of it.
  private func keptLines(_ value: YAMLNode) -> Int {
    let start = value.span.range.lowerBound
    let marks = source.bytes[start...].prefix { $0 != 10 && $0 != 32 && $0 != 13 && $0 != 9 }
    guard marks.contains(UInt8(ascii: "+")) else { return 0 }
    let line = source.line(at: max(start, value.span.range.upperBound - 1))
    let empty = source.lineStarts.indices.dropFirst(line + 1).prefix {
      source.lineBytes($0).allSatisfy { $0 == 32 || $0 == 9 }
    }
    // What follows the last line break is no line.
    return empty.last == source.lineStarts.indices.last ? max(0, empty.count - 1) : empty.count
  }

  mutating func findTextLines(_ node: YAMLNode) {
    switch node.content {
    case .scalar:
      guard isBlockText(node) else { return }
      let line = source.line(at: max(node.span.range.lowerBound, node.span.range.upperBound - 1))
      textLines.formUnion(line + 1..<line + 1 + keptLines(node))
    case .sequence(let items): for item in items { findTextLines(item) }
    case .mapping(let pairs): for pair in pairs { findTextLines(pair.value) }
    }
  }

  mutating func writeKeptLines(_ value: YAMLNode) {
    let count = keptLines(value)
    guard count > 0 else { return }
    lines += Array(repeating: "", count: count)
    textEnd = lines.count
  }
}

extension String {
  var trimmingStart: String { String(drop { $0 == " " }) }

  /// The explicit indentation in the header of a block of text.
  fileprivate var indentation: Int? {
    prefix { !" \t#".contains($0) }.first(where: \.isNumber).flatMap { $0.wholeNumberValue }
  }
}
