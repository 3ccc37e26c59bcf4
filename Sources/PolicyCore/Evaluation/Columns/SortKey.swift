/// A whole number that stands to others as the values do: smaller for smaller values. Of sizes, spans and times it is exact. Of
/// numbers it is the nearest double, so that two of them may have one key and not be equal.
struct SortKey {
  let value: Int64

  /// `nil` for what has no order, for numbers with more digits than one exact division can bring into a double, and for
  /// times before 1970, whose age might not fit.
  init?(_ constant: Constant) {
    switch constant {
    case .bytes(let count): self.init(value: count)
    case .duration(let span): self.init(value: span.nanoseconds)
    case .time(let stamp):
      guard stamp.nanoseconds >= 0 else { return nil }
      self.init(value: stamp.nanoseconds)
    case .number(let number):
      guard let short = UInt64(exactly: number.significand) else { return nil }
      self.init(short, exponent: Int(number.exponent), isNegative: number.isNegative)
    case .bool, .text: return nil
    }
  }

  private init(value: Int64) { self.value = value }

  /// Digits as they lie packed, two to a byte, with at most a point among them; `nil` where there is more to look at.
  @inline(__always)
  init?(digits bytes: borrowing Span<UInt8>, at start: Int, count: Int) {
    var (significand, places, hasPoint) = (UInt64(0), 0, false)
    guard count <= 17 else { return nil }
    for place in 0..<count {
      let pair = bytes[start + place / 2]
      let half = place & 1 == 0 ? pair >> 4 : pair & 15
      if half < 10 {
        significand = significand &* 10 &+ UInt64(half)
        if hasPoint { places += 1 }
      } else if half == PackedCell.point, !hasPoint, place > 0 {
        hasPoint = true
      } else {
        return nil
      }
    }
    guard places > 0 else { return nil }
    self.init(significand, exponent: -places, isNegative: false)
  }

  @inline(__always)
  private init?(_ significand: UInt64, exponent: Int, isNegative: Bool) {
    // Both are exact as doubles, and a quotient or product of two is rounded once: no order is turned round.
    guard significand <= 1 << 53, abs(exponent) < Self.powers.count else { return nil }
    let power = Self.powers[abs(exponent)]
    let size = exponent < 0 ? Double(significand) / power : Double(significand) * power
    let bits = Int64(bitPattern: size.bitPattern)
    self.init(value: isNegative ? -bits : bits)
  }

  private static let powers = (0...22).map { power in (0..<power).reduce(1.0) { value, _ in value * 10 } }
}

/// The keys of packed values that are surely what a type allows; whatever else there is goes to `BoundFact`.
struct PlainKeys {
  /// Of whole numbers that are sizes, spans or times.
  private let integers: ClosedRange<Int64>?
  /// Of numbers with decimals: keys below this one.
  private let limit: Int64

  init(_ type: FactType?, _ now: Timestamp) {
    integers =
      switch type {
      case .bytes: 0...Int64.max
      case .duration: Int64.min...Int64.max
      case .time where now.nanoseconds >= 0: 0...now.nanoseconds
      default: nil
      }
    limit =
      switch type {
      case .number: .max
      case .ratio: SortKey(.number(ExactDecimal(1)))?.value ?? .min
      default: .min
      }
  }

  /// - Parameter head: the first byte of the value, at `position`; see `PackedCell`.
  @inline(__always)
  func key(_ bytes: borrowing Span<UInt8>, _ position: Int, _ head: UInt8) -> Int64? {
    var position = position + 1
    if head >= PackedCell.digits {
      guard limit != .min, let key = SortKey(digits: bytes, at: position, count: Int(head & 0x7F)) else { return nil }
      return key.value < limit ? key.value : nil
    }
    guard head == PackedCell.integer, let integers else { return nil }
    let integer = PackedSpan.signed(bytes, &position)
    return integers.contains(integer) ? integer : nil
  }
}
