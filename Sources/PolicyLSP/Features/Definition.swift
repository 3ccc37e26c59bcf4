internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicySyntax

/// Where a name comes from.
struct Definition {
  let view: DocumentView

  func at(_ offset: Int) -> JSONValue {
    let range = view.word(at: offset)
    let word = view.text(range)
    let context = CursorContext(view.source, range.lowerBound)
    if word.hasPrefix("$") { return declaration(String(word.dropFirst()), "params") }
    if context.key == "imports" || context.path.last == "imports" { return imported(offset) }
    if context.path.first == "override", let entry = view.loaded?.sourceMap.entries[word] { return location(entry.id) }
    return declaration(word.hasPrefix("run.") ? String(word.dropFirst(4)) : word, "facts")
  }

  /// In the files of the policy as it was last free of errors, else on the lines of this one.
  private func declaration(_ name: String, _ block: String) -> JSONValue {
    if let span = view.loaded?.sourceMap.clauses["\(block).\(name)"] { return location(span) }
    guard let line = view.entries(of: block).first(where: { $0.name == name })?.line else { return .null }
    let bytes = view.source.lineBytes(line)
    return .object(["uri": .string(view.document.uri), "range": view.range(bytes.startIndex..<bytes.endIndex)])
  }

  private func location(_ span: SourceSpan) -> JSONValue {
    guard view.sources.sources.indices.contains(span.file) else { return .null }
    let source = view.sources.sources[span.file]
    let uri = span.file == 0 ? view.document.uri : DocumentPath.uri(source.path)
    return .object([
      "uri": .string(uri), "range": TextDocument.range(span.range, source, view.document.encoding),
    ])
  }

  /// The file that an entry of `imports` names.
  private func imported(_ offset: Int) -> JSONValue {
    let line = String(decoding: view.source.lineBytes(view.source.line(at: offset)), as: UTF8.self)
    let names = line.split { " [],-\"'".contains($0) }.map(String.init).filter {
      $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
    }
    let word = view.text(view.word(at: offset))
    guard let name = names.first(where: { $0.contains(word) }) ?? names.first else { return .null }
    let folder = DocumentPath.path(view.document.uri).split(separator: "/", omittingEmptySubsequences: false).dropLast()
    var parts = name.hasPrefix("/") ? [""] : folder.map(String.init)
    for part in name.split(separator: "/").map(String.init) where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return .object([
      "uri": .string(DocumentPath.uri(parts.joined(separator: "/"))),
      "range": .object([
        "start": .object(["line": 0, "character": 0]), "end": .object(["line": 0, "character": 0]),
      ]),
    ])
  }
}
