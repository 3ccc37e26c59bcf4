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

  /// Why a file is left as it is.
  enum Refusal: Error {
    /// So many mistakes, the first on this line, counted from 1.
    case mistakes(Int, line: Int?)
    /// The layout would not mean the same, or not have the same comments.
    case otherMeaning

    var message: String {
      switch self {
      case .mistakes(let count, let line):
        let place = line.map { ", the first on line \($0)" } ?? ""
        return "not formatted: this policy has \(count == 1 ? "a mistake" : "\(count) mistakes")\(place); mend it first"
      case .otherMeaning:
        return "not formatted: it would change what this policy means. "
          + "This is a mistake of this program: please report it with the file"
      }
    }
  }

  /// - Parameter reload: what a text means.
  func edits(reload: ([UInt8]) -> LoadResult) throws(Refusal) -> JSONValue {
    let before = reload(view.document.bytes)
    let errors = before.diagnostics.filter { $0.severity == .error }.inSourceOrder()
    guard let policy = before.loaded?.policy, errors.isEmpty, let formatted = PolicyFormatter.format(view.source) else {
      let own = errors.first { $0.span?.file == 0 }?.span
      throw .mistakes(
        max(1, errors.count), line: own.map { view.source.position(at: $0.range.lowerBound).line })
    }
    guard formatted != view.document.bytes else { return .array([]) }
    guard policy == reload(formatted).loaded?.policy,
      PolicyFormatter.comments(view.source)
        == PolicyFormatter.comments(SourceText(path: view.source.path, bytes: formatted))
    else { throw .otherMeaning }
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
