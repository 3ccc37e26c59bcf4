package import PolicyCore

/// Members that our formats share. `nil` leaves the key out.
extension JSONObject {
  package mutating func set(_ key: String, text: String?) { self[key] = text.map { .string($0) } }
  package mutating func set(_ key: String, integer: Int64?) { self[key] = integer.map { .integer($0) } }
  package mutating func set(_ key: String, count: Int?) { self[key] = count.map { .integer(Int64($0)) } }
  package mutating func set(_ key: String, unsigned: UInt64?) { self[key] = unsigned.map { .unsigned($0) } }
  package mutating func set(_ key: String, time: Timestamp?) { self[key] = time.map { .string($0.rfc3339) } }
  package mutating func set(_ key: String, decimal: ExactDecimal?) {
    self[key] = decimal.map { .string($0.description) }
  }

  /// Nanoseconds; the key ends in `_ns`.
  package mutating func set(_ key: String, span: TimeSpan?) { self[key] = span.map { .integer($0.nanoseconds) } }

  package mutating func set(_ key: String, name: ByteString?) {
    guard let name else { return }
    let (text, isEscaped) = EscapedName.escape(name)
    self[key] = .string(text)
    if isEscaped { self[key + EscapedName.flagSuffix] = true }
  }

  /// A list; where one of the names is not UTF-8, all are escaped.
  package mutating func set(_ key: String, names: [ByteString]) {
    if names.contains(where: { $0.utf8Text == nil }) {
      self[key] = .array(names.map { .string(EscapedName.escaped($0)) })
      self[key + EscapedName.flagSuffix] = true
    } else {
      self[key] = .array(names.map { .string($0.displayText) })
    }
  }

  /// Left out when there are none.
  package mutating func set(_ key: String, nonEmpty names: [ByteString]) {
    if !names.isEmpty { set(key, names: names) }
  }

  package mutating func set(_ key: String, strings: [String]) { self[key] = .array(strings.map { .string($0) }) }

  package mutating func set<Element>(_ key: String, list: [Element], _ make: (Element) -> JSONValue) {
    self[key] = .array(list.map(make))
  }
}

extension JSONValue {
  /// Above Int64 the value keeps its digits.
  static func unsigned(_ number: UInt64) -> JSONValue {
    Int64(exactly: number).map { .integer($0) } ?? .decimal(String(number))
  }
}
