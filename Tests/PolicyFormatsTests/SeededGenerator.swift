internal import PolicyCore
internal import PolicyFormats

/// SplitMix64: the same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }

  /// Any value of a few shapes.
  mutating func maybe<Value>(_ make: (inout SeededGenerator) -> Value) -> Value? { chance(50) ? make(&self) : nil }

  mutating func text() -> String {
    let alphabet = Array("abAB01 _-./\\\"\u{0}\n\u{7f}é\u{301}ß中文字🚀\u{202e}\u{2028}\u{fb33}\u{10ffff}").map {
      String($0)
    }
    return (0..<below(8)).map { _ in pick(alphabet) }.joined()
  }

  /// A file name: sometimes not UTF-8, sometimes with composed, decomposed or bidirectional letters.
  mutating func name() -> ByteString {
    let pieces: [[UInt8]] = [
      Array("exp".utf8), Array("b".utf8), [0xC3, 0xA9], [0x65, 0xCC, 0x81], [0xFF], [0xC3], [0x5C], Array("\\x".utf8),
      Array("中".utf8), Array("🚀".utf8), [0x0A], [0x22], [0xE2, 0x80, 0xAE], Array(" ".utf8), Array("7".utf8),
    ]
    return ByteString((0...below(4)).flatMap { _ in pick(pieces) })
  }

  mutating func path() -> ByteString {
    ByteString(Array((0...below(3)).map { _ in name().bytes }.joined(separator: [UInt8(ascii: "/")])))
  }

  mutating func json(depth: Int) -> JSONValue {
    switch below(depth > 0 ? 8 : 6) {
    case 0: return .null
    case 1: return .bool(chance(50))
    case 2: return .integer(Int64(truncatingIfNeeded: next() >> UInt64(below(64))))
    case 3: return .decimal(pick(["0.5", "-0", "1e10", "-2.50", "18446744073709551616"]))
    case 4, 5: return .string(text())
    case 6: return .array((0..<below(4)).map { _ in json(depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<below(4) { object[text()] = json(depth: depth - 1) }
      return .object(object)
    }
  }
}
