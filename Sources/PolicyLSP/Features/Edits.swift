internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicySyntax

/// Fixes that findings offer.
struct CodeActions {
  let view: DocumentView

  func within(_ range: JSONValue?) -> JSONValue {
    let start = view.document.offset(range?["start"], view.source)
    let end = max(start, view.document.offset(range?["end"], view.source))
    var actions: [JSONValue] = []
    for diagnostic in view.diagnostics.inSourceOrder() {
      guard let span = diagnostic.span, span.file == 0, span.range.lowerBound <= end, span.range.upperBound >= start
      else { continue }
      for fix in diagnostic.fixes where fix.edits.allSatisfy({ $0.span.file == 0 }) {
        let edits = fix.edits.map { edit -> JSONValue in
          .object(["range": view.range(edit.span.range), "newText": .string(edit.replacement)])
        }
        actions.append(
          .object([
            "title": .string(diagnostic.help ?? "change it"), "kind": .string("quickfix"),
            "isPreferred": .bool(fix.applicability == .safe),
            "edit": .object(["changes": .object([view.document.uri: .array(edits)])]),
          ]))
      }
    }
    return .array(actions)
  }
}

/// The canonical layout, when it means the same.
struct Formatting {
  let view: DocumentView

  /// - Parameter reload: the policy that a text means.
  func edits(reload: ([UInt8]) -> Policy?) -> JSONValue {
    guard let formatted = PolicyFormatter.format(view.source), formatted != view.document.bytes,
      let before = reload(view.document.bytes), before == reload(formatted),
      PolicyFormatter.comments(view.source)
        == PolicyFormatter.comments(SourceText(path: view.source.path, bytes: formatted))
    else { return .array([]) }
    return .array([
      .object([
        "range": view.range(0..<view.document.bytes.count),
        "newText": .string(String(decoding: formatted, as: UTF8.self)),
      ])
    ])
  }
}

/// The entries of a policy, for the editor's outline.
struct Outline {
  let view: DocumentView

  func symbols() -> JSONValue {
    guard let entries = view.loaded?.sourceMap.entries else { return .array([]) }
    let own = entries.filter { $0.value.id.file == 0 && $0.value.id.range.upperBound <= view.document.bytes.count }
    let sorted = own.sorted { $0.value.id.range.lowerBound < $1.value.id.range.lowerBound }
    return .array(
      sorted.map { id, entry in
        let ends = entry.clauses.values.filter { $0.file == 0 }.map(\.range.upperBound)
        let end = min(view.document.bytes.count, max(entry.id.range.upperBound, ends.max() ?? 0))
        return .object([
          "name": .string(id), "kind": 12,
          "detail": .string(view.text(entry.verb.range.clamped(to: 0..<view.document.bytes.count))),
          "range": view.range(entry.id.range.lowerBound..<end), "selectionRange": view.range(entry.id.range),
        ])
      })
  }
}
