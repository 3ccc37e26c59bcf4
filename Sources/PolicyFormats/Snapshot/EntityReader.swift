internal import PolicyCore

/// Reads a run or a checkpoint from its line, without building a tree of values.
struct EntityReader {
  private var facts: FactReader
  private var identityReader = IdentityReader()
  /// Shapes that were found to hold only facts of their kind.
  private var checked: [ObjectIdentifier: Set<EntityKind>] = [:]
  private var layouts: [String] = []

  /// Keys that this version does not know, of the last entity; readers ignore them.
  private(set) var unknownKeys: [Range<Int>] = []
  private(set) var root: ByteString?
  private(set) var host: ByteString?

  static let keys: [(name: String, bytes: [UInt8])] = [
    "backups", "facts", "host", "host_escaped", "identity", "kind", "layout", "links", "notes", "path", "path_escaped",
    "root", "root_escaped", "tier", "unreadable",
  ].map { ($0, Array($0.utf8)) }

  private static let rendered = keys.map { Array("\"".utf8) + $0.bytes + Array("\":".utf8) }

  init(facts: FactTable) { self.facts = FactReader(facts) }

  /// The entity at the cursor. Its `root` is 0: whoever knows the roots sets it.
  mutating func entity(_ cursor: inout JSONCursor) throws(LineFault) -> Entity {
    let start = cursor.index
    (unknownKeys, root, host) = ([], nil, nil)
    do throws(JSONError) { try cursor.expect(UInt8(ascii: "{")) } catch { throw LineFault(error) }
    var (kind, path): (EntityKind?, ByteString?) = (nil, nil)
    var (read, factsRange): (FactReader.Facts?, Range<Int>) = (nil, start..<start)
    var (tier, layout, identity): (Tier, String, Identity?) = (.live, "", nil)
    var (backups, links, notes): ([BackupRecord], [HardLink], [ScanNote]) = ([], [], [])
    var unreadable: [(name: String, range: Range<Int>)] = []
    var escaped = (path: false, root: false, host: false)
    var (seen, expected): (UInt32, Int) = (0, 0)
    var strangers: [[UInt8]] = []
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        let (raw, known) = try key(&cursor, expected)
        guard let index = known ?? Self.index(raw, cursor, expected) else {
          let name = cursor.value(of: raw)
          guard !strangers.contains(name) else { throw twice(raw, cursor) }
          strangers.append(name)
          unknownKeys.append(raw.range)
          _ = try json(&cursor)
          continue
        }
        guard seen & (1 << UInt32(index)) == 0 else { throw twice(raw, cursor) }
        seen |= 1 << UInt32(index)
        expected = index + 1
        let valueStart = cursor.index
        switch index {
        case 0: backups = try list(&cursor, "backups", start, EntityPartsJSON.backup)
        case 1:
          read = try facts.read(&cursor)
          factsRange = valueStart..<cursor.index
        case 2: host = try text(&cursor, "host")
        case 3: escaped.host = try flag(&cursor, "host_escaped")
        case 4: identity = try identityReader.read(&cursor)
        case 5: kind = try self.kind(&cursor)
        case 6: layout = try self.layout(&cursor)
        case 7: links = try list(&cursor, "links", start, EntityPartsJSON.link)
        case 8: notes = try list(&cursor, "notes", start, EntityPartsJSON.note)
        case 9: path = try text(&cursor, "path")
        case 10: escaped.path = try flag(&cursor, "path_escaped")
        case 11: root = try text(&cursor, "root")
        case 12: escaped.root = try flag(&cursor, "root_escaped")
        case 13: tier = try word(&cursor, "tier", [.live, .archived])
        default: unreadable = try names(&cursor)
        }
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else { throw LineFault(cursor.unexpected("`,` or `}`")) }
    }
    let line = start..<cursor.index
    guard let kind else { throw missing("kind", line) }
    guard let path else { throw missing("path", line) }
    guard let read else { throw missing("facts", line) }
    let own = try unescape(path, escaped.path, "path", start, cursor)
    guard own.isPlainRelativePath else {
      throw LineFault(
        .wrongType, "`path` must be a path below the root, without `.`, `..` and empty parts",
        JSONPath().appending("path").range(in: cursor.bytes, from: start))
    }
    if let root { self.root = try unescape(root, escaped.root, "root", start, cursor) }
    if let host { self.host = try unescape(host, escaped.host, "host", start, cursor) }
    let facts = try row(read, unreadable, kind, factsRange)
    for note in read.notes where !notes.contains(note) { notes.append(note) }
    return Entity(
      kind: kind, path: own, tier: tier, layout: layout, facts: facts, notes: notes, links: links, backups: backups,
      identity: identity)
  }

  // MARK: Facts

  private mutating func row(
    _ read: FactReader.Facts, _ unreadable: [(name: String, range: Range<Int>)], _ kind: EntityKind,
    _ range: Range<Int>
  ) throws(LineFault) -> FactRow {
    if !(checked[ObjectIdentifier(read.shape)]?.contains(kind) ?? false) {
      for (place, id) in read.ids.enumerated() where !facts.table.columns[id].kinds.contains(kind) {
        throw foreign(facts.table.columns[id].name, kind, read.keys[place])
      }
      checked[ObjectIdentifier(read.shape), default: []].insert(kind)
    }
    if unreadable.isEmpty, read.unreadable.isEmpty { return FactRow(shape: read.shape, values: read.values) }
    for name in read.unreadable {
      guard let id = facts.table.column(named: Array(name.utf8)), facts.table.columns[id].kinds.contains(kind) else {
        throw foreign(name, kind, range)
      }
    }
    var names = read.unreadable
    for (name, place) in unreadable where !names.contains(name) {
      guard let id = facts.table.column(named: Array(name.utf8)) else {
        let help = facts.table.nearest(name, kind).map { "did you mean `\($0)`?" }
        throw LineFault(.unknown, "no layout and no `facts` knows the fact `\(name)`", place, help: help)
      }
      guard facts.table.columns[id].kinds.contains(kind) else { throw foreign(name, kind, place) }
      names.append(name)
    }
    return dropping(names, from: read)
  }

  /// A fact that is unreadable has no value, whatever else the line says.
  private mutating func dropping(_ names: [String], from read: FactReader.Facts) -> FactRow {
    let kept = read.ids.indices.filter { !names.contains(facts.table.columns[read.ids[$0]].name) }
    if kept.count == read.ids.count { return FactRow(shape: read.shape, values: read.values, unreadable: names) }
    return FactRow(
      shape: facts.shape(kept.map { read.ids[$0] }), values: kept.map { read.values[$0] }, unreadable: names)
  }

  private func foreign(_ name: String, _ kind: EntityKind, _ range: Range<Int>) -> LineFault {
    LineFault(.unknown, "\(kind.plural) have no fact `\(name)`", range)
  }

  // MARK: Keys and values

  private static func index(_ raw: JSONCursor.RawString, _ cursor: JSONCursor, _ expected: Int) -> Int? {
    for index in expected..<max(expected, keys.count) where cursor.matches(raw, keys[index].bytes) { return index }
    let name = raw.hasEscapes ? cursor.value(of: raw) : Array(cursor.bytes[raw.range])
    return keys.firstIndex { $0.bytes == name }
  }

  /// A key, and its place among the known ones where it is one that may follow in a canonical line.
  private func key(
    _ cursor: inout JSONCursor, _ expected: Int
  ) throws(LineFault) -> (raw: JSONCursor.RawString, known: Int?) {
    let start = cursor.index
    for index in expected..<max(expected, Self.keys.count) where cursor.take(Self.rendered[index]) {
      return (JSONCursor.RawString(range: start + 1..<cursor.index - 2, hasEscapes: false), index)
    }
    do throws(JSONError) {
      let raw = try cursor.string()
      try cursor.expect(UInt8(ascii: ":"))
      return (raw, nil)
    } catch {
      throw LineFault(error)
    }
  }

  private func twice(_ raw: JSONCursor.RawString, _ cursor: JSONCursor) -> LineFault {
    LineFault(.broken, "broken JSON: the key `\(cursor.text(of: raw))` stands twice", raw.range)
  }

  private func missing(_ key: String, _ line: Range<Int>) -> LineFault {
    LineFault(.missing, "`\(key)` is missing", line)
  }

  private func json(_ cursor: inout JSONCursor) throws(LineFault) -> JSONValue {
    do throws(JSONError) { return try cursor.value() } catch { throw LineFault(error) }
  }

  private func raw(_ cursor: inout JSONCursor, _ key: String) throws(LineFault) -> JSONCursor.RawString {
    var start = cursor.index
    do throws(JSONError) {
      if cursor.peek() == UInt8(ascii: "\"") { return try cursor.string() }
      start = cursor.index
      _ = try cursor.value()
    } catch {
      throw LineFault(error)
    }
    throw LineFault(.wrongType, "`\(key)` must be a string", start..<cursor.index)
  }

  private func text(_ cursor: inout JSONCursor, _ key: String) throws(LineFault) -> ByteString {
    let raw = try raw(&cursor, key)
    return ByteString(cursor.value(of: raw))
  }

  private func unescape(
    _ text: ByteString, _ isEscaped: Bool, _ key: String, _ start: Int, _ cursor: JSONCursor
  ) throws(LineFault) -> ByteString {
    guard isEscaped else { return text }
    guard let bytes = EscapedName.unescape(text.bytes) else {
      throw LineFault(
        .wrongType, "`\(key)` must be a name with `\\xff` for a byte and `\\\\` for a backslash",
        JSONPath().appending(key).range(in: cursor.bytes, from: start))
    }
    return ByteString(bytes)
  }

  private func flag(_ cursor: inout JSONCursor, _ key: String) throws(LineFault) -> Bool {
    if cursor.takeWord("true") { return true }
    if cursor.takeWord("false") { return false }
    throw LineFault(.wrongType, "`\(key)` must be true, or left out", cursor.index..<cursor.index + 1)
  }

  private func word<Word: RawRepresentable<String>>(
    _ cursor: inout JSONCursor, _ key: String, _ words: [Word]
  ) throws(LineFault) -> Word {
    let raw = try raw(&cursor, key)
    let text = cursor.text(of: raw)
    guard let word = words.first(where: { $0.rawValue.hasSameBytes(as: text) }) else {
      let list = words.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      throw LineFault(.wrongType, "`\(key)` must be one of \(list)", raw.range)
    }
    return word
  }

  private func kind(_ cursor: inout JSONCursor) throws(LineFault) -> EntityKind {
    let raw = try raw(&cursor, "kind")
    if let kind = EntityKind(rawValue: cursor.text(of: raw)) { return kind }
    let kinds = EntityKind.allCases.map(\.rawValue) + RecordReader.Kind.allCases.map(\.rawValue)
    throw LineFault(
      .wrongType, "`kind` must be one of \(kinds.map { "`\($0)`" }.joined(separator: ", "))", raw.range)
  }

  /// The few names of layouts are shared by all entities.
  private mutating func layout(_ cursor: inout JSONCursor) throws(LineFault) -> String {
    let raw = try raw(&cursor, "layout")
    let text = cursor.text(of: raw)
    if let known = layouts.first(where: { $0.hasSameBytes(as: text) }) { return known }
    if layouts.count < 64 { layouts.append(text) }
    return text
  }

  private func list<Element>(
    _ cursor: inout JSONCursor, _ key: String, _ start: Int,
    _ make: (JSONFields) throws(FormatError) -> Element
  ) throws(LineFault) -> [Element] {
    let value = try json(&cursor)
    if case .array(let items) = value, items.isEmpty { return [] }
    do throws(FormatError) {
      return try JSONFields(.object([key: value])).map(key, make)
    } catch {
      throw LineFault(error, in: cursor.bytes, from: start)
    }
  }

  private func names(_ cursor: inout JSONCursor) throws(LineFault) -> [(name: String, range: Range<Int>)] {
    var names: [(name: String, range: Range<Int>)] = []
    guard cursor.take(UInt8(ascii: "[")) else {
      throw LineFault(.wrongType, "`unreadable` must be a list of facts", cursor.index..<cursor.index + 1)
    }
    if cursor.take(UInt8(ascii: "]")) { return names }
    repeat {
      let raw = try raw(&cursor, "unreadable")
      names.append((cursor.text(of: raw), raw.range))
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "]")) else { throw LineFault(cursor.unexpected("`,` or `]`")) }
    return names
  }
}
