internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax

/// Where a cursor stands, made out from the lines above it: documents that are being typed are rarely whole YAML.
struct CursorContext {
  /// Keys that the place is inside of, outermost first, without the one on the line itself.
  let path: [String]
  /// The key of the line (or flow mapping) that the cursor is behind; `nil` where a key is being typed.
  let key: String?
  /// What is typed of the word at the cursor.
  let word: String
  /// Text of the line before the word.
  let before: String
  /// Other keys of the same rule or entry, with their values.
  let siblings: [(key: String, value: String)]
  /// Keys of what is around that, in braces.
  private let around: [(key: String, value: String)]

  init(_ source: SourceText, _ offset: Int) {
    let number = source.line(at: offset)
    let lines = (0..<source.lineStarts.count).map { String(decoding: source.lineBytes($0), as: UTF8.self) }
    let typed = String(
      decoding: source.bytes[source.lineStarts[number]..<min(offset, source.bytes.count)], as: UTF8.self)
    let wordStart = typed.lastIndex { !Self.isWord($0) }.map { typed.index(after: $0) } ?? typed.startIndex
    word = String(typed[wordStart...])
    before = String(typed[..<wordStart])

    var stack: [(column: Int, key: String)] = []
    for line in lines[..<number] {
      guard let (column, key, _) = Self.key(of: line) else { continue }
      stack.removeAll { $0.column >= column }
      stack.append((column, key))
    }
    let own = Self.key(of: typed)
    let column = own?.column ?? Self.column(of: typed)
    stack.removeAll { $0.column >= column }
    let above = stack.map(\.key)
    let entry = Self.siblings(lines, number, column)
    if let flow = FlowMapping(lines[number], at: before.count) {
      (path, key, siblings, around) = (above + flow.path, flow.key, flow.siblings, flow.around + entry)
    } else {
      (path, key, siblings, around) = (above, own?.key, entry, [])
    }
  }

  static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "-" || character == "."
      || character == "$"
  }

  /// `  - key: value`: the column of the key, without the dash.
  static func key(of line: String) -> (column: Int, key: String, value: String)? {
    let rest = line.drop { $0 == " " || $0 == "-" }
    let column = line.count - rest.count
    guard !rest.hasPrefix("#"), let colon = rest.firstIndex(of: ":") else { return nil }
    let name = rest[..<colon]
    guard !name.isEmpty, name.allSatisfy(isWord) else { return nil }
    return (column, String(name), String(rest[rest.index(after: colon)...]))
  }

  private static func column(of line: String) -> Int { line.prefix { $0 == " " || $0 == "-" }.count }

  /// The keys of the entry that the line belongs to.
  private static func siblings(_ lines: [String], _ number: Int, _ column: Int) -> [(key: String, value: String)] {
    var found: [(String, String)] = []
    func collect(_ index: Int) -> Bool {
      guard let (own, key, value) = key(of: lines[index]) else { return true }
      if own < column { return false }
      if own == column {
        found.append((key, value.split(separator: "#").first.map { $0.trimming } ?? ""))
        return !lines[index].drop(while: { $0 == " " }).hasPrefix("-")
      }
      return true
    }
    var index = number
    while index >= 0, collect(index) { index -= 1 }
    index = number + 1
    while index < lines.count,
      !lines[index].drop(while: { $0 == " " }).hasPrefix("-") || Self.column(of: lines[index]) > column
    {
      guard collect(index) else { break }
      index += 1
    }
    return found
  }

  /// The block of the language that the place is in.
  var block: Block? {
    switch path.first {
    case nil: return .top
    case "rules":
      switch path.dropFirst().last {
      case nil: return .rule
      case "best": return .best
      case "every": return .every
      case "keep": return .thinKeep
      case "allow": return .allowance
      default: return nil
      }
    case "quotas": return path.count == 1 ? .quota : path.last == "evict" ? .evict : nil
    case "pressure": return path.count == 1 ? .pressure : path.last == "relieve" ? .step : nil
    case "never": return path.count == 1 ? .property : nil
    case "params": return path.count == 2 ? .param : nil
    case "facts": return path.count == 2 ? .fact : path.last == "from" ? .factSource : nil
    case "scan":
      if path.count == 1 { return .scan }
      if path.last == "layouts" { return .layout }
      return path.last == "metrics" ? .layoutMetrics : path.contains("columns") ? .layoutColumn : nil
    case "trash": return .trash
    case "archive": return .archive
    case "backup": return .backup
    case "limits": return .limits
    case "defaults": return .defaults
    default: return nil
    }
  }

  /// The verb of the rule around the cursor.
  var verb: VerbWord? {
    if siblings.contains(where: { $0.key == "thin" }) { return .thin }
    return siblings.lazy.compactMap { VerbWord(rawValue: $0.key) }.first
  }

  /// What the rule, quota or property around the cursor speaks of.
  var kind: EntityKind {
    let words = ["protect", "keep", "trash", "archive", "backup", "thin", "of", "destroy"]
    let value = (siblings + around).first {
      words.contains($0.key) && ["runs", "checkpoints"].contains($0.value)
    }?.value
    return value == "checkpoints" ? .checkpoint : .run
  }
}

extension Substring {
  fileprivate var trimming: String {
    var text = self
    while let first = text.first, first == " " { text.removeFirst() }
    while let last = text.last, last == " " || last == "\r" { text.removeLast() }
    return String(text)
  }
}
