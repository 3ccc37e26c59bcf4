internal import PolicyDiagnostics
internal import PolicyYAML

/// Writes a tree of nodes out again, with the comments between them.
struct PolicyLayout {
  let source: SourceText
  let comments: [SourceComment]
  var lines: [String] = []
  /// All of the file is one flow mapping: its keys are written as a block, their values as they are.
  var isInBraces = false
  /// How many lines there were behind the last text that keeps its empty lines.
  var textEnd = 0
  /// Empty lines of the source that are part of a text, and set nothing apart.
  var textLines: Set<Int> = []

  init(source: SourceText, comments: [SourceComment]) {
    self.source = source
    self.comments = comments
  }

  /// A pair or item with the comments that belong to it.
  struct Part {
    let name: String
    let key: YAMLNode?
    let value: YAMLNode
    var leading: [SourceComment]
    /// Below it, at the end of its block.
    var trailing: [SourceComment] = []
    /// Right under it, as far in as it, and an empty line after them: they speak of it, not of what follows.
    var below: [SourceComment] = []
    /// An empty line stood before it.
    let isApart: Bool
    /// Its comments are several paragraphs: without an empty line before them the first would go to what stands above.
    var opensWithParagraph: Bool { leading.dropLast().contains(where: \.endsParagraph) }
  }

  mutating func file(_ root: YAMLNode) -> [UInt8] {
    guard case .mapping(let pairs) = root.content else { return source.bytes }
    isInBraces = source.isFlow(root)
    findTextLines(root)
    var parts = self.parts(pairs.map { ($0.key, $0.value) }, column: isInBraces ? .max : 0, from: 0)
    var header: [SourceComment] = []
    // What stands on top of the file speaks of all of it: up to the first empty line, and lines for tools.
    if let first = parts.first, let end = first.leading.lastIndex(where: { $0.endsParagraph || isForTools($0) }) {
      header = Array(first.leading[...end])
      parts[0].leading = Array(first.leading[(end + 1)...])
    }
    var tail: [SourceComment] = []
    if let last = parts.indices.last {
      tail = alone(in: end(parts[last].value, parts[last].key)..<source.bytes.count)
      // Between braces a column says nothing.
      if !isInBraces { tail = settle(tail, &parts, column: 0) }
    }
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
    while lines.count > textEnd, lines.last == "" { lines.removeLast() }
    let isCRLF = source.bytes.contains(UInt8(ascii: "\r"))
    return Array((lines.joined(separator: isCRLF ? "\r\n" : "\n") + (isCRLF ? "\r\n" : "\n")).utf8)
  }

  func isForTools(_ comment: SourceComment) -> Bool {
    let text = String(decoding: source.bytes[comment.range], as: UTF8.self)
    return text.hasPrefix("#!") || text.contains("yaml-language-server:")
  }

  /// Short settings may stand together; blocks have room around them.
  mutating func separate(_ before: Part, _ part: Part) {
    let isShort = isInline(before.value) && isInline(part.value) && part.leading.isEmpty
    if !isShort || part.isApart || !before.below.isEmpty { blank() }
  }

  mutating func blank() { if let last = lines.last, last != "" { lines.append("") } }

