/// Reads a whole JSON text (RFC 8259) strictly: UTF-8 without a byte order mark, no comments, no trailing commas, no key
/// twice, no half surrogate pairs. Time is linear in the input, and nesting is bounded, so that hostile input can
/// neither hang nor overflow the stack.
public enum JSONReader {
  /// Arrays and objects inside each other.
  public static let maximumDepth = 256

  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var cursor = JSONCursor(bytes)
    let value = try cursor.value()
    guard cursor.peek() == nil else {
      throw JSONError(offset: cursor.index, message: "something follows the end of the value")
    }
    return value
  }

  public static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)) }
}

extension JSONCursor {
  /// The value that comes next, as a tree.
  mutating func value(depth: Int = 0) throws(JSONError) -> JSONValue {
    guard let first = peek() else { throw unexpected("a value") }
    switch first {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
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

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    try checkDepth(depth)
    try expect(UInt8(ascii: "["))
    var items: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return items }
    repeat { items.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("`,` or `]`") }
    return items
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
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
      members.append(JSONObject.Member(key, try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw unexpected("`,` or `}`") }
    return JSONObject(unique: members)
  }
}
