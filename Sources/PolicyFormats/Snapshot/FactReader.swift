internal import PolicyCore

/// Reads the `facts` object of one line. A value that its source cannot mean makes the fact unreadable, with a note;
/// a value of another type is a fault of the file.
struct FactReader {
  private(set) var table: FactTable
  /// The last text of each column: neighbours in a file mostly share users and projects.
  private var texts: [ByteString?]

  struct Facts {
    var shape: FactShape
    var ids: [Int]
    var values: [FactValue?]
    var unreadable: [String] = []
    var notes: [ScanNote] = []
    /// Keys in the file, parallel to `ids`.
    var keys: [Range<Int>]
  }

  /// What an entity without facts has.
  var none: Facts { Facts(shape: FactShape([]), ids: [], values: [], keys: []) }

  init(_ table: FactTable) {
    self.table = table
    texts = [ByteString?](repeating: nil, count: table.columns.count)
  }

  /// The shape that other rows with these columns have.
  mutating func shape(_ ids: [Int]) -> FactShape { table.shape(ids) }

  mutating func read(_ cursor: inout JSONCursor) throws(LineFault) -> Facts {
    guard cursor.take(UInt8(ascii: "{")) else {
      throw LineFault(.wrongType, "`facts` must be an object", cursor.index..<cursor.index + 1)
    }
    var facts = none
    facts.values.reserveCapacity(16)
    facts.ids.reserveCapacity(16)
    facts.keys.reserveCapacity(16)
    var escaped: [(id: Int, range: Range<Int>)] = []
    var doubtful: [(id: Int, note: String)] = []
    var seen: [Int] = []
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        let (id, place): (Int, Range<Int>)
        if let likely = table.likelyColumn(&cursor, after: facts.ids.last) {
          (id, place) = likely
        } else {
          let raw = try key(&cursor)
          guard let named = table.column(raw, in: cursor, after: facts.ids.last) else {
            escaped.append((try flag(raw, &cursor), raw.range))
            continue
          }
          (id, place) = (named, raw.range)
        }
        guard let value = try value(id, &cursor) else {
          seen.append(id)
          continue
        }
        switch value {
        case .doubtful(let note):
          doubtful.append((id, note))
          seen.append(id)
        case .known(let value):
          facts.ids.append(id)
          facts.values.append(value)
          facts.keys.append(place)
        }
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else { throw LineFault(cursor.unexpected("`,` or `}`")) }
    }
    for (id, range) in escaped { try unescape(id, range, &facts) }
    try sort(&facts, cursor)
    for (id, note) in doubtful {
      facts.unreadable.append(table.columns[id].name)
      facts.notes.append(ScanNote(code: "unreadable-fact", text: note))
    }
    for (index, id) in seen.enumerated() where facts.ids.contains(id) || seen[..<index].contains(id) {
      throw twice(table.columns[id].name, cursor)
    }
    facts.shape = table.shape(facts.ids)
    return facts
  }

  private func key(_ cursor: inout JSONCursor) throws(LineFault) -> JSONCursor.RawString {
    do throws(JSONError) {
      let raw = try cursor.string()
      try cursor.expect(UInt8(ascii: ":"))
      return raw
    } catch {
      throw LineFault(error)
    }
  }

  private func twice(_ name: String, _ cursor: JSONCursor) -> LineFault {
    LineFault(.broken, "broken JSON: the key `\(name)` stands twice", cursor.index - 1..<cursor.index)
  }

  private mutating func sort(_ facts: inout Facts, _ cursor: JSONCursor) throws(LineFault) {
    for index in facts.ids.indices.dropFirst() where facts.ids[index - 1] >= facts.ids[index] {
      let order = facts.ids.indices.sorted { facts.ids[$0] < facts.ids[$1] }
      let ids = facts.ids
      for (a, b) in zip(order, order.dropFirst()) where ids[a] == ids[b] {
        let name = table.columns[ids[a]].name
        throw LineFault(.broken, "broken JSON: the key `\(name)` stands twice", facts.keys[max(a, b)])
      }
      facts.ids = order.map { ids[$0] }
      facts.values = order.map { facts.values[$0] }
      facts.keys = order.map { facts.keys[$0] }
      return
    }
  }

  // MARK: Flags

  /// The column whose flag `<name>_escaped` this key is. Any other key is a fact that nobody knows.
  private mutating func flag(_ raw: JSONCursor.RawString, _ cursor: inout JSONCursor) throws(LineFault) -> Int {
    let key = cursor.text(of: raw)
    let suffix = EscapedName.flagSuffix
    guard key.hasSuffix(suffix),
      let id = table.column(named: Array(key.utf8.dropLast(suffix.utf8.count))), isText(table.columns[id].type)
    else { throw unknown(key, raw.range) }
    guard cursor.takeWord("true") else {
      throw LineFault(.wrongType, "`\(key)` must be true, or left out", raw.range)
    }
    return id
  }

  private func isText(_ type: FactType) -> Bool {
    switch type {
    case .string, .stringSet: true
    case .bool, .int, .number, .ratio, .bytes, .duration, .time, .enumeration: false
    }
  }

  private func unknown(_ key: String, _ range: Range<Int>) -> LineFault {
    if FactTable.derived.contains(key) {
      return LineFault(
        .unknown, "`\(key)` is worked out, not written", range, help: "leave it out of `facts`")
    }
    let help = table.nearest(key, nil).map { "did you mean `\($0)`?" } ?? "declare it in the policy's `facts`"
    return LineFault(.unknown, "no layout and no `facts` knows the fact `\(key)`", range, help: help)
  }

  private func unescape(_ id: Int, _ range: Range<Int>, _ facts: inout Facts) throws(LineFault) {
    let wrong = LineFault(
      .wrongType, "`\(table.columns[id].name)` must be a name with `\\xff` for a byte and `\\\\` for a backslash", range
    )
    guard let place = facts.ids.firstIndex(of: id), let value = facts.values[place] else { throw wrong }
    switch value {
    case .text(let text):
      guard let bytes = EscapedName.unescape(text.bytes) else { throw wrong }
      facts.values[place] = .text(ByteString(bytes))
    case .set(let items):
      var names: [ByteString] = []
      for item in items {
        guard let bytes = EscapedName.unescape(item.bytes) else { throw wrong }
        names.append(ByteString(bytes))
      }
      facts.values[place] = .set(Self.sorted(names))
    case .bool, .integer, .number: throw wrong
    }
  }

  // MARK: Values

  enum Reading {
    case known(FactValue)
    /// It cannot be believed; the note says why.
    case doubtful(String)
  }

  /// `nil` for a null: missing.
  private mutating func value(_ id: Int, _ cursor: inout JSONCursor) throws(LineFault) -> Reading? {
    let column = table.columns[id]
    let start = cursor.index
    if cursor.peek() == UInt8(ascii: "n"), cursor.takeWord("null") {
      guard column.isOptional else { throw wrong(column, start..<cursor.index, "there: it is never missing") }
      return nil
    }
    do throws(JSONError) {
      switch column.type {
      case .bool:
        if cursor.takeWord("true") { return .known(.bool(true)) }
        if cursor.takeWord("false") { return .known(.bool(false)) }
      case .int, .bytes, .duration:
        if let first = cursor.peek(), first == UInt8(ascii: "-") || (48...57).contains(first) {
          let raw = try cursor.number()
          guard let number = raw.integer else { break }
          if number < 0, column.type != .int { return .doubtful("\(column.name) is \(number), below 0") }
          return .known(.integer(number))
        }
      case .number, .ratio:
        if cursor.peek() == UInt8(ascii: "\"") {
          let raw = try cursor.string()
          if raw.hasEscapes {
            let value = cursor.value(of: raw)
            return Self.number(value, value.indices, column)
          }
          return Self.number(cursor.bytes, raw.range, column)
        }
        if let first = cursor.peek(), first == UInt8(ascii: "-") || (48...57).contains(first) {
          return Self.number(cursor.bytes, try cursor.number().range, column)
        }
      case .time:
        if cursor.peek() == UInt8(ascii: "\"") {
          let raw = try cursor.string()
          guard !raw.hasEscapes, let time = TimestampText.parse(cursor.bytes, raw.range) else { break }
          return .known(.integer(time.nanoseconds))
        }
      case .string:
        if cursor.peek() == UInt8(ascii: "\"") { return .known(.text(text(id, try cursor.string(), cursor))) }
      case .enumeration:
        if cursor.peek() == UInt8(ascii: "\"") {
          let raw = try cursor.string()
          for word in column.words where cursor.matches(raw, word.bytes) { return .known(.text(word)) }
          let value = cursor.value(of: raw)
          for word in column.words where word.bytes == value { return .known(.text(word)) }
          return .doubtful("\(column.name) is \(Self.quoted(value)), which is none of its words")
        }
      case .stringSet:
        if cursor.take(UInt8(ascii: "[")) { return .known(.set(try strings(&cursor))) }
      }
      // Of another type: read it to its end, so that the span covers it.
      if cursor.index == start { _ = try cursor.value() }
    } catch {
      throw LineFault(error)
    }
    throw wrong(column, start..<cursor.index, Self.wanted(column.type))
  }

  private func wrong(_ column: FactTable.Column, _ range: Range<Int>, _ wanted: String) -> LineFault {
    LineFault(.wrongType, "`\(column.name)` must be \(wanted)", range)
  }

  private static func wanted(_ type: FactType) -> String {
    switch type {
    case .bool: "true or false"
    case .int: "an integer"
    case .number, .ratio: "a number, or its text in quotes"
    case .bytes: "a whole number of bytes"
    case .duration: "a whole number of nanoseconds"
    case .time: "a time such as \"2027-01-15T08:00:00Z\""
    case .string, .enumeration: "a string"
    case .stringSet: "a list of strings"
    }
  }

  private mutating func text(_ id: Int, _ raw: JSONCursor.RawString, _ cursor: JSONCursor) -> ByteString {
    if let last = texts[id], cursor.matches(raw, last.bytes) { return last }
    let text = ByteString(cursor.value(of: raw))
    texts[id] = text
    return text
  }

  private func strings(_ cursor: inout JSONCursor) throws(JSONError) -> [ByteString] {
    var items: [ByteString] = []
    if cursor.take(UInt8(ascii: "]")) { return items }
    repeat {
      let raw = try cursor.string()
      items.append(ByteString(cursor.value(of: raw)))
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "]")) else { throw cursor.unexpected("`,` or `]`") }
    return Self.sorted(items)
  }

  private static func sorted(_ items: [ByteString]) -> [ByteString] {
    var unique: [ByteString] = []
    for item in items.sorted() where item != unique.last { unique.append(item) }
    return unique
  }
}
