/// A decimal number held exactly: ± significand × 10^exponent, normalised so that equal values are equal structs.
///
/// Binary floating point would make `0.7%` differ from `0.007`; literals and metric values meet here instead.
public struct ExactDecimal: Hashable, Sendable {
  /// Magnitude, without trailing decimal zeros; at most 38 digits.
  public let significand: UInt128
  /// Power of ten, from −500 to 500; 0 for the number zero.
  public let exponent: Int16
  public let isNegative: Bool

  /// Most significant digits and largest power of ten that are accepted; what exceeds them is refused, never rounded.
  public static let maximumDigits = 38
  public static let maximumExponent = 500

  public static let zero = ExactDecimal(normalising: 0, exponent: 0, isNegative: false)

  public init(_ integer: Int64) {
    self.init(normalising: UInt128(integer.magnitude), exponent: 0, isNegative: integer < 0)
  }

  private init(normalising significand: UInt128, exponent: Int, isNegative: Bool) {
    var (value, power) = (significand, exponent)
    while value > UInt128(UInt64.max), value.isMultiple(of: 10) { (value, power) = (value / 10, power + 1) }
    if let short = UInt64(exactly: value) {
      self.init(short: short, exponent: power, isNegative: isNegative)
    } else {
      self.init(exactly: value, exponent: Int16(clamping: power), isNegative: isNegative)
    }
  }

  private init(exactly significand: UInt128, exponent: Int16, isNegative: Bool) {
    self.significand = significand
    self.exponent = exponent
    self.isNegative = isNegative
  }

  /// Dividing 128 bits is many times as slow, and metric values are short.
  private init(short significand: UInt64, exponent: Int, isNegative: Bool) {
    var (value, power) = (significand, exponent)
    while value != 0, value.isMultiple(of: 10) { (value, power) = (value / 10, power + 1) }
    self.init(
      exactly: UInt128(value), exponent: value == 0 ? 0 : Int16(clamping: power), isNegative: value != 0 && isNegative)
  }

