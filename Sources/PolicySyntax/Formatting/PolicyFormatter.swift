public import PolicyDiagnostics
internal import PolicyYAML

/// The canonical layout of a policy file.
public enum PolicyFormatter {
  /// The file as it should look. Comments stay with what they stand before or beside; what is written inside of
  /// scalars, flow lists and flow mappings is not touched. `nil` for a file that cannot be read as YAML.
  ///
  /// Whoever writes the result must check first that it still means the same.
  public static func format(_ source: SourceText) -> [UInt8]? {
    let (root, diagnostics) = YAMLReader.read(source, file: 0)
    guard let root, diagnostics.isEmpty, case .mapping = root.content, !source.isFlow(root) else { return nil }
    var layout = Layout(source: source, comments: CommentScan.comments(source, root))
    return layout.file(root)
  }

  /// The comments of a file, sorted: formatting loses none and makes none.
  public static func comments(_ source: SourceText) -> [String]? {
    guard let root = YAMLReader.read(source, file: 0).root else { return nil }
    return CommentScan.comments(source, root).map { String(decoding: source.bytes[$0.range], as: UTF8.self).trimmedEnd }
      .sorted()
  }
}

extension SourceText {
  /// Written with brackets or braces.
  func isFlow(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar: return false
    case .mapping, .sequence:
      guard bytes.indices.contains(node.span.range.lowerBound) else { return false }
      return [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(bytes[node.span.range.lowerBound])
    }
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}

/// Writes a tree of nodes out again, with the comments between them.
private struct Layout {
  let source: SourceText
  let comments: [SourceComment]
  private var used = 0
  private var lines: [String] = []

  init(source: SourceText, comments: [SourceComment]) {
    self.source = source
    self.comments = comments
  }

  /// A pair or item with the comments that belong to it.
  private struct Part {
    let name: String
    let key: YAMLNode?
    let value: YAMLNode
    var leading: [SourceComment]
    /// Below it, at the end of its block.
    var trailing: [SourceComment] = []
    /// An empty line stood before it.
    let isApart: Bool
    var start: Int { key?.span.range.lowerBound ?? value.span.range.lowerBound }
  }

  mutating func file(_ root: YAMLNode) -> [UInt8] {
    guard case .mapping(let pairs) = root.content else { return source.bytes }
    var parts = self.parts(pairs.map { ($0.key, $0.value) }, column: 0, from: 0)
    var header: [SourceComment] = []
    // What stands on top of the file speaks of all of it: up to the first empty line, and lines for tools.
    if let first = parts.first, let end = first.leading.lastIndex(where: { $0.endsParagraph || isForTools($0) }) {
      header = Array(first.leading[...end])
      parts[0].leading = Array(first.leading[(end + 1)...])
    }
    if let last = parts.indices.last {
      parts[last].trailing += alone(in: end(parts[last].value, parts[last].key)..<source.bytes.count)
    }
    let tail = parts.last?.trailing.filter { $0.column == 0 } ?? []
    if let last = parts.indices.last { parts[last].trailing.removeAll { $0.column == 0 } }
    write(header, indent: 0)
    if let last = header.last, last.endsParagraph { lines.append("") }
    let order = CanonicalOrder.top
    let sorted = stably(parts) { order.firstIndex(of: $0.name) ?? order.count }
    for (index, part) in sorted.enumerated() {
      if index > 0 { separate(sorted[index - 1], part) }
      write(part, indent: 0, list: part.name)
    }
    if !tail.isEmpty {
      blank()
      write(tail, indent: 0)
    }
    while lines.last == "" { lines.removeLast() }
    let isCRLF = source.bytes.contains(UInt8(ascii: "\r"))
    return Array((lines.joined(separator: isCRLF ? "\r\n" : "\n") + (isCRLF ? "\r\n" : "\n")).utf8)
  }

  private func isForTools(_ comment: SourceComment) -> Bool {
    let text = String(decoding: source.bytes[comment.range], as: UTF8.self)
    return text.hasPrefix("#!") || text.contains("yaml-language-server:")
  }

  /// Short settings may stand together; blocks have room around them.
  private mutating func separate(_ before: Part, _ part: Part) {
    let isShort = isInline(before.value) && isInline(part.value) && part.leading.isEmpty
    if !isShort || part.isApart { blank() }
  }

  private mutating func blank() { if let last = lines.last, last != "" { lines.append("") } }

