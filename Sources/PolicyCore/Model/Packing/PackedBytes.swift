/// A place among packed bytes that come from a file: nothing of them is believed, and every step may find that they end. The
/// bytes themselves are lent to each step.
package struct PackedBytes {
  package private(set) var position: Int
  /// Where the part that is being read ends.
  package let end: Int

  /// Bytes of the longest `unsigned`.
  static let longestNumber = 10

  package init(_ range: Range<Int>) { (position, end) = (range.lowerBound, range.upperBound) }

  package var isAtEnd: Bool { position == end }

  @inline(__always)
  package mutating func byte(_ bytes: borrowing Span<UInt8>) -> UInt8? {
    guard position < end else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// At most 64 bits, in as few bytes as they take or not.
  @inline(__always)
  package mutating func unsigned(_ bytes: borrowing Span<UInt8>) -> UInt64? {
    guard position < end else { return nil }
    // Most are short.
    let first = bytes[position]
    if first < 0x80 {
      position += 1
      return UInt64(first)
    }
    return long(bytes)
  }

  private mutating func long(_ bytes: borrowing Span<UInt8>) -> UInt64? {
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

  package mutating func signed(_ bytes: borrowing Span<UInt8>) -> Int64? {
    unsigned(bytes).map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
  }

  /// A number that counts what follows, each of it at least a byte.
  @inline(__always)
  package mutating func count(_ bytes: borrowing Span<UInt8>) -> Int? {
    guard let number = unsigned(bytes), number <= UInt64(end - position) else { return nil }
    return Int(number)
  }

  @inline(__always)
  package mutating func skip(_ count: Int) -> Range<Int>? {
    guard count <= end - position else { return nil }
    defer { position += count }
    return position..<(position + count)
  }

  /// Where a counted text lies.
  @inline(__always)
  package mutating func text(_ bytes: borrowing Span<UInt8>) -> Range<Int>? {
    guard let count = count(bytes) else { return nil }
    return skip(count)
  }

  package mutating func string(_ bytes: borrowing Span<UInt8>) -> String? {
    guard let range = text(bytes) else { return nil }
    return String(validating: range.map { bytes[$0] }, as: UTF8.self)
  }
}

extension PackedEntity {
  /// Passes over one packed entity of so many facts; `nil` unless reading it later can find nothing unexpected.
  package static func check(
    _ reader: inout PackedBytes, _ bytes: borrowing Span<UInt8>, facts: Int
  ) -> Range<Int>? {
    let start = reader.position
    guard let path = reader.text(bytes), bytes.extracting(path).isPlainRelativePath, let row = reader.text(bytes) else {
      return nil
    }
    var values = PackedBytes(row)
    guard let unreadable = values.count(bytes) else { return nil }
    for _ in 0..<unreadable where values.string(bytes) == nil { return nil }
    for _ in 0..<facts where !isValue(&values, bytes) { return nil }
    guard values.isAtEnd, let layout = reader.byte(bytes) else { return nil }
    if layout == .max {
      guard reader.string(bytes) != nil else { return nil }
    } else if Int(layout) >= PackedLayouts.names.count {
      return nil
    }
    return isIdentity(&reader, bytes) ? start..<reader.position : nil
  }

  @inline(__always)
  private static func isValue(_ reader: inout PackedBytes, _ bytes: borrowing Span<UInt8>) -> Bool {
    guard let head = reader.byte(bytes) else { return false }
    switch head {
    case PackedCell.none, PackedCell.no, PackedCell.yes: return true
    case PackedCell.integer: return reader.unsigned(bytes) != nil
    // Whether these are numbers is asked whenever they are read.
    case PackedCell.number: return reader.string(bytes) != nil
    case _ where head >= PackedCell.digits: return reader.skip((Int(head & 0x7F) + 1) / 2) != nil
    case PackedCell.text: return reader.text(bytes) != nil
    case PackedCell.set:
      guard let count = reader.count(bytes) else { return false }
      for _ in 0..<count where reader.text(bytes) == nil { return false }
      return true
    default: return false
    }
  }

  private static func isIdentity(_ reader: inout PackedBytes, _ bytes: borrowing Span<UInt8>) -> Bool {
    guard let flags = reader.byte(bytes) else { return false }
    if flags == IdentityFlags.none { return true }
    guard flags < 64 else { return false }
    var integers = 7
    if flags & IdentityFlags.hasMount != 0 { integers += 1 }
    if flags & IdentityFlags.hasBirth != 0 { integers += 1 }
    if flags & IdentityFlags.isAlone == 0 { integers += 3 }
    for _ in 0..<integers where reader.unsigned(bytes) == nil { return false }
    return flags & IdentityFlags.isHexadecimal != 0 ? reader.skip(32) != nil : reader.string(bytes) != nil
  }
}
