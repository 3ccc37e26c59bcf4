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

  @inline(__always)
  static func skipLayout(_ bytes: borrowing Span<UInt8>, _ position: inout Int) {
    position += 1
    if bytes[position - 1] == .max { skipText(bytes, &position) }
  }

  @inline(__always)
  static func skipIdentity(_ bytes: borrowing Span<UInt8>, _ position: inout Int) {
    let flags = bytes[position]
    position += 1
    guard flags != IdentityFlags.none else { return }
    var integers = 7
    if flags & IdentityFlags.hasMount != 0 { integers += 1 }
    if flags & IdentityFlags.hasBirth != 0 { integers += 1 }
    if flags & IdentityFlags.isAlone == 0 { integers += 3 }
    for _ in 0..<integers {
      while bytes[position] >= 0x80 { position += 1 }
      position += 1
    }
    if flags & IdentityFlags.isHexadecimal == 0 { skipText(bytes, &position) } else { position += 32 }
  }

  /// Device and inode that an identity says, if it is that of a regular file.
  @inline(__always)
  static func file(_ bytes: borrowing Span<UInt8>, at start: Int) -> (device: UInt64, inode: UInt64)? {
    let flags = bytes[start]
    guard flags != IdentityFlags.none, IdentityFlags.types[Int(flags & IdentityFlags.type)] == .file else { return nil }
    var position = start + 1
    _ = unsigned(bytes, &position)  // The owner.
    return (unsigned(bytes, &position), unsigned(bytes, &position))
  }

  /// Passes over all of a packed entity.
  @inline(__always)
  static func skipEntity(_ bytes: borrowing Span<UInt8>, _ position: inout Int) {
    for _ in 0..<2 { skipText(bytes, &position) }
    skipLayout(bytes, &position)
    skipIdentity(bytes, &position)
  }

  /// How many of so many bytes two places have in common, eight at a time.
  @inline(__always)
  static func common(_ left: borrowing Span<UInt8>, _ i: Int, _ right: borrowing Span<UInt8>, _ j: Int, _ count: Int)
    -> Int
  {
    precondition(i >= 0 && j >= 0 && count >= 0 && i + count <= left.count && j + count <= right.count, "inside both")
    var place = 0
    let a = unsafe left.bytes
    let b = unsafe right.bytes
    while place + 8 <= count {
      let word = unsafe a.unsafeLoadUnaligned(fromUncheckedByteOffset: i + place, as: UInt64.self)
      let other = unsafe b.unsafeLoadUnaligned(fromUncheckedByteOffset: j + place, as: UInt64.self)
      let difference = word ^ other
      if difference != 0 { return place + difference.littleEndian.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < count, left[i + place] == right[j + place] { place += 1 }
    return place
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
