internal import PolicyAnalysis
public import PolicyCore
internal import PolicyDiagnostics
public import PolicyFormats
internal import PolicySyntax

/// A language server for policy files: messages in, messages out. It reads no clock and no disk by itself.
public struct LanguageServer {
  private enum State { case fresh, running, shutDown }

  /// Reads a file from disk; `nil` when it cannot be read.
  private let read: (String) -> [UInt8]?
  private let now: () -> Timestamp
  private var state = State.fresh
  private var encoding = TextDocument.PositionEncoding.utf16
  private var documents: [String: TextDocument] = [:]
  /// The last policy of each document that was free of errors: what hovers and completion know of names.
  private var loaded: [String: LoadedPolicy] = [:]
  private var diagnostics: [String: [Diagnostic]] = [:]
  private var sources: [String: SourceSet] = [:]
  /// Files that findings were published for, by the document that they came from.
  private var published: [String: Set<String>] = [:]
  private var changed: Set<String> = []
  private var snapshotPath: String?

  /// After `exit`: 0 if the client had asked to shut down, else 1.
  public private(set) var exitStatus: Int32?

  public init(now: @escaping () -> Timestamp, read: @escaping (String) -> [UInt8]?) {
    self.now = now
    self.read = read
  }

  /// The answers to one message, in order. Findings wait for `settle()`.
  public mutating func handle(_ bytes: [UInt8]) -> [JSONValue] {
    guard let message = try? JSONReader.parse(bytes) else {
      return [Messages.error(.null, .parseError, "this is no JSON")]
    }
    guard let method = message["method"]?.text else {
      // An answer to a request of ours: there are none.
      return message["id"] == nil || message["result"] != nil || message["error"] != nil
        ? [] : [Messages.error(message["id"] ?? .null, .invalidRequest, "a message without a method")]
    }
    let params = message["params"] ?? .object([:])
    guard let id = message["id"] else {
      notify(method, params)
      return []
    }
    if method == "initialize" { return [Messages.result(id, initialize(params))] }
    guard state == .running else {
      let code: Messages.ErrorCode = state == .fresh ? .serverNotInitialized : .invalidRequest
      return [Messages.error(id, code, state == .fresh ? "`initialize` comes first" : "the server is shutting down")]
    }
    return [answer(id, method, params)]
  }

  private mutating func initialize(_ params: JSONValue) -> JSONValue {
    state = .running
    let offered = params["capabilities"]?["general"]?["positionEncodings"]?.items.compactMap(\.text) ?? []
    if offered.contains("utf-8") { encoding = .utf8 }
    if let named = params["initializationOptions"]?["snapshot"]?.text {
      snapshotPath = named
    } else if let root = params["rootUri"]?.text {
      snapshotPath = DocumentPath.path(root) + "/.policy/last-snapshot.jsonl"
    }
    return .object([
      "capabilities": .object([
        "positionEncoding": .string(encoding.rawValue),
        "textDocumentSync": .object(["openClose": true, "change": 2, "save": true]),
        "hoverProvider": true, "definitionProvider": true, "documentSymbolProvider": true,
        "documentFormattingProvider": true,
        "completionProvider": .object(["triggerCharacters": .array([" ", "$", ".", ":"])]),
        "codeActionProvider": .object(["codeActionKinds": .array(["quickfix"])]),
      ]),
      "serverInfo": .object(["name": .string("policy")]),
    ])
  }

  private mutating func notify(_ method: String, _ params: JSONValue) {
    let uri = params["textDocument"]?["uri"]?.text ?? ""
    switch method {
    case "exit": exitStatus = state == .shutDown ? 0 : 1
    case "textDocument/didOpen":
      documents[uri] = TextDocument(
        uri: uri, text: params["textDocument"]?["text"]?.text ?? "", encoding: encoding)
      changed.insert(uri)
    case "textDocument/didChange":
      for change in params["contentChanges"]?.items ?? [] { documents[uri]?.apply(change) }
      changed.insert(uri)
    case "textDocument/didSave":
      // What is imported may be the file that was saved.
      changed.formUnion(documents.keys)
    case "textDocument/didClose":
      documents[uri] = nil
      loaded[uri] = nil
      changed.insert(uri)
    default: break
    }
  }

  private mutating func answer(_ id: JSONValue, _ method: String, _ params: JSONValue) -> JSONValue {
    if method == "shutdown" {
      state = .shutDown
      return Messages.result(id, .null)
    }
    let uri = params["textDocument"]?["uri"]?.text ?? ""
    let known = ["hover", "definition", "completion", "documentSymbol", "codeAction", "formatting"]
    guard known.contains(where: { method == "textDocument/\($0)" }) else {
      return Messages.error(id, .methodNotFound, "there is no method `\(method)` here")
    }
    guard let document = documents[uri] else { return Messages.result(id, .null) }
    // Answers are about the text as it is now.
    if changed.contains(uri) { _ = look(at: uri, document) }
    let view = DocumentView(
      document: document, loaded: loaded[uri], diagnostics: diagnostics[uri] ?? [], sources: sources[uri] ?? SourceSet()
    )
    let offset = document.offset(params["position"], document.source)
    let result: JSONValue =
      switch method {
      case "textDocument/hover": Hover(view: view, snapshot: snapshot(uri)).at(offset)
      case "textDocument/definition": Definition(view: view).at(offset)
      case "textDocument/completion": Completion(view: view).at(offset)
      case "textDocument/documentSymbol": Outline(view: view).symbols()
      case "textDocument/codeAction": CodeActions(view: view).within(params["range"])
      default: .null
      }
    if method == "textDocument/formatting", DocumentKind.of(document.source) == .policy {
      do {
        return Messages.result(id, try Formatting(view: view).edits { loadForLayout(uri, $0) })
      } catch {
        return Messages.error(id, .requestFailed, error.message)
      }
    }
    return Messages.result(id, result)
  }

