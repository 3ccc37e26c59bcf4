package import PolicyCore

/// The members of an object, read by key and type. Unknown keys are nobody's concern here.
package struct JSONFields {
  package let object: JSONObject
  package let path: JSONPath

  package init(_ value: JSONValue, at path: JSONPath = JSONPath()) throws(FormatError) {
    guard case .object(let object) = value else { throw .wrong(path, "an object", found: value) }
    self.object = object
    self.path = path
  }

  /// `nil` for an absent key and for null.
  package func optional(_ key: String) -> JSONValue? {
    guard let value = object[key], value != .null else { return nil }
    return value
  }

  package func value(_ key: String) throws(FormatError) -> JSONValue {
    guard let value = object[key] else { throw .missing(path.appending(key)) }
    return value
  }

  private func require<Value>(_ key: String, _ value: Value?) throws(FormatError) -> Value {
    if let value { return value }
    guard object[key] == nil else { throw .wrong(path.appending(key), "there", found: .null) }
    throw .missing(path.appending(key))
  }

  // MARK: Text

  package func optionalString(_ key: String) throws(FormatError) -> String? {
    guard let value = optional(key) else { return nil }
    guard case .string(let text) = value else { throw .wrong(path.appending(key), "a string", found: value) }
    return text
  }

  package func string(_ key: String) throws(FormatError) -> String { try require(key, try optionalString(key)) }

  /// A name, with the flag beside it.
  package func optionalName(_ key: String) throws(FormatError) -> ByteString? {
    guard let text = try optionalString(key) else { return nil }
    return try name(text, isEscaped: try isEscaped(key), at: path.appending(key))
  }

  package func name(_ key: String) throws(FormatError) -> ByteString { try require(key, try optionalName(key)) }

  /// A list of names; empty where the key is absent.
  package func names(_ key: String) throws(FormatError) -> [ByteString] {
    let isEscaped = try isEscaped(key)
    var names: [ByteString] = []
    for item in try list(key) {
      guard case .string(let text) = item.value else { throw .wrong(item.path, "a string", found: item.value) }
      names.append(try name(text, isEscaped: isEscaped, at: item.path))
    }
    return names
  }

  private func isEscaped(_ key: String) throws(FormatError) -> Bool {
    try flag(key + EscapedName.flagSuffix)
  }

  private func name(_ text: String, isEscaped: Bool, at path: JSONPath) throws(FormatError) -> ByteString {
    guard let name = EscapedName.unescape(text, isEscaped: isEscaped) else {
      throw .wrong(path, "a name with `\\xff` for a byte and `\\\\` for a backslash")
    }
    return name
  }

  package func strings(_ key: String) throws(FormatError) -> [String] {
    var strings: [String] = []
    for item in try list(key) {
      guard case .string(let text) = item.value else { throw .wrong(item.path, "a string", found: item.value) }
      strings.append(text)
    }
    return strings
  }

  /// One of an enumeration's words.
  package func optionalWord<Word: RawRepresentable<String>>(_ key: String, _ words: [Word]) throws(FormatError) -> Word?
  {
    guard let text = try optionalString(key) else { return nil }
    guard let word = words.first(where: { $0.rawValue.hasSameBytes(as: text) }) else {
      throw .wrong(path.appending(key), "one of " + words.map { "`\($0.rawValue)`" }.joined(separator: ", "))
    }
    return word
  }

  package func word<Word: RawRepresentable<String>>(_ key: String, _ words: [Word]) throws(FormatError) -> Word {
    try require(key, try optionalWord(key, words))
  }

  // MARK: Numbers and flags

  package func optionalInteger(_ key: String) throws(FormatError) -> Int64? {
    guard let value = optional(key) else { return nil }
    guard case .integer(let number) = value else {
      throw .wrong(path.appending(key), "an integer", found: value)
    }
    return number
  }

  package func integer(_ key: String) throws(FormatError) -> Int64 { try require(key, try optionalInteger(key)) }

  package func int(_ key: String) throws(FormatError) -> Int { try require(key, try optionalInt(key)) }

  package func optionalInt(_ key: String) throws(FormatError) -> Int? {
    guard let number = try optionalInteger(key) else { return nil }
    guard let small = Int(exactly: number) else { throw .wrong(path.appending(key), "a smaller number") }
    return small
  }

  /// A count or size.
  package func amount(_ key: String) throws(FormatError) -> Int64 {
    let number = try integer(key)
    guard number >= 0 else { throw .wrong(path.appending(key), "0 or more") }
    return number
  }

  package func optionalUnsigned(_ key: String) throws(FormatError) -> UInt64? {
    guard let value = optional(key) else { return nil }
    switch value {
    case .integer(let number) where number >= 0: return UInt64(number)
    case .decimal(let text) where text.utf8.allSatisfy({ (48...57).contains($0) }):
      if let number = UInt64(text) { return number }
    case .null, .bool, .integer, .decimal, .string, .array, .object, .encoded: break
    }
    throw .wrong(path.appending(key), "an integer from 0 to \(UInt64.max)", found: value)
  }

  package func unsigned(_ key: String) throws(FormatError) -> UInt64 { try require(key, try optionalUnsigned(key)) }

  package func optionalFlag(_ key: String) throws(FormatError) -> Bool? {
    guard let value = optional(key) else { return nil }
    guard case .bool(let flag) = value else { throw .wrong(path.appending(key), "true or false", found: value) }
    return flag
  }

  /// False where the key is absent.
  package func flag(_ key: String) throws(FormatError) -> Bool { try optionalFlag(key) ?? false }

  package func requiredFlag(_ key: String) throws(FormatError) -> Bool { try require(key, try optionalFlag(key)) }

  /// A number that travels as its text.
  package func optionalDecimal(_ key: String) throws(FormatError) -> ExactDecimal? {
    guard let text = try optionalString(key) else { return nil }
    guard let number = ExactDecimal(text) else { throw .wrong(path.appending(key), "a number in quotes") }
    return number
  }

  package func decimal(_ key: String) throws(FormatError) -> ExactDecimal { try require(key, try optionalDecimal(key)) }

  // MARK: Time

  package func optionalTime(_ key: String) throws(FormatError) -> Timestamp? {
    guard let text = try optionalString(key) else { return nil }
    guard let time = Timestamp(text) else {
      throw .wrong(path.appending(key), "a time such as `2027-01-15T08:00:00Z`")
    }
    return time
  }

  package func time(_ key: String) throws(FormatError) -> Timestamp { try require(key, try optionalTime(key)) }

  /// Nanoseconds, under a key that ends in `_ns`.
  package func optionalSpan(_ key: String) throws(FormatError) -> TimeSpan? {
    try optionalInteger(key).map { TimeSpan(nanoseconds: $0) }
  }

  package func span(_ key: String) throws(FormatError) -> TimeSpan { try require(key, try optionalSpan(key)) }

  // MARK: Structure

  /// The items of a list, each with its path; none where the key is absent.
  package func list(_ key: String) throws(FormatError) -> [(value: JSONValue, path: JSONPath)] {
    guard let value = optional(key) else { return [] }
    let path = path.appending(key)
    guard case .array(let items) = value else { throw .wrong(path, "a list", found: value) }
    return items.enumerated().map { ($0.element, path.appending($0.offset)) }
  }

  /// Each item of a list through a function; none where the key is absent.
  package func map<Element>(
    _ key: String, _ make: (JSONFields) throws(FormatError) -> Element
  ) throws(FormatError) -> [Element] {
    var elements: [Element] = []
    for item in try list(key) { elements.append(try make(try JSONFields(item.value, at: item.path))) }
    return elements
  }

  package func optionalFields(_ key: String) throws(FormatError) -> JSONFields? {
    guard let value = optional(key) else { return nil }
    return try JSONFields(value, at: path.appending(key))
  }

  package func fields(_ key: String) throws(FormatError) -> JSONFields { try require(key, try optionalFields(key)) }
}
