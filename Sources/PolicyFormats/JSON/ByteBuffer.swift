/// Bytes to which very many small pieces are appended. An array looks at its owner and its room for each single byte,
/// which is most of the time that writing a snapshot takes.
@safe struct ByteBuffer: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 4096) {
    self.capacity = max(capacity, 64)
    unsafe base = .allocate(capacity: self.capacity)
  }

  deinit { unsafe base.deallocate() }

  /// Makes room for so many bytes more.
  @inline(__always)
  private mutating func reserve(_ more: Int) { if capacity - count < more { grow(more) } }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(capacity * 2, count + more)
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe room.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = room
    capacity = larger
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    unsafe base[count] = byte
    count += 1
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    unsafe (base + count).update(from: start, count: bytes.count)
    count += bytes.count
  }

  /// Some of the bytes that are lent.
  @inline(__always)
  mutating func append(_ lent: borrowing Span<UInt8>, _ range: Range<Int>) {
    unsafe lent.withUnsafeBufferPointer { unsafe append(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// A key of letters that need no escape, in quotes and with its colon, and the comma before it.
  @inline(__always)
  mutating func append(key: StaticString, hasComma: Bool) {
    let length = key.utf8CodeUnitCount
    reserve(length + 4)
    var place = unsafe base + count
    if hasComma {
      unsafe place.pointee = UInt8(ascii: ",")
      unsafe place += 1
    }
    unsafe place.pointee = UInt8(ascii: "\"")
    unsafe (place + 1).update(from: key.utf8Start, count: length)
    unsafe place[length + 1] = UInt8(ascii: "\"")
    unsafe place[length + 2] = UInt8(ascii: ":")
    count += length + (hasComma ? 4 : 3)
  }

  mutating func append(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBufferPointer { unsafe append($0) } }
  mutating func append(_ text: StaticString) { text.withUTF8Buffer { unsafe append($0) } }

  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { unsafe append($0) }
  }

  /// A string in quotes, if nothing in it needs an escape and all of it is ASCII; else nothing, and false.
  mutating func append(quoting bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    reserve(bytes.count + 2)
    var place = count
    unsafe base[place] = UInt8(ascii: "\"")
    place += 1
    var isPlain = true
    for index in bytes.indices {
      let byte = unsafe bytes[index]
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { isPlain = false }
      unsafe base[place] = byte
      place += 1
    }
    guard isPlain else { return false }
    unsafe base[place] = UInt8(ascii: "\"")
    count = place + 1
    return true
  }

  /// Digits, two to a byte from `start`, in quotes; see `FactCells`.
  mutating func append(digits bytes: [UInt8], from start: Int, count digits: Int, _ letter: (UInt8) -> UInt8) {
    reserve(digits + 3)
    unsafe base[count] = UInt8(ascii: "\"")
    var place = count + 1
    for index in 0..<((digits + 1) / 2) {
      let pair = bytes[start + index]
      unsafe base[place] = letter(pair >> 4)
      unsafe base[place + 1] = letter(pair & 15)
      place += 2
    }
    count += digits + 2
    unsafe base[count - 1] = UInt8(ascii: "\"")
  }

  mutating func append(hexadecimal bytes: ArraySlice<UInt8>) {
    reserve(bytes.count * 2)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      for index in bytes.indices {
        let byte = unsafe bytes[index]
        unsafe base[count] = Self.hexadecimal(byte >> 4)
        unsafe base[count + 1] = Self.hexadecimal(byte & 15)
        count += 2
      }
    }
  }

  private static func hexadecimal(_ value: UInt8) -> UInt8 { value < 10 ? value + 48 : value + 87 }

  mutating func append(decimal number: UInt64) {
    reserve(20)
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20, number >= bound {
      digits += 1
      if digits < 20 { bound *= 10 }
    }
    write(number, digits: digits)
  }

  /// The last digits of a number, with zeros before them.
  mutating func append(_ number: UInt64, digits: Int) {
    reserve(digits)
    write(number, digits: digits)
  }

  @inline(__always)
  private mutating func write(_ number: UInt64, digits: Int) {
    var (rest, place, left) = (number, count + digits, digits)
    count = place
    // Two at a time: each division waits for the one before.
    while left >= 2 {
      place -= 2
      let pair = UInt8(truncatingIfNeeded: rest % 100)
      unsafe base[place] = pair / 10 + 48
      unsafe base[place + 1] = pair % 10 + 48
      rest /= 100
      left -= 2
    }
    if left == 1 { unsafe base[place - 1] = UInt8(truncatingIfNeeded: rest % 10) + 48 }
  }

  /// Takes back what was appended last, down to so many bytes.
  mutating func truncate(to count: Int) { self.count = min(count, self.count) }

  /// Takes back these bytes at the end.
  mutating func trimEnd(_ byte: UInt8) { while count > 0, unsafe base[count - 1] == byte { count -= 1 } }

  /// Gives away what was written and begins anew.
  mutating func take() -> [UInt8] {
    let bytes = unsafe Array(UnsafeBufferPointer(start: base, count: count))
    count = 0
    return bytes
  }
}
