internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// One file's blocks, as written.
struct FileSyntax {
  let path: String
  /// Index into the `SourceSet`.
  let index: Int
  let top: BlockSyntax
}

/// Reads the main file and what it imports, each file once, depth first.
struct FileCollector {
  let main: String
  private(set) var files: [FileSyntax] = []
  private(set) var sources = SourceSet()
  private(set) var reader = NodeReader()
  /// Some file could not be read at all: what it declares would seem unknown, so nothing further is checked.
  private(set) var isUsable = true
  /// Who names whom.
  private(set) var imports: [SourceMap.Import] = []
  private var seen: Set<String> = []
  private var indices: [String: Int] = [:]
  /// Lines that YAML itself has complained about, by file.
  private var faultyLines: [Int: Set<Int>] = [:]

  init(main: String) { self.main = main }

  /// Paths of `files`, as seen from the main file's folder.
  var paths: [String] { files.map { PolicyPath.relative($0.path, to: PolicyPath.folder(of: main)) } }

  mutating func collect(_ read: (String) -> Result<[UInt8], ReadFailure>) {
    visit(main, chain: [], importedAt: nil, read)
  }

  private mutating func visit(
    _ path: String, chain: [String], importedAt span: SourceSpan?, _ read: (String) -> Result<[UInt8], ReadFailure>
  ) {
    let name = PolicyPath.normalised(path)
    if let start = chain.firstIndex(of: name) {
      let circle = (chain[start...] + [name]).map { PolicyPath.relative($0, to: PolicyPath.folder(of: main)) }
      reader.report(
        .importCycle, "imports go round in a circle", at: span, caption: "imports what imports it",
        notes: [circle.joined(separator: " → ")], help: "move what both need into a file of its own")
      isUsable = false
      return
    }
    guard seen.insert(name).inserted else {
      if let span, let index = indices[name] { imports.append(SourceMap.Import(span: span, file: index)) }
      return
    }
    switch read(path) {
    case .failure(let failure):
      reader.report(
        .importUnreadable, "cannot read `\(name)`: \(failure.reason)", at: span,
        help: "imports are looked for from the folder of the file that names them")
      isUsable = false
    case .success(let bytes):
      let source = SourceText(path: path, bytes: bytes)
      let index = sources.add(source)
      indices[name] = index
      if let span { imports.append(SourceMap.Import(span: span, file: index)) }
      guard let top = decode(source, index) else {
        isUsable = false
        return
      }
      files.append(FileSyntax(path: path, index: index, top: top))
      for (target, span) in imports(of: top) {
        visit(PolicyPath.join(target, to: path), chain: chain + [name], importedAt: span, read)
      }
    }
  }

  /// `nil` for a file of which nothing can be believed.
  private mutating func decode(_ source: SourceText, _ index: Int) -> BlockSyntax? {
    let (root, diagnostics) = YAMLReader.read(source, file: index)
    for diagnostic in diagnostics {
      guard let span = diagnostic.span, diagnostic.severity == .error else { continue }
      faultyLines[index, default: []].insert(source.line(at: span.range.lowerBound))
    }
    reader.diagnostics += diagnostics
    guard let root else {
      if diagnostics.isEmpty {
        reader.report(
          .version, "this file is empty", at: SourceSpan(file: index, range: 0..<0), help: "begin with `version: 1`")
      }
      return nil
    }
    guard case .mapping(let pairs) = root.content else {
      reader.report(
        .wrongShape, "a policy is a block of keys", at: NodeReader.opening(root), caption: root.shapePhrase,
        help: "begin with `version: 1`")
      return nil
    }
    if let pair = pairs.first(where: { $0.key.word == "version" }) {
      // Before anything else: the keys of another version are not for us to judge.
      guard isKnown(pair.value, pair.key.span) else { return nil }
    }
    guard let top = reader.block(root, .top, name: "a policy", place: root.span) else { return nil }
    if top["version"] == nil, !top.hasUnknownKeys {
      reader.report(
        .version, "a policy says which version of the language it is written in", at: top.place,
        caption: "before this", help: "begin with `version: \(Policy.languageVersion)`")
    }
    return top
  }

  private mutating func isKnown(_ version: YAMLNode, _ place: SourceSpan) -> Bool {
    guard
      let text = reader.scalar(version, name: "`version`", expected: ValueShape.version.phrase, place: place)
    else { return false }
    let word = String(decoding: text.bytes, as: UTF8.self)
    if word == String(Policy.languageVersion) { return true }
    reader.report(
      .version, "unknown version `\(word)`", at: version.span,
      caption: "this program knows version \(Policy.languageVersion)",
      help: "write `version: \(Policy.languageVersion)`, or use a program that knows version `\(word)`")
    return false
  }

  private mutating func imports(of top: BlockSyntax) -> [(String, SourceSpan)] {
    guard let clause = top["imports"], let items = reader.items(clause, expected: "a list of files", mayBeEmpty: true)
    else { return [] }
    // Imports are read before params are known, so nothing stands for anything in them.
    return items.compactMap { item in
      guard let text = reader.scalar(item, name: "each import", expected: "the path of a file", place: clause.keySpan)
      else { return nil }
      let path = String(decoding: text.bytes, as: UTF8.self)
      if path.hasPrefix("~") || path.hasPrefix("$") {
        reader.report(
          .unexpandedPath, "`\(path.prefix(1))` is not expanded in a policy", at: item.span,
          help: "write a path relative to this file")
        return nil
      }
      return (path, item.span)
    }
  }

  /// Without what follows from a mistake of YAML on the same line: a tag takes a condition away, and the empty condition
  /// is no second mistake.
  func withoutEchoes(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    let own = reader.diagnostics.count
    return diagnostics.enumerated().filter { index, diagnostic in
      guard index >= own || Code(rawValue: diagnostic.code) != nil, let span = diagnostic.span,
        let lines = faultyLines[span.file]
      else { return true }
      if index < own, Self.yamlCodes.contains(diagnostic.code) { return true }
      return !lines.contains(sources.sources[span.file].line(at: span.range.lowerBound))
    }.map(\.element)
  }

  /// Codes that only the reader of YAML reports here.
  private static let yamlCodes: Set<String> = [
    "P0003", "P0004", "P0005", "P0006", "P0007", "P0008", "P0009",
  ]
}
