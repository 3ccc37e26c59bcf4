internal import PolicyCore

/// Plain decimals as nearly all metric files hold them, read into 64 bits: the value times 10⁹, exactly.
///
/// Two of them compare as their integers do, whatever the number of digits behind the point. Whatever is not plain
/// (signs, exponents, more than nine digits behind the point, words) is left to `MetricCell`, which decides alone.
enum FixedNumber {
  /// No plain number.
  static let none = UInt64.max
  static let one: UInt64 = 1_000_000_000

  /// The largest that a type allows; `nil` for types that ask more than how large a number is.
  static func largest(_ type: FactType) -> UInt64? {
    switch type {
    case .number: none - 1
    case .ratio: one
    case .bool, .int, .bytes, .duration, .time, .string, .enumeration, .stringSet: nil
    }
  }

  /// The number in `start..<end` of a text, blanks at both ends left out.
  @inline(__always)
  static func read(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) -> UInt64 {
    let count = end &- start
    guard count > 0, count <= 8, end >= 8 else { return unsafe readAny(text, start, end) }
    let number = unsafe readShort(text.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self), count)
    return number == none ? unsafe readAny(text, start, end) : number
  }

  fileprivate static let zeros: UInt64 = 0x3030_3030_3030_3030
  fileprivate static let highBits: UInt64 = 0x8080_8080_8080_8080
  /// Added to bytes it raises the high bits of those above nine.
  fileprivate static let aboveNine: UInt64 = 0x7676_7676_7676_7676

  /// The high bits of the bytes that were points before they were compared with zeros.
  @inline(__always)
  fileprivate static func points(_ word: UInt64) -> UInt64 {
    let (others, low) = (word ^ 0x1E1E_1E1E_1E1E_1E1E, UInt64(0x7F7F_7F7F_7F7F_7F7F))
    return ~(((others & low) &+ low) | others | low)
  }

  /// Up to eight characters, which are the last of the eight of a word: no digit is looked at by itself.
  @inline(__always)
  fileprivate static func readShort(_ loaded: UInt64, _ count: Int) -> UInt64 {
    let before = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
    // Digits become their values, a point 0x1E, and what stands before the number 0. The first character is lowest.
    var word = ((UInt64(littleEndian: loaded) ^ zeros) &>> before) &<< before
    let found = points(word)
    var scale: UInt64 = 0
    if found != 0 {
      // The digits before the point move up into its place.
      let place = UInt64(truncatingIfNeeded: found.trailingZeroBitCount) & 56
      guard place < 56, place > before else { return none }
      let under = (UInt64(1) &<< place) &- 1
      word = (word & ~(under | UInt64(0xFF) &<< place)) | ((word & under) &<< 8)
      scale = (56 &- place) &>> 3
    }
    guard (word &+ aboveNine | word) & highBits == 0 else { return none }
    word = (word &* 2561) &>> 8
    word = ((word & 0x00FF_00FF_00FF_00FF) &* 6_553_601) &>> 16
    word = ((word & 0x0000_FFFF_0000_FFFF) &* 42_949_672_960_001) &>> 32
    return word &* power(9 &- scale)
  }

  /// Blanks at both ends are left out; up to eighteen digits, one by one.
  @inline(never)
  private static func readAny(_ text: UnsafeRawPointer, _ from: Int, _ to: Int) -> UInt64 {
    var (start, end) = (from, to)
    while start < end, unsafe ByteScan.isBlank(text.load(fromByteOffset: start, as: UInt8.self)) { start += 1 }
    while start < end, unsafe ByteScan.isBlank(text.load(fromByteOffset: end - 1, as: UInt8.self)) { end -= 1 }
    let count = end - start
    if count < to - from, count > 0, count <= 8, end >= 8 {
      return unsafe readShort(text.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self), count)
    }
    guard end - start <= 19 else { return none }
    var (value, point, digits) = (UInt64(0), -1, 0)
    for index in start..<end {
      let byte = unsafe text.load(fromByteOffset: index, as: UInt8.self)
      if byte &- 48 <= 9 {
        value = value &* 10 &+ UInt64(byte &- 48)
        digits += 1
      } else {
        guard byte == UInt8(ascii: "."), point < 0, index > start else { return none }
        point = index
      }
    }
    let scale = point < 0 ? 0 : end - 1 - point
    guard digits > 0, digits <= 18, point != end - 1, scale <= 9 else { return none }
    let (product, overflow) = value.multipliedReportingOverflow(by: power(UInt64(9 - scale)))
    return overflow ? none : product
  }

  @inline(__always)
  private static func power(_ exponent: UInt64) -> UInt64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    case 8: 100_000_000
    default: 1_000_000_000
    }
  }
}

/// Numbers that are written alike, with as many characters and the point in the same place: they compare as their texts
/// do.
struct NumberForm {
  let count: Int
  /// Zeros, and the point; nothing but the number's own bytes is looked at.
  private let pattern: UInt64
  private let mask: UInt64
  private let bounds: UInt64

  /// The form of the number in `start..<end` of a text; `nil` for long ones, and mostly for what is no number.
  @inline(__always)
  init?(_ text: UnsafeRawPointer, _ start: Int, _ end: Int) {
    count = end &- start
    guard count > 0, count <= 8, end >= 8 else { return nil }
    let before = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
    mask = UInt64.max &<< before
    let word = unsafe UInt64(littleEndian: text.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self))
    let found = FixedNumber.points((word ^ FixedNumber.zeros) & mask)
    let place = UInt64(truncatingIfNeeded: found.trailingZeroBitCount) & 56
    if found == 0 {
      (pattern, bounds) = (FixedNumber.zeros, FixedNumber.aboveNine)
    } else {
      guard place < 56, place > before else { return nil }
      // There nothing but a point will do.
      pattern = FixedNumber.zeros ^ (0x1E &<< place)
      bounds = FixedNumber.aboveNine | (0x7F &<< place)
    }
  }

  /// What numbers of this form are compared by; `FixedNumber.none` for other text, which is as long and ends at `end`.
  @inline(__always)
  func key(_ text: UnsafeRawPointer, _ end: Int) -> UInt64 {
    let loaded = unsafe UInt64(littleEndian: text.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self))
    let word = (loaded ^ pattern) & mask
    return (word &+ bounds | word) & FixedNumber.highBits == 0 ? word.byteSwapped : FixedNumber.none
  }

  /// The number that has a key.
  func number(_ key: UInt64) -> UInt64 {
    FixedNumber.readShort(UInt64(littleEndian: key.byteSwapped ^ pattern), count)
  }
}