  /// Parses `[-]digits[.digits][e[±]digits]` and nothing else: no `nan`, `inf`, `0x`, `+`, blanks or separators.
  /// Returns `nil` for other text and for numbers beyond the limits above.
  public init?(parsing text: some Collection<UInt8>) {
    var index = text.startIndex
    var negative = false
    if index < text.endIndex, text[index] == UInt8(ascii: "-") {
      negative = true
      index = text.index(after: index)
    }
    var value: UInt128 = 0
    var (digits, seen, power) = (0, 0, 0)
    var afterPoint = false
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: "."), !afterPoint, seen > 0 {
        afterPoint = true
        let next = text.index(after: index)
        guard next < text.endIndex, (48...57).contains(text[next]) else { return nil }
      } else if (48...57).contains(byte) {
        seen += 1
        if digits > 0 || byte != 48 {
          // Zeros beyond the limit can still be exact (1000…0), so they are carried in the exponent.
          if digits >= Self.maximumDigits {
            guard byte == 48 else { return nil }
            if !afterPoint { power += 1 }
            index = text.index(after: index)
            continue
          }
          value = value * 10 + UInt128(byte - 48)
          digits += 1
        }
        if afterPoint { power -= 1 }
      } else {
        break
      }
      index = text.index(after: index)
    }
    guard seen > 0 else { return nil }
    if index < text.endIndex {
      guard text[index] == UInt8(ascii: "e") || text[index] == UInt8(ascii: "E") else { return nil }
      index = text.index(after: index)
      var exponentNegative = false
      if index < text.endIndex, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
        exponentNegative = text[index] == UInt8(ascii: "-")
        index = text.index(after: index)
      }
      var (written, count) = (0, 0)
      while index < text.endIndex, (48...57).contains(text[index]) {
        guard written < 100_000 else { return nil }
        written = written * 10 + Int(text[index] - 48)
        count += 1
        index = text.index(after: index)
      }
      guard count > 0, index == text.endIndex else { return nil }
      power += exponentNegative ? -written : written
    }
    if value == 0 {
      self = .zero
      return
    }
    let magnitude = power + digits
    guard abs(power) <= Self.maximumExponent, abs(magnitude) <= Self.maximumExponent else { return nil }
    self.init(normalising: value, exponent: power, isNegative: negative)
  }

  public init?(_ text: String) { self.init(parsing: Array(text.utf8)) }

  /// The same for a slice of bytes.
  public init?(ascii text: ArraySlice<UInt8>) { self.init(ascii: text.span) }

  /// The same for bytes in place; metric files bring millions of these, nearly all short enough for 64 bits.
  public init?(ascii text: borrowing Span<UInt8>) {
    let count = text.count
    var index = 0
    let negative = count > 0 && text[0] == UInt8(ascii: "-")
    if negative { index = 1 }
    let first = index
    var (value, point): (UInt64, Int) = (0, -1)
    while index < count {
      let byte = text[index]
      if byte &- 48 <= 9, index - first < 18 {
        value = value &* 10 &+ UInt64(byte &- 48)
      } else if byte == UInt8(ascii: "."), point < 0, index > first {
        point = index
      } else {
        // An exponent, many digits, or no number: the general reader decides.
        self.init(parsing: text.indices.map { text[$0] })
        return
      }
      index += 1
    }
    guard count > first, point != count - 1 else { return nil }
    self.init(short: value, exponent: point < 0 ? 0 : point + 1 - count, isNegative: negative)
  }

  /// This number divided by 100, exactly: how `80%` becomes a ratio.
  public var percent: ExactDecimal {
    ExactDecimal(normalising: significand, exponent: Int(exponent) - 2, isNegative: isNegative)
  }

  /// The exact product; `nil` where it has more digits or a larger exponent than are accepted.
  public func multiplied(by other: ExactDecimal) -> ExactDecimal? {
    let (product, overflow) = significand.multipliedReportingOverflow(by: other.significand)
    guard !overflow else { return nil }
    return ExactDecimal(
      checking: product, exponent: Int(exponent) + Int(other.exponent), isNegative: isNegative != other.isNegative)
  }

  /// The exact sum; `nil` where it has more digits or a larger exponent than are accepted.
  public func adding(_ other: ExactDecimal) -> ExactDecimal? {
    if significand == 0 { return other }
    if other.significand == 0 { return self }
    let power = min(exponent, other.exponent)
    guard let left = Self.shifted(significand, by: Int(exponent) - Int(power)),
      let right = Self.shifted(other.significand, by: Int(other.exponent) - Int(power))
    else { return nil }
    if isNegative == other.isNegative {
      let (sum, overflow) = left.addingReportingOverflow(right)
      return overflow ? nil : ExactDecimal(checking: sum, exponent: Int(power), isNegative: isNegative)
    }
    return left >= right
      ? ExactDecimal(checking: left - right, exponent: Int(power), isNegative: isNegative)
      : ExactDecimal(checking: right - left, exponent: Int(power), isNegative: other.isNegative)
  }

  /// Half of this number, exactly.
  public var half: ExactDecimal? { multiplied(by: ExactDecimal(normalising: 5, exponent: -1, isNegative: false)) }

  private init?(checking significand: UInt128, exponent: Int, isNegative: Bool) {
    self.init(normalising: significand, exponent: exponent, isNegative: isNegative)
    let digits = Self.digitCount(self.significand)
    guard digits <= Self.maximumDigits, abs(exponent) <= Self.maximumExponent,
      abs(Int(self.exponent) + digits) <= Self.maximumExponent
    else { return nil }
  }

  private static func shifted(_ value: UInt128, by places: Int) -> UInt128? {
    guard places <= maximumDigits else { return nil }
    var result = value
    for _ in 0..<places {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      result = product
    }
    return result
  }

  /// The number as an Int64 when it is whole and fits.
  public var wholeNumber: Int64? {
    guard exponent >= 0 else { return nil }
    var value = significand
    for _ in 0..<exponent {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow, product <= UInt128(Int64.max) else { return nil }
      value = product
    }
    guard value <= UInt128(Int64.max) else { return nil }
    return isNegative ? -Int64(value) : Int64(value)
  }

  /// `self × integer`, rounded towards zero, when it fits an Int64: for sizes and durations written with a fraction,
  /// and for percentages of counts and bytes (which the language rounds down). `nil` when it does not fit.
  public func scaled(_ factor: Int64) -> Int64? {
    guard let factorSize = UInt128(exactly: factor.magnitude) else { return nil }
    var (value, power) = (significand, Int(exponent))
    // Shorten first: 38 digits times a large factor would overflow although the quotient fits.
    while power < 0, value > UInt128(UInt64.max) { (value, power) = (value / 10, power + 1) }
    var (product, overflow) = value.multipliedReportingOverflow(by: factorSize)
    guard !overflow else { return nil }
    while power < 0, product != 0 { (product, power) = (product / 10, power + 1) }
    while power > 0, product != 0 {
      (product, overflow) = product.multipliedReportingOverflow(by: 10)
      guard !overflow, product <= UInt128(Int64.max) else { return nil }
      power -= 1
    }
    guard product <= UInt128(Int64.max) else { return nil }
    return (isNegative != (factor < 0)) ? -Int64(product) : Int64(product)
  }
}