  func stably(_ parts: [Part], _ place: (Part) -> Int) -> [Part] {
    parts.enumerated().sorted { left, right in
      let (a, b) = (place(left.element), place(right.element))
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
  }

  /// Gives each part the comments that stand alone before it, and those that end its block.
  /// `from`: where the block's own text begins, behind what opens it.
  func parts(_ pairs: [(key: YAMLNode?, value: YAMLNode)], column: Int, from: Int) -> [Part] {
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
        if leading.first?.column == column { parts[index - 1].below = takeBelow(&leading) }
      }
      // Behind the dash it is this item's, however far in.
      if pair.key == nil { leading += alone(in: start..<max(start, pair.value.span.range.lowerBound)) }
      let place = leading.first?.range.lowerBound ?? start
      parts.append(
        Part(
          name: pair.key?.word ?? "", key: pair.key, value: pair.value, leading: leading,
          isApart: index > 0 && isEmptyLine(before: place)))
    }
    return parts
  }

  /// Comments at the end of a block belong as far in as they stand.
  func settle(_ tail: [SourceComment], _ parts: inout [Part], column: Int) -> [SourceComment] {
    guard let last = parts.indices.last else { return tail }
    let cut = tail.firstIndex { $0.column <= column } ?? tail.count
    parts[last].trailing += tail[..<cut]
    var rest = Array(tail[cut...])
    // Nothing follows in this block that they could speak of.
    parts[last].below = takeBelow(&rest, isLast: true)
    return rest
  }

  /// Takes the comments right under a part from those that follow it.
  func takeBelow(_ comments: inout [SourceComment], isLast: Bool = false) -> [SourceComment] {
    guard let first = comments.first, !isEmptyLine(before: first.range.lowerBound),
      let end = comments.firstIndex(where: \.endsParagraph) ?? (isLast ? comments.indices.last : nil)
    else { return [] }
    defer { comments.removeSubrange(...end) }
    return Array(comments[...end])
  }

  /// The `-` of an item: before it, on its line or, with comments between them, on one above.
  func itemStart(_ value: YAMLNode) -> Int {
    let start = value.span.range.lowerBound
    var index = start
    while index > 0 {
      index -= 1
      if let comment = comments.last(where: { $0.range.lowerBound <= index }), comment.range.contains(index) {
        index = comment.range.lowerBound
      } else if source.bytes[index] == UInt8(ascii: "-") {
        return index
      } else if ![32, 9, 10, 13].contains(source.bytes[index]) {
        break
      }
    }
    return start
  }

  /// Where a part's own text ends, comment beside it included.
  func end(_ value: YAMLNode, _ key: YAMLNode?) -> Int {
    let last = max(value.span.range.upperBound, key?.span.range.upperBound ?? 0)
    return source.lineBytes(source.line(at: max(0, last - 1))).endIndex
  }

  func alone(in range: Range<Int>) -> [SourceComment] {
    comments.filter { range.contains($0.range.lowerBound) && ($0.isAlone || isBesideMark($0)) }
  }

  /// `- # like this`, before the first key of an item; in a file in braces also beside one of them.
  func isBesideMark(_ comment: SourceComment) -> Bool {
    let line = source.line(at: comment.range.lowerBound)
    let before = source.bytes[source.lineStarts[line]..<comment.range.lowerBound]
    let marks = isInBraces ? Array("-,{}".utf8) : [UInt8(ascii: "-")]
    return before.contains(where: marks.contains) && before.allSatisfy { $0 == 32 || $0 == 9 || marks.contains($0) }
  }

  /// Behind a key or value on its line, with nothing between them but what separates.
  func beside(_ offset: Int) -> SourceComment? {
    let line = source.line(at: max(0, offset - 1))
    return comments.first {
      !$0.isAlone && source.line(at: $0.range.lowerBound) == line && $0.range.lowerBound >= offset
        && source.bytes[offset..<$0.range.lowerBound].allSatisfy { Array(" \t:,}".utf8).contains($0) }
    }
  }

  /// Between a key and a value that is no block.
  func between(_ key: YAMLNode?, _ value: YAMLNode) -> [SourceComment] {
    guard let key, key.span.range.upperBound <= value.span.range.lowerBound else { return [] }
    return comments.filter { (key.span.range.upperBound..<value.span.range.lowerBound).contains($0.range.lowerBound) }
  }

  func isEmptyLine(before offset: Int) -> Bool {
    let line = source.line(at: offset)
    return line > 0 && !textLines.contains(line - 1) && source.lineBytes(line - 1).allSatisfy { $0 == 32 || $0 == 9 }
  }
}
