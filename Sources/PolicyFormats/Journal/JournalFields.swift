internal import PolicyCore

/// The members of one JSON object, read one by one; whatever is missing or of another type throws.
struct JournalFields {
  struct Unfit: Error, Equatable { let key: String }

  private let value: JSONValue

  init(_ value: JSONValue, key: String = "") throws(Unfit) {
    guard case .object = value else { throw Unfit(key: key) }
    self.value = value
  }

  /// `nil` where the member is absent or null.
  func optional(_ key: String) -> JSONValue? {
    guard let member = value[key], member != .null else { return nil }
    return member
  }

  func required(_ key: String) throws(Unfit) -> JSONValue {
    guard let member = optional(key) else { throw Unfit(key: key) }
    return member
  }

  func fields(_ key: String) throws(Unfit) -> JournalFields { try JournalFields(required(key), key: key) }

  func text(_ key: String) throws(Unfit) -> String {
    guard case .string(let text) = try required(key) else { throw Unfit(key: key) }
    return text
  }

  func optionalText(_ key: String) throws(Unfit) -> String? { optional(key) == nil ? nil : try text(key) }

  func integer(_ key: String) throws(Unfit) -> Int64 {
    guard case .integer(let number) = try required(key) else { throw Unfit(key: key) }
    return number
  }

  func optionalInteger(_ key: String) throws(Unfit) -> Int64? { optional(key) == nil ? nil : try integer(key) }

  /// Device and inode numbers use all 64 bits, more than canonical JSON promises: they travel as decimal text when
  /// they are large.
  func unsigned(_ key: String) throws(Unfit) -> UInt64 {
    switch try required(key) {
    case .integer(let number) where number >= 0: return UInt64(number)
    case .string(let text):
      guard let number = UInt64(text) else { throw Unfit(key: key) }
      return number
    case _: throw Unfit(key: key)
    }
  }

  func optionalUnsigned(_ key: String) throws(Unfit) -> UInt64? { optional(key) == nil ? nil : try unsigned(key) }

  func list(_ key: String) throws(Unfit) -> [JSONValue] {
    guard case .array(let values) = try required(key) else { throw Unfit(key: key) }
    return values
  }

  func time(_ key: String) throws(Unfit) -> Timestamp {
    guard let time = Timestamp(try text(key)) else { throw Unfit(key: key) }
    return time
  }

  /// A moment as an integer of nanoseconds.
  func stamp(_ key: String) throws(Unfit) -> Timestamp { Timestamp(nanoseconds: try integer(key)) }

  /// A name or path of bytes.
  func bytes(_ key: String) throws(Unfit) -> ByteString {
    let isEscaped = optional(key + "_escaped") == .bool(true)
    guard let bytes = EscapedName.unescape(try text(key), isEscaped: isEscaped) else { throw Unfit(key: key) }
    return bytes
  }

  func optionalBytes(_ key: String) throws(Unfit) -> ByteString? { optional(key) == nil ? nil : try bytes(key) }

  func word<Word: RawRepresentable>(_ key: String) throws(Unfit) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: try text(key)) else { throw Unfit(key: key) }
    return word
  }
}

/// Members of an object under construction, each key once; what is `nil` is left out. Where they come in the order of
/// their keys, nothing has to be sorted.
struct JournalMembers {
  private var members: [JSONObject.Member] = []

  mutating func add(_ key: String, _ value: JSONValue?) {
    if let value { members.append(JSONObject.Member(key, value)) }
  }
  mutating func add(_ key: String, _ text: String?) { add(key, text.map { JSONValue.string($0) }) }
  mutating func add(_ key: String, _ number: Int64?) { add(key, number.map { JSONValue.integer($0) }) }
  mutating func add(_ key: String, unsigned number: UInt64?) {
    // 2^53 is the largest integer that every JSON reader holds exactly.
    add(key, number.map { $0 <= 9_007_199_254_740_992 ? .integer(Int64($0)) : .string(String($0)) })
  }
  mutating func add(_ key: String, _ bytes: ByteString?) {
    guard let bytes else { return }
    let (text, isEscaped) = EscapedName.escape(bytes)
    add(key, text)
    if isEscaped { add(key + "_escaped", .bool(true)) }
  }
  mutating func add(_ key: String, _ texts: [String]) {
    if !texts.isEmpty { add(key, .array(texts.map { .string($0) })) }
  }

  var value: JSONValue { .object(JSONObject(unique: members)) }
}