  private func stably(_ parts: [Part], _ place: (Part) -> Int) -> [Part] {
    parts.enumerated().sorted { left, right in
      let (a, b) = (place(left.element), place(right.element))
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
  }

  // MARK: - Parts and their comments

  /// Gives each part the comments that stand alone before it, and those that end its block.
  /// `from`: where the block's own text begins, behind what opens it.
  private func parts(_ pairs: [(key: YAMLNode?, value: YAMLNode)], column: Int, from: Int) -> [Part] {
    var parts: [Part] = []
    for (index, pair) in pairs.enumerated() {
      let start = pair.key?.span.range.lowerBound ?? itemStart(pair.value)
      let low = index == 0 ? from : end(pairs[index - 1].value, pairs[index - 1].key)
      var leading = alone(in: min(low, start)..<start)
      if index > 0 {
        // What is further in than this part ends the block of the one before.
        let cut = leading.firstIndex { $0.column <= column } ?? leading.count
        parts[index - 1].trailing += leading[..<cut]
        leading = Array(leading[cut...])
      }
      let place = leading.first?.range.lowerBound ?? start
      parts.append(
        Part(
          name: pair.key?.word ?? "", key: pair.key, value: pair.value, leading: leading,
          isApart: index > 0 && isEmptyLine(before: place)))
    }
    return parts
  }

  /// The `-` of an item.
  private func itemStart(_ value: YAMLNode) -> Int {
    var index = value.span.range.lowerBound
    while index > 0 {
      index -= 1
      if source.bytes[index] == UInt8(ascii: "-") { return index }
      if ![32, 9].contains(source.bytes[index]) { break }
    }
    return value.span.range.lowerBound
  }

  /// Where a part's own text ends, comment beside it included.
  private func end(_ value: YAMLNode, _ key: YAMLNode?) -> Int {
    let last = max(value.span.range.upperBound, key?.span.range.upperBound ?? 0)
    return source.lineBytes(source.line(at: max(0, last - 1))).endIndex
  }

  private func alone(in range: Range<Int>) -> [SourceComment] {
    comments.filter {
      ($0.isAlone || isBesideDash($0)) && $0.range.lowerBound >= range.lowerBound
        && $0.range.lowerBound < range.upperBound
    }
  }

  /// `- # like this`, before the first key of an item.
  private func isBesideDash(_ comment: SourceComment) -> Bool {
    let line = source.line(at: comment.range.lowerBound)
    let before = source.bytes[source.lineStarts[line]..<comment.range.lowerBound]
    return before.contains(UInt8(ascii: "-")) && before.allSatisfy { [32, 9, UInt8(ascii: "-")].contains($0) }
  }

  private func beside(_ offset: Int) -> SourceComment? {
    let line = source.line(at: max(0, offset - 1))
    return comments.first {
      !$0.isAlone && source.line(at: $0.range.lowerBound) == line && $0.range.lowerBound >= offset
    }
  }

  private func isEmptyLine(before offset: Int) -> Bool {
    let line = source.line(at: offset)
    return line > 0 && source.lineBytes(line - 1).allSatisfy { $0 == 32 || $0 == 9 }
  }

  // MARK: - Writing

  private mutating func write(_ comments: [SourceComment], indent: Int) {
    for comment in comments {
      let text = String(decoding: source.bytes[comment.range], as: UTF8.self)
      lines.append(String(repeating: " ", count: indent) + text.trimmedEnd)
      if comment.endsParagraph, comment.range.lowerBound != comments.last?.range.lowerBound { lines.append("") }
    }
  }

  private func isInline(_ value: YAMLNode) -> Bool {
    if case .scalar = value.content { return true }
    return source.isFlow(value)
  }

  /// A pair: comments, key, value, and what lies below.
  private mutating func write(_ part: Part, indent: Int, list: String? = nil) {
    write(part.leading, indent: indent)
    let margin = String(repeating: " ", count: indent)
    let key = part.key.map { String(decoding: source.bytes[$0.span.range], as: UTF8.self) + ":" } ?? ""
    lines.append(margin + key)
    writeValue(
      part.value, after: part.key?.span.range.upperBound ?? 0, indent: indent, list: list, tail: part.trailing)
  }

  /// Comments at the end of a block belong as far in as they stand.
  private func settle(_ tail: [SourceComment], _ parts: inout [Part], column: Int) -> [SourceComment] {
    guard let last = parts.indices.last else { return tail }
    let cut = tail.firstIndex { $0.column <= column } ?? tail.count
    parts[last].trailing += tail[..<cut]
    return Array(tail[cut...])
  }

  /// Goes on behind the last line.
  private mutating func writeValue(
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
      for part in parts {
        if part.isApart { blank() }
        write(part, indent: indent + 2)
      }
      write(rest, indent: indent + 2)
    case .sequence(let items): writeItems(items, indent: indent + 2, list: list, from: lineEnd(offset), tail: tail)
    }
  }

  private func lineEnd(_ offset: Int) -> Int { source.lineBytes(source.line(at: max(0, offset - 1))).endIndex }

  private mutating func writeItems(_ items: [YAMLNode], indent: Int, list: String?, from: Int, tail: [SourceComment]) {
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
      if index > 0, hasBlocks || part.isApart { blank() }
      write(part.leading, indent: indent)
      writeItem(part, indent: indent, order: order)
    }
    write(rest, indent: indent)
  }

  private func keys(_ node: YAMLNode) -> [String] {
    if case .mapping(let pairs) = node.content { pairs.compactMap(\.key.word) } else { [] }
  }

  private mutating func writeItem(_ part: Part, indent: Int, order: [String]?) {
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
      if index > 0, pair.isApart, order == nil { blank() }
      write(pair, indent: indent + 2)
    }
    // Comments before the first key of an item stand before the item.
    guard let first = lines[start...].firstIndex(where: { !$0.hasPrefix(margin + "  #") && $0 != "" }) else { return }
    for line in start..<first where lines[line] != "" { lines[line] = margin + lines[line].dropFirst(indent + 2) }
    lines[first] = margin + "- " + lines[first].dropFirst(indent + 2)
  }

  private func column(_ node: YAMLNode) -> Int {
    let start = node.span.range.lowerBound
    return start - source.lineStarts[source.line(at: start)]
  }

  private mutating func append(_ text: String) {
    guard let last = lines.indices.last else { return lines.append(text) }
    lines[last] += text
  }

  private func text(_ comment: SourceComment) -> String {
    String(decoding: source.bytes[comment.range], as: UTF8.self).trimmedEnd
  }

  /// The blanks before a comment, as they were: people align them.
  private func gap(_ comment: SourceComment) -> String {
    var count = 0
    var index = comment.range.lowerBound
    while index > 0, [32, 9].contains(source.bytes[index - 1]) { (index, count) = (index - 1, count + 1) }
    return String(repeating: " ", count: max(2, count))
  }

  /// The value's own text; further lines keep their places relative to each other.
  private func inline(_ value: YAMLNode, indent: Int) -> String {
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