extension ExactDecimal: Comparable {
  @inlinable public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.exponent == right.exponent, !left.isNegative, !right.isNegative {
      return left.significand < right.significand
    }
    return isBelow(left, right)
  }

  @usableFromInline static func isBelow(_ left: ExactDecimal, _ right: ExactDecimal) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    return left.isNegative ? magnitude(right, below: left) : magnitude(left, below: right)
  }

  private static func magnitude(_ left: ExactDecimal, below right: ExactDecimal) -> Bool {
    if left.significand == 0 || right.significand == 0 { return left.significand == 0 && right.significand != 0 }
    if left.exponent == right.exponent { return left.significand < right.significand }
    let distance = Int(left.exponent) - Int(right.exponent)
    if abs(distance) < powersOfTen.count, let a = UInt64(exactly: left.significand),
      let b = UInt64(exactly: right.significand)
    {
      let scale = UInt128(powersOfTen[abs(distance)])
      return distance > 0 ? UInt128(a) * scale < UInt128(b) : UInt128(a) < UInt128(b) * scale
    }
    let (leftDigits, rightDigits) = (digitCount(left.significand), digitCount(right.significand))
    let (leftTop, rightTop) = (leftDigits + Int(left.exponent), rightDigits + Int(right.exponent))
    if leftTop != rightTop { return leftTop < rightTop }
    // Same leading power of ten: bring both to the same number of digits; 38 digits fit a UInt128.
    var (a, b) = (left.significand, right.significand)
    for _ in 0..<max(0, rightDigits - leftDigits) { a *= 10 }
    for _ in 0..<max(0, leftDigits - rightDigits) { b *= 10 }
    return a < b
  }

  /// From 1 to 10^19.
  private static let powersOfTen = (0..<20).map { power in (0..<power).reduce(UInt64(1)) { value, _ in value * 10 } }

  /// Whether it is from 0 to 1.
  public var isRatio: Bool {
    if isNegative { return false }
    if exponent < 0, -Int(exponent) < Self.powersOfTen.count {
      return significand <= UInt128(Self.powersOfTen[-Int(exponent)])
    }
    return self <= ExactDecimal(1)
  }

  private static func digitCount(_ value: UInt128) -> Int {
    if let short = UInt64(exactly: value) {
      var (count, bound): (Int, UInt64) = (0, 1)
      while count < 19, short >= bound { (count, bound) = (count + 1, bound * 10) }
      return count < 19 ? count : (short >= 10_000_000_000_000_000_000 ? 20 : 19)
    }
    var (count, rest) = (0, value)
    while rest > 0 { (count, rest) = (count + 1, rest / 10) }
    return count
  }
}

extension ExactDecimal: CustomStringConvertible {
  /// Canonical text: plain digits for exponents near zero, else `123e45`.
  public var description: String {
    let sign = isNegative ? "-" : ""
    let digits = String(significand)
    if exponent >= 0, exponent <= 20 { return sign + digits + String(repeating: "0", count: Int(exponent)) }
    if exponent < 0, exponent >= -40 {
      let places = -Int(exponent)
      if digits.utf8.count > places {
        let cut = digits.index(digits.endIndex, offsetBy: -places)
        return sign + digits[..<cut] + "." + digits[cut...]
      }
      return sign + "0." + String(repeating: "0", count: places - digits.utf8.count) + digits
    }
    return sign + digits + "e" + String(exponent)
  }
}
