/// Writes small values in few bytes: LEB128 integers, counted text, decimal digits two to a byte.
///
/// A snapshot of half a million files holds a quarter of a million entities; what each of them takes decides whether a
/// plan fits beside a training in memory.
struct PackedWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ byte: UInt8) { bytes.append(byte) }

  mutating func unsigned(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Zigzag, so that small negative numbers are short too.
  mutating func signed(_ number: Int64) { unsigned(UInt64(bitPattern: number << 1) ^ UInt64(bitPattern: number >> 63)) }

  mutating func text(_ text: some Collection<UInt8>) {
    unsigned(UInt64(text.count))
    bytes.append(contentsOf: text)
  }

  mutating func raw(_ slice: ArraySlice<UInt8>) { bytes.append(contentsOf: slice) }

  mutating func value(_ value: FactValue?) {
    switch value {
    case nil: byte(PackedCell.none)
    case .bool(false): byte(PackedCell.no)
    case .bool(true): byte(PackedCell.yes)
    case .integer(let number):
      byte(PackedCell.integer)
      signed(number)
    case .number(let text): number(Array(text.utf8))
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
  private mutating func number(_ text: [UInt8]) {
    let digits = text.compactMap { PackedCell.alphabet.firstIndex(of: $0) }
    guard digits.count == text.count, digits.count <= PackedCell.mostDigits else {
      byte(PackedCell.number)
      self.text(text)
      return
    }
    byte(PackedCell.digits | UInt8(digits.count))
    for place in stride(from: 0, to: digits.count, by: 2) {
      byte(UInt8(digits[place] << 4 | (place + 1 < digits.count ? digits[place + 1] : 0)))
    }
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
  /// Everything that plain numbers are written with; at most sixteen signs.
  static let alphabet = Array("0123456789.-+eE".utf8)
}
