internal import PolicyDiagnostics
internal import PolicyYAML

extension PolicyLayout {
  mutating func write(_ comments: [SourceComment], indent: Int) {
    for comment in comments {
      let text = String(decoding: source.bytes[comment.range], as: UTF8.self)
      lines.append(String(repeating: " ", count: indent) + text.trimmedEnd)
      if comment.endsParagraph, comment.range.lowerBound != comments.last?.range.lowerBound { lines.append("") }
    }
  }

  func isInline(_ value: YAMLNode) -> Bool {
    if case .scalar = value.content { return true }
    return source.isFlow(value)
  }

  /// A pair: comments, key, value, and what lies below.
  mutating func write(_ part: Part, indent: Int, list: String? = nil) {
    write(part.leading, indent: indent)
    let margin = String(repeating: " ", count: indent)
    let key = part.key.map { String(decoding: source.bytes[$0.span.range], as: UTF8.self) + ":" } ?? ""
    lines.append(margin + key)
    writeValue(
      part.value, after: part.key?.span.range.upperBound ?? 0, indent: indent, list: list, tail: part.trailing)
    write(part.below, indent: indent)
  }

  /// Comments at the end of a block belong as far in as they stand.
  func settle(_ tail: [SourceComment], _ parts: inout [Part], column: Int) -> [SourceComment] {
    guard let last = parts.indices.last else { return tail }
    let cut = tail.firstIndex { $0.column <= column } ?? tail.count
    parts[last].trailing += tail[..<cut]
    var rest = Array(tail[cut...])
    if cut == 0 { parts[last].below = takeBelow(&rest, column: column) }
    return rest
  }

  /// Goes on behind the last line.
  mutating func writeValue(
    _ value: YAMLNode, after offset: Int, indent: Int, list: String?, tail: [SourceComment]
  ) {
    if isInline(value) {
      let text = inline(value, indent: indent)
      if !text.isEmpty { append(" " + text) }
      if let comment = beside(max(offset, value.span.range.upperBound)) { append(gap(comment) + self.text(comment)) }
      return write(tail, indent: indent + 2)
    }
    if let comment = beside(offset) { append(gap(comment) + text(comment)) }
    switch value.content {
    case .scalar: break
    case .mapping(let pairs):
      var parts = parts(pairs.map { ($0.key, $0.value) }, column: column(value), from: lineEnd(offset))
      let rest = settle(tail, &parts, column: column(value))
      for (index, part) in parts.enumerated() {
        if part.isApart || (index > 0 && !parts[index - 1].below.isEmpty) { blank() }
        write(part, indent: indent + 2)
      }
      write(rest, indent: indent + 2)
    case .sequence(let items): writeItems(items, indent: indent + 2, list: list, from: lineEnd(offset), tail: tail)
    }
  }

  func lineEnd(_ offset: Int) -> Int { source.lineBytes(source.line(at: max(0, offset - 1))).endIndex }

  mutating func writeItems(_ items: [YAMLNode], indent: Int, list: String?, from: Int, tail: [SourceComment]) {
    let column =
      items.first.map { node in
        let start = itemStart(node)
        return start - source.lineStarts[source.line(at: start)]
      } ?? 0
    var parts = parts(items.map { (nil, $0) }, column: column, from: from)
    let rest = settle(tail, &parts, column: column)
    let order = list.flatMap { CanonicalOrder.keys(ofEntriesIn: $0) }
    if list == "rules" { parts = stably(parts) { CanonicalOrder.weight(ofRule: keys($0.value)) } }
    let hasBlocks = order != nil && parts.contains { !isInline($0.value) }
    for (index, part) in parts.enumerated() {
      if index > 0, hasBlocks || part.isApart || !parts[index - 1].below.isEmpty { blank() }
      write(part.leading, indent: indent)
      writeItem(part, indent: indent, order: order)
      write(part.below, indent: indent)
    }
    write(rest, indent: indent)
  }