  /// The text of an open document, as the server has it.
  package func text(of uri: String) -> String? { documents[uri]?.text }

  // MARK: - Findings

  /// Findings of every document that changed since the last time.
  public mutating func settle() -> [JSONValue] {
    var messages: [JSONValue] = []
    for uri in changed.sorted() {
      guard let document = documents[uri] else {
        for file in (published.removeValue(forKey: uri) ?? []).sorted() { messages.append(publish(file, [])) }
        continue
      }
      let found = look(at: uri, document)
      let files = Set(found.keys)
      for file in (published[uri] ?? []).subtracting(files).sorted() { messages.append(publish(file, [])) }
      for file in files.sorted() { messages.append(publish(file, found[file] ?? [])) }
      published[uri] = files
    }
    changed = []
    return messages
  }

  /// Loads and analyses a document; findings by file.
  private mutating func look(at uri: String, _ document: TextDocument) -> [String: [JSONValue]] {
    guard DocumentKind.of(document.source) == .policy else {
      (loaded[uri], diagnostics[uri], sources[uri]) = (nil, [], SourceSet())
      return [uri: []]
    }
    let result = load(uri, document.bytes)
    var all = result.diagnostics
    if let policy = result.loaded {
      loaded[uri] = policy
      all += Analyzer.analyze(policy.policy, policy.sourceMap, result.sources, now: now()).diagnostics
    }
    diagnostics[uri] = all
    sources[uri] = result.sources
    var found: [String: [JSONValue]] = [uri: []]
    for diagnostic in all.inSourceOrder() {
      let file = diagnostic.span.map { fileURI($0.file, uri, result.sources) } ?? uri
      found[file, default: []].append(json(diagnostic, uri, result.sources))
    }
    return found
  }

  private func load(_ uri: String, _ bytes: [UInt8]) -> LoadResult {
    let path = DocumentPath.path(uri)
    return PolicyLoader.load(path) { other in
      if other == path { return .success(bytes) }
      // An imported file that is open counts as the editor has it.
      if let open = documents[DocumentPath.uri(other)] { return .success(open.bytes) }
      return read(other).map { .success($0) } ?? .failure(ReadFailure(reason: "it cannot be read"))
    }
  }

  /// A policy that only others import has no roots of its own: it is given some.
  private func loadForLayout(_ uri: String, _ bytes: [UInt8]) -> LoadResult {
    let result = load(uri, bytes)
    let errors = result.diagnostics.filter { $0.severity == .error }
    guard errors.map(\.code) == ["P0041"] else { return result }
    let rooted = load(uri, PolicyFormatter.givenRoots(SourceText(path: DocumentPath.path(uri), bytes: bytes)))
    return rooted.loaded == nil ? result : rooted
  }

  private func fileURI(_ file: Int, _ main: String, _ sources: SourceSet) -> String {
    file == 0 ? main : DocumentPath.uri(sources.sources[file].path)
  }

  private func json(_ diagnostic: Diagnostic, _ main: String, _ sources: SourceSet) -> JSONValue {
    let severity: Int64 = diagnostic.severity == .error ? 1 : diagnostic.severity == .warning ? 2 : 3
    func range(_ span: SourceSpan) -> JSONValue {
      TextDocument.range(span.range, sources.sources[span.file], encoding)
    }
    var text = diagnostic.message
    if !diagnostic.caption.isEmpty { text += ": \(diagnostic.caption)" }
    for note in diagnostic.notes { text += "\nnote: \(note)" }
    if let help = diagnostic.help { text += "\nhelp: \(help)" }
    var object: JSONObject = [
      "severity": .integer(severity), "code": .string(diagnostic.code), "source": .string("policy"),
      "message": .string(text),
      "range": diagnostic.span.map(range)
        ?? .object([
          "start": .object(["line": 0, "character": 0]), "end": .object(["line": 0, "character": 0]),
        ]),
    ]
    if !diagnostic.labels.isEmpty {
      object["relatedInformation"] = .array(
        diagnostic.labels.map { label in
          .object([
            "location": .object(["uri": .string(fileURI(label.span.file, main, sources)), "range": range(label.span)]),
            "message": .string(label.text.isEmpty ? "see here" : label.text),
          ])
        })
    }
    return .object(object)
  }

  private func publish(_ uri: String, _ diagnostics: [JSONValue]) -> JSONValue {
    Messages.notification(
      "textDocument/publishDiagnostics", ["uri": .string(uri), "diagnostics": .array(diagnostics)])
  }

  /// The last snapshot, where the client named one.
  private func snapshot(_ uri: String) -> Snapshot? {
    guard let snapshotPath, let bytes = read(snapshotPath), let policy = loaded[uri]?.policy else { return nil }
    return SnapshotCodec.decode(bytes, path: snapshotPath, schema: policy.schema).0
  }
}
