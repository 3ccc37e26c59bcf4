internal import PolicyCore

/// Writes one canonical JSON object after the other. Whoever calls it writes the keys in canonical order.
struct LineWriter {
  private(set) var output: [UInt8] = []
  private var needsComma = false

  /// Gives away what was written and begins anew.
  mutating func empty() -> [UInt8] {
    defer { output.removeAll(keepingCapacity: true) }
    return output
  }

  mutating func open() {
    output.append(UInt8(ascii: "{"))
    needsComma = false
  }

  mutating func close() {
    output.append(UInt8(ascii: "}"))
    needsComma = true
  }

  mutating func endLine() {
    output.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// A key of letters that need no escape.
  mutating func key(_ key: StaticString) {
    if needsComma { output.append(UInt8(ascii: ",")) }
    output.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { letters in unsafe output.append(contentsOf: letters) }
    output.append(UInt8(ascii: "\""))
    output.append(UInt8(ascii: ":"))
    needsComma = true
  }

  /// A key with its quotes and colon.
  mutating func key(rendered key: [UInt8]) {
    if needsComma { output.append(UInt8(ascii: ",")) }
    output.append(contentsOf: key)
    needsComma = true
  }

  mutating func integer(_ number: Int64) { CanonicalJSON.write(number, to: &output) }
  mutating func unsigned(_ number: UInt64) { CanonicalJSON.write(number, to: &output) }
  mutating func null() { output.append(contentsOf: "null".utf8) }
  mutating func bool(_ flag: Bool) { output.append(contentsOf: (flag ? "true" : "false").utf8) }
  mutating func text(_ text: String) { CanonicalJSON.write(text, to: &output) }
  mutating func value(_ value: JSONValue) { CanonicalJSON.write(value, to: &output) }
  mutating func time(_ time: Timestamp) {
    output.append(UInt8(ascii: "\""))
    TimestampText.write(time, to: &output)
    output.append(UInt8(ascii: "\""))
  }

  /// A name without a key.
  ///
  /// - Returns: whether it is escaped, so that its flag must follow.
  mutating func name(_ name: ByteString) -> Bool {
    if UTF8Sequence.firstFault(in: name.bytes, 0..<name.count) == nil {
      CanonicalJSON.write(validated: name.bytes, to: &output)
      return false
    }
    text(EscapedName.escaped(name))
    return true
  }

  /// A key, the name and, where needed, the flag.
  mutating func name(_ key: StaticString, flag: StaticString, _ name: ByteString) {
    self.key(key)
    if self.name(name) {
      self.key(flag)
      bool(true)
    }
  }
}