  func keys(_ node: YAMLNode) -> [String] {
    if case .mapping(let pairs) = node.content { pairs.compactMap(\.key.word) } else { [] }
  }

  mutating func writeItem(_ part: Part, indent: Int, order: [String]?) {
    let margin = String(repeating: " ", count: indent)
    guard !isInline(part.value) else {
      lines.append(margin + "- " + inline(part.value, indent: indent))
      if let comment = beside(part.value.span.range.upperBound) { append(gap(comment) + text(comment)) }
      return write(part.trailing, indent: indent + 2)
    }
    guard case .mapping(let pairs) = part.value.content else {
      // A list in a list: rare enough to be left as it is.
      lines.append(margin + "-")
      if case .sequence(let items) = part.value.content {
        writeItems(items, indent: indent + 2, list: nil, from: itemStart(part.value), tail: part.trailing)
      }
      return
    }
    var inner = parts(
      pairs.map { ($0.key, $0.value) }, column: column(part.value), from: itemStart(part.value))
    let names = keys(part.value)
    let rest = settle(part.trailing, &inner, column: column(part.value))
    defer { write(rest, indent: indent + 2) }
    if let order { inner = stably(inner) { CanonicalOrder.place(of: $0.name, in: order, names) } }
    let start = lines.count
    for (index, pair) in inner.enumerated() {
      if index > 0, order == nil ? pair.isApart : !inner[index - 1].below.isEmpty { blank() }
      write(pair, indent: indent + 2)
    }
    // Comments before the first key of an item stand before the item.
    guard let first = lines[start...].firstIndex(where: { !$0.hasPrefix(margin + "  #") && $0 != "" }) else { return }
    for line in start..<first where lines[line] != "" { lines[line] = margin + lines[line].dropFirst(indent + 2) }
    lines[first] = margin + "- " + lines[first].dropFirst(indent + 2)
  }

  func column(_ node: YAMLNode) -> Int {
    let start = node.span.range.lowerBound
    return start - source.lineStarts[source.line(at: start)]
  }

  mutating func append(_ text: String) {
    guard let last = lines.indices.last else { return lines.append(text) }
    lines[last] += text
  }

  func text(_ comment: SourceComment) -> String {
    String(decoding: source.bytes[comment.range], as: UTF8.self).trimmedEnd
  }

  /// The blanks before a comment, as they were: people align them.
  func gap(_ comment: SourceComment) -> String {
    var count = 0
    var index = comment.range.lowerBound
    while index > 0, [32, 9].contains(source.bytes[index - 1]) { (index, count) = (index - 1, count + 1) }
    return String(repeating: " ", count: max(2, count))
  }

  /// The value's own text; further lines keep their places relative to each other.
  func inline(_ value: YAMLNode, indent: Int) -> String {
    let range = value.span.range
    guard !range.isEmpty else { return "" }
    let text = String(decoding: source.bytes[range], as: UTF8.self)
    let rows = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    guard rows.count > 1 else { return text }
    let depths = rows.dropFirst().filter { !$0.allSatisfy { $0 == " " } }.map { $0.prefix { $0 == " " }.count }
    let least = depths.min() ?? 0
    let isBlock = text.first == "|" || text.first == ">"
    // A block of text with an explicit indentation means its columns.
    if isBlock, rows[0].contains(where: \.isNumber) { return text }
    let margin = String(repeating: " ", count: indent + 2)
    let isClosing = rows.last.map { ["]", "}"].contains($0.trimmingStart.prefix(1)) } ?? false
    return rows.enumerated().map { index, row in
      if index == 0 { return row }
      if row.allSatisfy({ $0 == " " }) { return "" }
      if index == rows.count - 1, isClosing { return String(repeating: " ", count: indent) + row.trimmingStart }
      return margin + row.dropFirst(least)
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingStart: String { String(drop { $0 == " " }) }
}
