/// Writes small values in few bytes: LEB128 integers, counted text, decimal digits two to a byte.
///
/// A snapshot of half a million files holds a quarter of a million entities; what each of them takes decides whether a
/// plan fits beside a training in memory.
struct PackedWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  mutating func byte(_ byte: UInt8) { bytes.append(byte) }

  /// Forgets what was written, and keeps the room.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func remove(_ range: Range<Int>) { bytes.removeSubrange(range) }

  /// How many bytes `unsigned` takes.
  static func width(_ number: UInt64) -> Int { max(1, (70 - number.leadingZeroBitCount) / 7) }

  mutating func unsigned(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A number below 2^35 in five bytes, whatever it is: for one that is known only later.
  mutating func wide(_ number: UInt64) {
    bytes.append(contentsOf: [0x80, 0x80, 0x80, 0x80, 0])
    setWide(number, at: bytes.count - 5)
  }

  mutating func setWide(_ number: UInt64, at place: Int) {
    precondition(number >> 35 == 0, "a chunk is not that long")
    for index in 0..<5 {
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(7 * index)) & 0x7F | (index < 4 ? 0x80 : 0)
    }
  }

  /// Zigzag, so that small negative numbers are short too.
  mutating func signed(_ number: Int64) { unsigned(UInt64(bitPattern: number << 1) ^ UInt64(bitPattern: number >> 63)) }

  mutating func text(_ text: some Collection<UInt8>) {
    unsigned(UInt64(text.count))
    bytes.append(contentsOf: text)
  }

  mutating func raw(_ slice: ArraySlice<UInt8>) { bytes.append(contentsOf: slice) }

  @unsafe @inline(__always)
  mutating func raw(_ lent: UnsafeBufferPointer<UInt8>) { unsafe bytes.append(contentsOf: lent) }

  @inline(__always)
  mutating func raw(_ lent: borrowing Span<UInt8>, _ range: Range<Int>) { bytes.append(lent, range) }

  mutating func value(_ value: FactValue?) {
    switch value {
    case nil: byte(PackedCell.none)
    case .bool(false): byte(PackedCell.no)
    case .bool(true): byte(PackedCell.yes)
    case .integer(let number):
      byte(PackedCell.integer)
      signed(number)
    case .number(let text): number(text)
    case .text(let text):
      byte(PackedCell.text)
      self.text(text.bytes)
    case .set(let members):
      byte(PackedCell.set)
      unsigned(UInt64(members.count))
      for member in members { text(member.bytes) }
    }
  }

  /// Metric values travel as they were written, and nearly all are a few digits.
  private mutating func number(_ text: String) {
    var text = text
    text.withUTF8 { unsafe number(UnsafeRawBufferPointer($0)) }
  }

  /// A number as it is written.
  mutating func number(_ letters: UnsafeRawBufferPointer) {
    if unsafe digits(letters) { return }
    byte(PackedCell.number)
    unsafe text(letters)
  }

  /// False where something is none of the signs that digits are packed with, or there are too many.
  private mutating func digits(_ letters: UnsafeRawBufferPointer) -> Bool {
    let count = letters.count
    guard count <= PackedCell.mostDigits else { return false }
    let start = bytes.count
    bytes.append(PackedCell.digits | UInt8(count))
    var place = 0
    while place < count {
      let high = unsafe PackedCell.digit(letters[place])
      let low = unsafe place + 1 < count ? PackedCell.digit(letters[place + 1]) : 0
      guard high | low < 16 else {
        bytes.removeSubrange(start...)
        return false
      }
      bytes.append(high << 4 | low)
      place += 2
    }
    return true
  }
}

extension [UInt8] {
  /// Some of the bytes that are lent.
  @inline(__always)
  mutating func append(_ lent: borrowing Span<UInt8>, _ range: Range<Int>) {
    unsafe lent.withUnsafeBufferPointer { unsafe append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
  }
}

/// The first byte of a packed value.
enum PackedCell {
  static let none: UInt8 = 0
  static let no: UInt8 = 1
  static let yes: UInt8 = 2
  static let integer: UInt8 = 3
  static let number: UInt8 = 4
  static let text: UInt8 = 5
  static let set: UInt8 = 6
  /// With the count of digits in the lower seven bits.
  static let digits: UInt8 = 0x80
  static let mostDigits = 0x7F
  static let point: UInt8 = 10

  /// The half byte that stands for a letter; 255 where plain numbers are not written with it.
  static func digit(_ letter: UInt8) -> UInt8 {
    switch letter {
    case 48...57: letter - 48
    case UInt8(ascii: "."): 10
    case UInt8(ascii: "-"): 11
    case UInt8(ascii: "+"): 12
    case UInt8(ascii: "e"): 13
    case UInt8(ascii: "E"): 14
    default: 255
    }
  }
}
