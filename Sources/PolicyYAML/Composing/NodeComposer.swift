internal import PolicyDiagnostics

/// Builds nodes from events, and finds what a policy may not hold. Goes on after a finding, so that one run tells all; a
/// syntax error, too much depth or too many nodes end it.
struct NodeComposer: ~Copyable {
  /// The rest of the file says nothing that can be trusted; the finding has been recorded.
  private struct Stop: Error {}

  private var parser: LibYAMLParser
  private let source: SourceText
  private let file: Int
  private var nodes = 0
  private(set) var diagnostics: [Diagnostic] = []

  init(_ parser: consuming LibYAMLParser, _ source: SourceText, file: Int) {
    self.parser = parser
    self.source = source
    self.file = file
  }

  /// The one document of the file; `nil` when there is none that can be used.
  mutating func document() -> YAMLNode? {
    do throws(Stop) {
      var event = try next()
      if case .streamStart = event.kind { event = try next() }
      guard case .documentStart(_, let hasDirectives) = event.kind else {
        report(Findings.emptyFile(file))
        return nil
      }
      if hasDirectives { report(Findings.directive(at: span(source.restOfLine(from: event.range.lowerBound)))) }
      let root = try node(try next(), depth: 0, under: nil)
      _ = try next()
      event = try next()
      if case .documentStart = event.kind {
        report(Findings.secondDocument(at: span(source.visible(source.restOfLine(from: event.range.lowerBound)))))
      }
      if case .scalar(let text)? = root?.content, text.bytes.isEmpty, diagnostics.isEmpty {
        report(Findings.emptyFile(file))
        return nil
      }
      return root
    } catch {
      return nil
    }
  }

  private mutating func next() throws(Stop) -> YAMLEvent {
    do throws(YAMLFailure) {
      return try parser.next()
    } catch {
      report(SyntaxFinding(source, file: file).diagnostic(error))
      throw Stop()
    }
  }

  private mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  private func span(_ range: Range<Int>) -> SourceSpan { SourceSpan(file: file, range: range) }

  // MARK: Nodes

  /// `key`: the key under which it stands, which says whether a condition is meant.
  private mutating func node(_ event: YAMLEvent, depth: Int, under key: String?) throws(Stop) -> YAMLNode? {
    nodes += 1
    if nodes > YAMLReader.mostNodes {
      report(Findings.tooMany(at: span(source.visible(event.range.lowerBound..<event.range.lowerBound))))
      throw Stop()
    }
    var start = event.range.lowerBound
    if event.hasTag || event.hasAnchor {
      let isScalar = if case .scalar = event.kind { true } else { false }
      let properties = NodeProperties(source, in: start..<(isScalar ? event.range.upperBound : source.bytes.count))
      let value = isScalar ? properties.valueStart..<max(properties.valueStart, event.range.upperBound) : nil
      report(Findings.property(properties, value: value, under: key, source, file: file))
      start = properties.valueStart
    }
    switch event.kind {
    case .alias:
      report(Findings.alias(at: span(event.range), source))
      return nil
    case .scalar(let value, let style): return scalar(value, style, from: start, event)
    case .sequenceStart(let isFlow): return try sequence(from: start, isFlow, event, depth, under: key)
    case .mappingStart(let isFlow): return try mapping(from: start, isFlow, event, depth)
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd: return nil
    }
  }

  private mutating func refuseDepth(_ depth: Int, _ start: Int) throws(Stop) {
    guard depth >= YAMLReader.largestDepth else { return }
    report(Findings.tooDeep(at: span(source.visible(start..<start))))
    throw Stop()
  }

  private mutating func sequence(
    from start: Int, _ isFlow: Bool, _ opening: YAMLEvent, _ depth: Int, under key: String?
  ) throws(Stop) -> YAMLNode {
    try refuseDepth(depth, start)
    var items: [YAMLNode] = []
    var end = opening.range.upperBound
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind {
        if isFlow { end = event.range.upperBound }
        break
      }
      if let item = try node(event, depth: depth + 1, under: key) {
        items.append(item)
        end = max(end, item.span.range.upperBound)
      }
    }
    return YAMLNode(.sequence(items), span: span(source.trimmed(start..<max(start, end))))
  }

  private mutating func mapping(
    from start: Int, _ isFlow: Bool, _ opening: YAMLEvent, _ depth: Int
  ) throws(Stop) -> YAMLNode {
    try refuseDepth(depth, start)
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    var places: [[UInt8]: SourceSpan] = [:]
    var end = isFlow ? opening.range.upperBound : start
    while true {
      let event = try next()
      if case .mappingEnd = event.kind {
        if isFlow { end = event.range.upperBound }
        break
      }
      let key = try node(event, depth: depth + 1, under: nil)
      let name = key.flatMap { self.name($0, isPlainMerge: event) }
      let value = try node(try next(), depth: depth + 1, under: name.map { String(decoding: $0, as: UTF8.self) })
      end = max(end, value?.span.range.upperBound ?? end, key?.span.range.upperBound ?? end)
      guard let key, let name else { continue }
      if let first = places[name] {
        report(Findings.duplicate(name, at: key.span, first: first))
        continue
      }
      places[name] = key.span
      if let value { pairs.append((key, value)) }
    }
    return YAMLNode(.mapping(pairs), span: span(source.trimmed(start..<max(start, end))))
  }

  /// The word of a key; `nil` (and a finding) for what is no word.
  private mutating func name(_ key: YAMLNode, isPlainMerge event: YAMLEvent) -> [UInt8]? {
    guard case .scalar(let text) = key.content, !text.bytes.isEmpty, text.style != .literal, text.style != .folded
    else {
      report(Findings.badKey(at: span(source.visible(key.span.range))))
      return nil
    }
    if text.style == .plain, text.bytes == Array("<<".utf8) {
      report(Findings.mergeKey(at: key.span))
      return nil
    }
    return text.bytes
  }

  // MARK: Scalars

  private func scalar(_ value: [UInt8], _ style: ScalarText.Style, from start: Int, _ event: YAMLEvent) -> YAMLNode {
    var located: LocatedBytes?
    var range = start..<max(start, event.range.upperBound)
    switch style {
    case .literal, .folded:
      let scan = BlockScalarScan.scan(source, from: start, parentIndent: event.indent, isFolded: style == .folded)
      located = scan.located
      range = start..<max(start, scan.contentEnd)
    case .plain:
      range = source.trimmed(range)
      located = FlowScalarScan.scan(source, range, style)
    case .singleQuoted, .doubleQuoted: located = FlowScalarScan.scan(source, range, style)
    }
    // libyaml's value is the one that counts; where our second reading does not agree, only the whole has a place.
    let offsets =
      located.flatMap { $0.bytes == value ? $0.offsets : nil }
      ?? [Int](repeating: range.lowerBound, count: value.count) + [range.upperBound]
    let comment = style == .plain ? comment(after: range.upperBound) : nil
    let text = ScalarText(
      bytes: value, offsets: offsets, file: file, style: style, commentAfter: comment,
      textWithComment: comment.map { Array(source.bytes[range.upperBound..<$0.upperBound]) } ?? [])
    return YAMLNode(.scalar(text), span: span(range))
  }

  private func comment(after end: Int) -> Range<Int>? {
    let start = source.skipBlanks(from: end)
    guard start > end, source.byte(at: start) == UInt8(ascii: "#") else { return nil }
    return source.trimmed(start..<source.endOfLine(from: start))
  }
}
