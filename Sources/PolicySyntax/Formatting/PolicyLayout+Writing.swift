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

  /// What is left of a block's comments, after it.
  mutating func writeRest(_ comments: [SourceComment], indent: Int) {
    if let first = comments.first, isEmptyLine(before: first.range.lowerBound) { blank() }
    write(comments, indent: indent)
  }

  /// A pair: comments, key, value, and what lies below.
  mutating func write(_ part: Part, indent: Int, list: String? = nil) {
    write(part.leading, indent: indent)
    let margin = String(repeating: " ", count: indent)
    let key = part.key.map { String(decoding: source.bytes[$0.span.range], as: UTF8.self) + ":" } ?? ""
    lines.append(margin + key)
    writeValue(part, indent: indent, list: list)
    write(part.below, indent: indent)
  }

  /// Goes on behind the last line.
  private mutating func writeValue(_ part: Part, indent: Int, list: String?) {
    let value = part.value
    let offset = part.key?.span.range.upperBound ?? 0
    if isInline(value) {
      writeAfterKey(between(part.key, value), indent: indent + 2)
      return writeInline(value, outer: part.key.map(column) ?? 0, indent: indent, part.trailing)
    }
    if let comment = beside(offset) { append(gap(comment) + text(comment)) }
    switch value.content {
    case .scalar: break
    case .mapping(let pairs):
      var parts = parts(pairs.map { ($0.key, $0.value) }, column: column(value), from: lineEnd(offset))
      let rest = settle(part.trailing, &parts, column: column(value))
      for (index, part) in parts.enumerated() {
        if index > 0, part.isApart || part.opensWithParagraph || !parts[index - 1].below.isEmpty { blank() }
        write(part, indent: indent + 2)
      }
      writeRest(rest, indent: indent + 2)
    case .sequence(let items):
      writeItems(items, indent: indent + 2, list: list, from: lineEnd(offset), tail: part.trailing)
    }
  }

  /// Comments that push a value to a line of its own, which begins here.
  private mutating func writeAfterKey(_ comments: [SourceComment], indent: Int) {
    guard let first = comments.first else { return }
    if !first.isAlone { append(gap(first) + text(first)) }
    write(first.isAlone ? comments : Array(comments.dropFirst()), indent: indent)
    lines.append(String(repeating: " ", count: indent - 1))
  }

  /// A value in its own words behind the last line, the comment beside it, and those further in below it.
  private mutating func writeInline(_ value: YAMLNode, outer: Int, indent: Int, _ trailing: [SourceComment]) {
    let isOnOwnLine = lines.last.map { !$0.isEmpty && $0.allSatisfy { $0 == " " } } ?? false
    let rows = rows(value, outer: outer, indent: indent, closing: isOnOwnLine ? indent + 2 : indent)
    if let first = rows.first, !first.isEmpty { append(" " + first) }
    lines += rows.dropFirst()
    if let comment = beside(value.span.range.upperBound) { append(gap(comment) + text(comment)) }
    let isBlock = isBlockText(value)
    if isBlock { writeKeptLines(value) }
    // As far in as a text stands it would be part of it.
    write(trailing, indent: isBlock ? indent + 1 : indent + 2)
  }

  func lineEnd(_ offset: Int) -> Int { source.lineBytes(source.line(at: max(0, offset - 1))).endIndex }

  mutating func writeItems(_ items: [YAMLNode], indent: Int, list: String?, from: Int, tail: [SourceComment]) {
    let column = items.first.map { self.column(at: itemStart($0)) } ?? 0
    var parts = parts(items.map { (nil, $0) }, column: column, from: from)
    let rest = settle(tail, &parts, column: column)
    let order = list.flatMap { CanonicalOrder.keys(ofEntriesIn: $0) }
    if list == "rules" { parts = stably(parts) { CanonicalOrder.weight(ofRule: keys($0.value)) } }
    let hasBlocks = order != nil && parts.contains { !isInline($0.value) }
    for (index, part) in parts.enumerated() {
      if index > 0, hasBlocks || part.isApart || part.opensWithParagraph || !parts[index - 1].below.isEmpty { blank() }
      write(part.leading, indent: indent)
      writeItem(part, indent: indent, order: order)
      write(part.below, indent: indent)
    }
    writeRest(rest, indent: indent)
  }

  func keys(_ node: YAMLNode) -> [String] {
    if case .mapping(let pairs) = node.content { pairs.compactMap(\.key.word) } else { [] }
  }

  mutating func writeItem(_ part: Part, indent: Int, order: [String]?) {
    let margin = String(repeating: " ", count: indent)
    guard !isInline(part.value) else {
      lines.append(margin + "-")
      return writeInline(part.value, outer: column(at: itemStart(part.value)), indent: indent, part.trailing)
    }
    guard case .mapping(let pairs) = part.value.content else {
      // A list in a list: rare enough to be left as it is.
      lines.append(margin + "-")
      if case .sequence(let items) = part.value.content {
        writeItems(
          items, indent: indent + 2, list: nil, from: part.value.span.range.lowerBound,
          tail: part.trailing)
      }
      return
    }
    var inner = parts(
      pairs.map { ($0.key, $0.value) }, column: column(part.value),
      from: part.value.span.range.lowerBound)
    let names = keys(part.value)
    let rest = settle(part.trailing, &inner, column: column(part.value))
    defer { writeRest(rest, indent: indent + 2) }
    if let order { inner = stably(inner) { CanonicalOrder.place(of: $0.name, in: order, names) } }
    let start = lines.count
    for (index, pair) in inner.enumerated() {
      let isApart = (order == nil && pair.isApart) || pair.opensWithParagraph
      if index > 0, isApart || !inner[index - 1].below.isEmpty { blank() }
      write(pair, indent: indent + 2)
    }
    // Comments before the first key of an item stand before the item.
    guard let first = lines[start...].firstIndex(where: { !$0.hasPrefix(margin + "  #") && $0 != "" }) else { return }
    for line in start..<first where lines[line] != "" { lines[line] = margin + lines[line].dropFirst(indent + 2) }
    lines[first] = margin + "- " + lines[first].dropFirst(indent + 2)
  }

  func column(_ node: YAMLNode) -> Int { column(at: node.span.range.lowerBound) }

  func column(at offset: Int) -> Int { offset - source.lineStarts[source.line(at: offset)] }

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
}
