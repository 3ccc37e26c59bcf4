internal import PolicyCore
internal import PolicyFormats

/// Walks JSON without building a tree. Besides RFC 8259 it takes the words `NaN`, `Infinity` and `-Infinity`, which
/// Python's writer puts where a number is none.
extension JSONCursor {
  enum Scalar {
    case number(Range<Int>)
    /// One of the words above.
    case undefined
    case text(RawString)
    case bool(Bool)
    case null
  }

  /// Consumes the value that comes next when it is neither array nor object.
  mutating func scalar() throws(JSONError) -> Scalar {
    switch peek() {
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): if takeWord("true") { return .bool(true) }
    case UInt8(ascii: "f"): if takeWord("false") { return .bool(false) }
    case UInt8(ascii: "n"): if takeWord("null") { return .null }
    case UInt8(ascii: "N"): if takeWord("NaN") { return .undefined }
    case UInt8(ascii: "I"): if takeWord("Infinity") { return .undefined }
    case UInt8(ascii: "-"):
      if takeWord("-Infinity") { return .undefined }
      return .number(try number().range)
    case .some(48...57): return .number(try number().range)
    case _: break
    }
    throw unexpected("a value")
  }

  /// Consumes the object that comes next. `body` gets each key and must consume its value.
  mutating func members(
    _ body: (inout JSONCursor, RawString) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return }
    repeat {
      let key = try string()
      try expect(UInt8(ascii: ":"))
      try body(&self, key)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Consumes the array that comes next. `body` gets each index and must consume the element.
  mutating func elements(_ body: (inout JSONCursor, Int) throws(JSONError) -> Void) throws(JSONError) {
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return }
    var index = 0
    repeat {
      try body(&self, index)
      index += 1
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
  }

  /// Consumes any value, however deep it is nested.
  mutating func skipValue() throws(JSONError) {
    // True for an object, false for an array.
    var open: [Bool] = []
    repeat {
      if take(UInt8(ascii: "{")) {
        if !take(UInt8(ascii: "}")) {
          try skipKey()
          open.append(true)
          continue
        }
      } else if take(UInt8(ascii: "[")) {
        if !take(UInt8(ascii: "]")) {
          open.append(false)
          continue
        }
      } else {
        _ = try scalar()
      }
      while let isObject = open.last {
        if take(UInt8(ascii: ",")) {
          if isObject { try skipKey() }
          break
        }
        try expect(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        open.removeLast()
      }
    } while !open.isEmpty
  }

  private mutating func skipKey() throws(JSONError) {
    _ = try string()
    try expect(UInt8(ascii: ":"))
  }

  /// Consumes any value and says its number; `nil` where it is no whole one.
  mutating func wholeNumber() throws(JSONError) -> Int64? {
    guard let next = peek(), next == UInt8(ascii: "-") || (48...57).contains(next) else {
      try skipValue()
      return nil
    }
    guard case .number(let range) = try scalar() else { return nil }
    return ExactDecimal(ascii: bytes[range])?.wholeNumber
  }

  /// Consumes any value and says its text; `nil` where it is none.
  mutating func plainText() throws(JSONError) -> [UInt8]? {
    guard peek() == UInt8(ascii: "\"") else {
      try skipValue()
      return nil
    }
    return value(of: try string())
  }
}
