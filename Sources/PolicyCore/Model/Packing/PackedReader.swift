/// Reads what `PackedWriter` wrote. It only ever reads this module's own bytes, so nothing is checked twice.
struct PackedReader {
  let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func byte() -> UInt8 {
    defer { position += 1 }
    return bytes[position]
  }

  mutating func unsigned() -> UInt64 { step { PackedSpan.unsigned($0, &$1) } }
  mutating func signed() -> Int64 { step { PackedSpan.signed($0, &$1) } }

  @inline(__always)
  mutating func step<Result>(_ take: (borrowing Span<UInt8>, inout Int) -> Result) -> Result {
    let bytes = bytes
    return take(bytes.span, &position)
  }

  mutating func text() -> ArraySlice<UInt8> { raw(Int(unsigned())) }

  mutating func raw(_ count: Int) -> ArraySlice<UInt8> {
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func value() -> FactValue? {
    let head = byte()
    switch head {
    case PackedCell.none: return nil
    case PackedCell.no: return .bool(false)
    case PackedCell.yes: return .bool(true)
    case PackedCell.integer: return .integer(signed())
    case PackedCell.number: return .number(String(decoding: text(), as: UTF8.self))
    case PackedCell.text: return .text(ByteString(text()))
    case PackedCell.set:
      let count = Int(unsigned())
      return .set((0..<count).map { _ in ByteString(text()) })
    default: return .number(digits(Int(head & 0x7F)))
    }
  }

  mutating func skipValue() { step { PackedSpan.skipValue($0, &$1) } }
  mutating func skip(_ count: Int) { position += count }
  mutating func skipText() { step { PackedSpan.skipText($0, &$1) } }

  private mutating func digits(_ count: Int) -> String {
    let start = position
    position += (count + 1) / 2
    return unsafe String(unsafeUninitializedCapacity: count) { text in
      for place in 0..<count {
        let pair = bytes[start + place / 2]
        unsafe text[place] = FactCells.letter(place.isMultiple(of: 2) ? pair >> 4 : pair & 15)
      }
      return count
    }
  }
}
