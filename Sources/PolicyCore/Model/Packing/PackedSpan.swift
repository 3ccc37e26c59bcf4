/// Steps through packed bytes where they lie: nothing is copied and nobody's count of references changes, because a rule
/// asks about very many entities.
enum PackedSpan {
  @inline(__always)
  static func unsigned(_ bytes: borrowing Span<UInt8>, _ position: inout Int) -> UInt64 {
    var (number, shift) = (UInt64(0), UInt64(0))
    while true {
      let byte = bytes[position]
      position += 1
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
  }

  @inline(__always)
  static func signed(_ bytes: borrowing Span<UInt8>, _ position: inout Int) -> Int64 {
    let number = unsigned(bytes, &position)
    return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
  }

  @inline(__always)
  static func skipText(_ bytes: borrowing Span<UInt8>, _ position: inout Int) {
    let count = Int(unsigned(bytes, &position))
    position += count
  }

  /// Passes over a value; see `PackedCell`.
  @inline(__always)
  static func skipValue(_ bytes: borrowing Span<UInt8>, _ position: inout Int) {
    let head = bytes[position]
    position += 1
    switch head {
    case PackedCell.none, PackedCell.no, PackedCell.yes: break
    case PackedCell.integer:
      while bytes[position] >= 0x80 { position += 1 }
      position += 1
    case PackedCell.number, PackedCell.text: skipText(bytes, &position)
    case PackedCell.set: for _ in 0..<Int(unsigned(bytes, &position)) { skipText(bytes, &position) }
    default: position += (Int(head & 0x7F) + 1) / 2
    }
  }

  /// Whether so many bytes are those of a text.
  static func holds(_ text: [UInt8], _ bytes: borrowing Span<UInt8>, at position: Int, count: Int) -> Bool {
    guard text.count == count else { return false }
    for index in 0..<count where bytes[position + index] != text[index] { return false }
    return true
  }

  /// The number that so many digits stand for, two to a byte; see `PackedCell`. `nil` where they are none.
  static func decimal(_ bytes: borrowing Span<UInt8>, at start: Int, count: Int) -> ExactDecimal? {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { letters in
      for place in 0..<count {
        let pair = bytes[start + place / 2]
        unsafe letters[place] = FactCells.letter(place & 1 == 0 ? pair >> 4 : pair & 15)
      }
      return unsafe ExactDecimal(ascii: letters.span)
    }
  }
}
