/// Reads a whole JSON text (RFC 8259) strictly: UTF-8 without a byte order mark, no comments, no trailing commas, no key
/// twice, no half surrogate pairs. Time is linear in the input, and nesting is bounded, so that hostile input can
/// neither hang nor overflow the stack.
public enum JSONReader {
  /// Arrays and objects inside each other.
  public static let maximumDepth = 256

  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue { try parse(bytes, passingOn: nil) }

  /// The same, but that what stands in lists under one key is not looked at: `.encoded`, for whoever passes it on. Keys
  /// that stand twice in it are not found out.
  package static func parse(_ bytes: [UInt8], passingOn key: String?) throws(JSONError) -> JSONValue {
    var cursor = JSONCursor(bytes)
    let value = try cursor.value(passingOn: key)
    guard cursor.peek() == nil else {
      throw JSONError(offset: cursor.index, message: "something follows the end of the value")
    }
    return value
  }

  public static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)) }
}

extension JSONCursor {
  /// The value that comes next, as a tree.
  mutating func value(depth: Int = 0, passingOn key: String? = nil) throws(JSONError) -> JSONValue {
    guard let first = peek() else { throw unexpected("a value") }
    switch first {
    case UInt8(ascii: "{"): return .object(try object(depth: depth, passingOn: key))
    case UInt8(ascii: "["): return .array(try array(depth: depth, passingOn: key))
    case UInt8(ascii: "\""): return .string(text(of: try string()))
    case UInt8(ascii: "-"), 48...57:
      let raw = try number()
      if let integer = raw.integer { return .integer(integer) }
      return .decimal(String(decoding: bytes[raw.range], as: UTF8.self))
    default:
      if takeWord("true") { return .bool(true) }
      if takeWord("false") { return .bool(false) }
      if takeWord("null") { return .null }
      throw unexpected("a value")
    }
  }

  private func checkDepth(_ depth: Int) throws(JSONError) {
    guard depth < JSONReader.maximumDepth else {
      throw JSONError(offset: index, message: "is nested more than \(JSONReader.maximumDepth) deep")
    }
  }

  private mutating func array(depth: Int, passingOn key: String?) throws(JSONError) -> [JSONValue] {
    try checkDepth(depth)
    try expect(UInt8(ascii: "["))
    var items: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return items }
    repeat { items.append(try value(depth: depth + 1, passingOn: key)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("`,` or `]`") }
    return items
  }

  private mutating func object(depth: Int, passingOn passed: String?) throws(JSONError) -> JSONObject {
    try checkDepth(depth)
    try expect(UInt8(ascii: "{"))
    var members: [JSONObject.Member] = []
    // Few keys are compared one by one; the set keeps a hostile object linear.
    var seen: Set<[UInt8]> = []
    if take(UInt8(ascii: "}")) { return JSONObject() }
    repeat {
      let raw = try string()
      let key = text(of: raw)
      if members.count == 16 { seen = Set(members.map { Array($0.key.utf8) }) }
      let isNew =
        members.count < 16
        ? !members.contains { $0.key.hasSameBytes(as: key) } : seen.insert(Array(key.utf8)).inserted
      guard isNew else { throw JSONError(offset: raw.range.lowerBound - 1, message: "the key `\(key)` stands twice") }
      try expect(UInt8(ascii: ":"))
      let isPassed = passed?.hasSameBytes(as: key) ?? false
      let value =
        isPassed && peek() == UInt8(ascii: "[")
        ? JSONValue.array(try encodedItems(depth: depth + 1)) : try value(depth: depth + 1, passingOn: passed)
      members.append(JSONObject.Member(key, value))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw unexpected("`,` or `}`") }
    return JSONObject(unique: members)
  }

  /// The items of a list, as they stand there.
  private mutating func encodedItems(depth: Int) throws(JSONError) -> [JSONValue] {
    try checkDepth(depth)
    try expect(UInt8(ascii: "["))
    var items: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return items }
    repeat {
      _ = peek()
      let start = index
      try skip(depth: depth + 1)
      items.append(.encoded(Array(bytes[start..<index])))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("`,` or `]`") }
    return items
  }

  /// Goes past the value that comes next, which must be one.
  private mutating func skip(depth: Int) throws(JSONError) {
    guard let first = peek() else { throw unexpected("a value") }
    switch first {
    case UInt8(ascii: "{"):
      try checkDepth(depth)
      try expect(first)
      if take(UInt8(ascii: "}")) { return }
      repeat {
        _ = try string()
        try expect(UInt8(ascii: ":"))
        try skip(depth: depth + 1)
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw unexpected("`,` or `}`") }
    case UInt8(ascii: "["):
      try checkDepth(depth)
      try expect(first)
      if take(UInt8(ascii: "]")) { return }
      repeat { try skip(depth: depth + 1) } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { throw unexpected("`,` or `]`") }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "-"), 48...57: _ = try number()
    default:
      guard takeWord("true") || takeWord("false") || takeWord("null") else { throw unexpected("a value") }
    }
  }
}
