/// Reads packed bytes that come from a file: nothing of them is believed, and every step may find that they end.
package struct PackedBytes {
  package let bytes: [UInt8]
  package private(set) var position: Int
  /// Where the part that is being read ends.
  package let end: Int

  package init(_ bytes: [UInt8], _ range: Range<Int>) {
    (self.bytes, position, end) = (bytes, range.lowerBound, range.upperBound)
  }

  package var isAtEnd: Bool { position == end }

  package mutating func byte() -> UInt8? {
    guard position < end else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// At most 64 bits, in as few bytes as they take or not.
  package mutating func unsigned() -> UInt64? {
    var (number, shift) = (UInt64(0), UInt64(0))
    while position < end, shift < 64 {
      let byte = bytes[position]
      position += 1
      if shift == 63, byte > 1 { return nil }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }

  package mutating func signed() -> Int64? {
    unsigned().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
  }

  /// A number that counts what follows, each of it at least a byte.
  package mutating func count() -> Int? {
    guard let number = unsigned(), number <= UInt64(end - position) else { return nil }
    return Int(number)
  }

  package mutating func skip(_ count: Int) -> Range<Int>? {
    guard count <= end - position else { return nil }
    defer { position += count }
    return position..<(position + count)
  }

  /// Where a counted text lies.
  package mutating func text() -> Range<Int>? { count().flatMap { skip($0) } }

  package mutating func string() -> String? { text().flatMap { String(validating: bytes[$0], as: UTF8.self) } }
}

extension PackedEntity {
  /// Passes over one packed entity of so many facts; `nil` unless reading it later can find nothing unexpected.
  package static func check(_ reader: inout PackedBytes, facts: Int) -> Range<Int>? {
    let start = reader.position
    guard let path = reader.text(), reader.bytes[path].isPlainRelativePath, let row = reader.text() else { return nil }
    var values = PackedBytes(reader.bytes, row)
    guard let unreadable = values.count() else { return nil }
    for _ in 0..<unreadable where values.string() == nil { return nil }
    for _ in 0..<facts where !isValue(&values) { return nil }
    guard values.isAtEnd, let layout = reader.byte() else { return nil }
    if layout == .max {
      guard reader.string() != nil else { return nil }
    } else if Int(layout) >= PackedLayouts.names.count {
      return nil
    }
    return isIdentity(&reader) ? start..<reader.position : nil
  }

  private static func isValue(_ reader: inout PackedBytes) -> Bool {
    guard let head = reader.byte() else { return false }
    switch head {
    case PackedCell.none, PackedCell.no, PackedCell.yes: return true
    case PackedCell.integer: return reader.signed() != nil
    // Whether it is a number is asked whenever it is read.
    case PackedCell.number: return reader.string() != nil
    case PackedCell.text: return reader.text() != nil
    case PackedCell.set:
      guard let count = reader.count() else { return false }
      for _ in 0..<count where reader.text() == nil { return false }
      return true
    case _ where head >= PackedCell.digits:
      guard let pairs = reader.skip((Int(head & 0x7F) + 1) / 2) else { return false }
      let signs = UInt8(PackedCell.alphabet.count)
      return reader.bytes[pairs].allSatisfy { $0 >> 4 < signs && $0 & 15 < signs }
    default: return false
    }
  }

  private static func isIdentity(_ reader: inout PackedBytes) -> Bool {
    guard let flags = reader.byte() else { return false }
    if flags == IdentityFlags.none { return true }
    guard flags < 64 else { return false }
    var integers = 7
    if flags & IdentityFlags.hasMount != 0 { integers += 1 }
    if flags & IdentityFlags.hasBirth != 0 { integers += 1 }
    if flags & IdentityFlags.isAlone == 0 { integers += 3 }
    for _ in 0..<integers where reader.unsigned() == nil { return false }
    return flags & IdentityFlags.isHexadecimal != 0 ? reader.skip(32) != nil : reader.string() != nil
  }
}
