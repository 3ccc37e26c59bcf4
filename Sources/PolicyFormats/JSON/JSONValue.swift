/// A JSON text as a value. Numbers never pass through binary floating point.
///
/// Equality compares text by its bytes (Swift's own would merge composed and decomposed letters) and ignores the order
/// of members.
public indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A whole number without fraction and exponent that fits.
  case integer(Int64)
  /// Any other number, as it was written.
  case decimal(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
  /// A value that is passed on and not looked at: JSON as our formats write it. `JSONReader.parse` makes none.
  case encoded([UInt8])
}

/// Members in the order in which they were written or added; a key stands once.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
  public struct Member: Sendable {
    public let key: String
    public var value: JSONValue
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  public private(set) var members: [Member] = []

  public init() {}

  /// Of a key that stands twice the last counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }

  /// For a reader that has already refused duplicates.
  init(unique members: [Member]) { self.members = members }

  /// Setting `nil` removes the member.
  public subscript(_ key: String) -> JSONValue? {
    get { index(of: key).map { members[$0].value } }
    set {
      switch (index(of: key), newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key, value))
      case (nil, nil): break
      }
    }
  }

  public var isEmpty: Bool { members.isEmpty }

  private func index(of key: String) -> Int? { members.firstIndex { $0.key.hasSameBytes(as: key) } }

  /// In the key order of RFC 8785.
  public var canonicalMembers: [Member] {
    let isSorted = members.indices.dropFirst().allSatisfy {
      CanonicalJSON.precedes(members[$0 - 1].key, members[$0].key)
    }
    return isSorted ? members : members.sorted { CanonicalJSON.precedes($0.key, $1.key) }
  }
}

extension JSONValue: Equatable {
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.decimal(let a), .decimal(let b)): a.hasSameBytes(as: b)
    case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    case (.encoded(let a), let b), (let b, .encoded(let a)): a == CanonicalJSON.encode(b)
    case (.null, _), (.bool, _), (.integer, _), (.decimal, _), (.string, _), (.array, _), (.object, _): false
    }
  }
}

extension JSONObject: Equatable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.count == right.members.count
      && zip(left.canonicalMembers, right.canonicalMembers).allSatisfy { a, b in
        a.key.hasSameBytes(as: b.key) && a.value == b.value
      }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(nilLiteral: ()) { self = .null }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
}

extension JSONValue {
  public var stringValue: String? { if case .string(let text) = self { text } else { nil } }
  public var integerValue: Int64? { if case .integer(let number) = self { number } else { nil } }
  public var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  public var arrayValue: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  public var objectValue: JSONObject? { if case .object(let object) = self { object } else { nil } }

  /// The member of an object, also of one that was passed on; `nil` for other values and unknown keys.
  public subscript(_ key: String) -> JSONValue? {
    if case .encoded(let bytes) = self { return (try? JSONReader.parse(bytes))?.objectValue?[key] }
    return objectValue?[key]
  }

  /// What the value is, in words for messages.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer: "an integer"
    case .decimal: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    case .encoded: "a value"
    }
  }
}

extension String {
  /// Equality of the UTF-8 bytes. `==` would let `K` (U+212A, the Kelvin sign) pass for `K`.
  func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}
