internal import PolicyCore

/// Writes canonical JSON objects one after the other, or one in another. Whoever calls it writes the keys in canonical order.
struct JSONWriter: ~Copyable {
  private(set) var output = ByteBuffer()
  private var needsComma = false

  /// Gives away what was written and begins anew.
  mutating func empty() -> [UInt8] { output.take() }

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

  /// Where an object may be begun again; see `goBack`.
  var mark: Int { output.count }

  /// Forgets everything since a mark, before which something stood that asks for no comma.
  mutating func goBack(to mark: Int) {
    output.truncate(to: mark)
    needsComma = false
  }

  /// A key of letters that need no escape.
  mutating func key(_ key: StaticString) {
    output.append(key: key, hasComma: needsComma)
    needsComma = true
  }

  /// A key with its quotes and colon.
  mutating func key(rendered key: [UInt8]) {
    if needsComma { output.append(UInt8(ascii: ",")) }
    output.append(key)
    needsComma = true
  }

  /// A key with its quotes and colon, and the comma before it; some of the bytes that are lent.
  @inline(__always)
  mutating func key(_ lent: borrowing Span<UInt8>, _ range: Range<Int>) {
    output.append(lent, range.lowerBound + (needsComma ? 0 : 1)..<range.upperBound)
    needsComma = true
  }

  /// Keys and values that are known beforehand, without the comma before them.
  mutating func members(rendered members: [UInt8]) { key(rendered: members) }

  mutating func integer(_ number: Int64) {
    if number < 0 { output.append(UInt8(ascii: "-")) }
    output.append(decimal: number.magnitude)
  }

  mutating func unsigned(_ number: UInt64) { output.append(decimal: number) }
  mutating func null() { output.append("null") }
  mutating func bool(_ flag: Bool) { output.append(flag ? "true" : "false" as StaticString) }

  mutating func text(_ text: String) {
    var text = text
    let isPlain = text.withUTF8 { unsafe output.append(quoting: $0) }
    if !isPlain { output.append(CanonicalJSON.encode(.string(text))) }
  }

  /// A member, left out where there is no value.
  mutating func member(_ key: StaticString, _ text: String?) {
    guard let text else { return }
    self.key(key)
    self.text(text)
  }

  mutating func member(_ key: StaticString, _ number: Int64?) {
    guard let number else { return }
    self.key(key)
    integer(number)
  }

  /// A member whose key is any text.
  mutating func member(named key: String, _ text: String) {
    if needsComma { output.append(UInt8(ascii: ",")) }
    self.text(key)
    output.append(UInt8(ascii: ":"))
    self.text(text)
    needsComma = true
  }

  mutating func list<Item>(_ items: [Item], _ write: (Item, inout JSONWriter) -> Void) {
    openList()
    for index in items.indices {
      item()
      write(items[index], &self)
    }
    closeList()
  }

  mutating func openList() {
    output.append(UInt8(ascii: "["))
    needsComma = false
  }

  /// An item of a list is about to be written.
  mutating func item() {
    if needsComma { output.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  mutating func closeList() {
    output.append(UInt8(ascii: "]"))
    needsComma = true
  }

  /// A value was written: another member needs a comma before it.
  mutating func endValue() { needsComma = true }

  mutating func value(_ value: JSONValue) { output.append(CanonicalJSON.encode(value)) }

  mutating func time(_ time: Timestamp) {
    output.append(UInt8(ascii: "\""))
    TimestampText.write(time, to: &output)
    output.append(UInt8(ascii: "\""))
  }

  /// Digits of a number that lie packed.
  mutating func digits(_ bytes: [UInt8], from start: Int, count: Int) {
    output.append(digits: bytes, from: start, count: count) { FactCells.letter($0) }
  }

  /// Bytes as hexadecimal digits.
  mutating func hexadecimal(_ bytes: ArraySlice<UInt8>) {
    output.append(UInt8(ascii: "\""))
    output.append(hexadecimal: bytes)
    output.append(UInt8(ascii: "\""))
  }

  /// A name without a key.
  ///
  /// - Returns: whether it is escaped, so that its flag must follow.
  mutating func name(_ name: ArraySlice<UInt8>) -> Bool {
    if unsafe name.withUnsafeBufferPointer({ unsafe output.append(quoting: $0) }) { return false }
    let bytes = Array(name)
    if UTF8Sequence.firstFault(in: bytes, bytes.indices) == nil {
      var text: [UInt8] = []
      CanonicalJSON.write(validated: bytes, to: &text)
      output.append(text)
      return false
    }
    text(EscapedName.escaped(ByteString(bytes)))
    return true
  }

  /// A key, the name and, where needed, the flag.
  mutating func name(_ key: StaticString, flag: StaticString, _ name: ArraySlice<UInt8>) {
    self.key(key)
    if self.name(name) {
      self.key(flag)
      bool(true)
    }
  }
}
