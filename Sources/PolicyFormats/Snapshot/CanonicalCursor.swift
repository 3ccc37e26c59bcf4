internal import PolicyCore
internal import PolicyDigest

/// A place in JSON that should be canonical. Each step passes over what it names, or finds something else there and says so;
/// what that is, and whether it is any good, `JSONCursor` finds out. The bytes are lent to each step.
struct CanonicalCursor {
  private(set) var place: Int
  /// Nothing beyond is looked at.
  let end: Int

  init(_ range: Range<Int>) { (place, end) = (range.lowerBound, range.upperBound) }

  @inline(__always)
  func next(_ bytes: borrowing Span<UInt8>) -> UInt8? { place < end ? bytes[place] : nil }

  @inline(__always)
  mutating func take(_ byte: UInt8, _ bytes: borrowing Span<UInt8>) -> Bool {
    guard place < end, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  @inline(__always)
  mutating func take(_ literal: StaticString, _ bytes: borrowing Span<UInt8>) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard end - place >= count else { return false }
    let letters = unsafe literal.utf8Start
    for offset in 0..<count where unsafe bytes[place + offset] != letters[offset] { return false }
    place += count
    return true
  }

  /// Some of other bytes.
  @inline(__always)
  mutating func take(_ other: [UInt8], _ range: Range<Int>, _ bytes: borrowing Span<UInt8>) -> Bool {
    let count = range.count
    guard end - place >= count else { return false }
    for offset in 0..<count where bytes[place + offset] != other[range.lowerBound + offset] { return false }
    place += count
    return true
  }

  /// A whole number that fits, in the one way to write it.
  mutating func integer(_ bytes: borrowing Span<UInt8>) -> Int64? {
    var index = place
    let isNegative = index < end && bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let first = index
    var magnitude: UInt64 = 0
    while index < end {
      let digit = bytes[index] &- 48
      if digit > 9 { break }
      magnitude = magnitude &* 10 &+ UInt64(digit)
      index += 1
    }
    // Eighteen digits always fit; the few longer numbers are left to others.
    guard (1...18).contains(index - first), bytes[first] != 48 || index == first + 1 && !isNegative else {
      return longInteger(first, index, isNegative, bytes)
    }
    place = index
    return isNegative ? -Int64(magnitude) : Int64(magnitude)
  }

  /// Times in nanoseconds have nineteen digits.
  private mutating func longInteger(
    _ first: Int, _ index: Int, _ isNegative: Bool, _ bytes: borrowing Span<UInt8>
  ) -> Int64? {
    guard index - first == 19, bytes[first] != 48 else { return nil }
    var number: Int64 = 0
    for digit in first..<index {
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = product.subtractingReportingOverflow(Int64(bytes[digit] - 48))
      if overflow || overflow2 { return nil }
      number = sum
    }
    if !isNegative, number == .min { return nil }
    place = index
    return isNegative ? number : -number
  }

  /// The same, of nothing below 0.
  @inline(__always)
  mutating func natural(_ bytes: borrowing Span<UInt8>) -> Int64? {
    guard let number = integer(bytes), number >= 0 else { return nil }
    return number
  }

  /// 32 bytes as lower-case digits.
  mutating func hexadecimal(_ bytes: borrowing Span<UInt8>, into digest: inout [UInt8]) -> Bool {
    guard end - place >= 64 else { return false }
    for pair in 0..<32 {
      guard let high = Hexadecimal.value(of: bytes[place + pair * 2]),
        let low = Hexadecimal.value(of: bytes[place + pair * 2 + 1])
      else { return false }
      digest[pair] = high << 4 | low
    }
    place += 64
    return true
  }

  /// What stands between quotes: UTF-8 without escapes.
  @inline(__always)
  mutating func text(_ bytes: borrowing Span<UInt8>) -> Range<Int>? {
    guard place < end, bytes[place] == UInt8(ascii: "\"") else { return nil }
    let start = place + 1
    var (index, all) = (start, UInt8(0))
    while index < end {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        guard all < 0x80 || Self.isUTF8(bytes, start..<index) else { return nil }
        place = index + 1
        return start..<index
      }
      if byte < 0x20 || byte == UInt8(ascii: "\\") { return nil }
      all |= byte
      index += 1
    }
    return nil
  }

  private static func isUTF8(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
    let copy = range.map { bytes[$0] }
    return UTF8Sequence.firstFault(in: copy, copy.indices) == nil
  }

  /// A time in the one way to write it, in the years that all files are of.
  mutating func time(_ bytes: borrowing Span<UInt8>) -> Timestamp? {
    guard end - place >= 22, bytes[place] == UInt8(ascii: "\"") else { return nil }
    let start = place + 1
    var index = start + 19
    if bytes[index] == UInt8(ascii: ".") {
      index += 1
      while index < end, bytes[index] &- 48 <= 9 { index += 1 }
      // As many decimals as are needed and no more.
      guard (1...9).contains(index - start - 20), bytes[index - 1] != 48 else { return nil }
    }
    guard end - index >= 2, bytes[index] == UInt8(ascii: "Z"), bytes[index + 1] == UInt8(ascii: "\"") else {
      return nil
    }
    guard let time = TimestampText.plain(bytes, start..<(index + 1)) else { return nil }
    place = index + 2
    return time
  }
}
