/// A fact as a condition names it.
public struct FactReference: Hashable, Sendable {
  public enum Scope: Hashable, Sendable {
    /// Of the entity that the rule speaks of.
    case own
    /// Of the run that holds the checkpoint: written `run.name`.
    case run
  }
  public var scope: Scope
  /// Without the `run.` prefix: `mAP50-95`, `last.mAP50`.
  public var name: String
  public init(_ name: String, scope: Scope = .own) {
    self.scope = scope
    self.name = name
  }
  public var spelled: String { scope == .run ? "run." + name : name }
}

/// A constant with its type resolved; the comparison of numbers is exact.
public enum Constant: Hashable, Sendable {
  case bool(Bool)
  case number(ExactDecimal)
  case bytes(Int64)
  case duration(TimeSpan)
  case time(Timestamp)
  /// String or enumeration member.
  case text(ByteString)
}

/// The left side of a test.
public struct Operand: Hashable, Sendable {
  public var fact: FactReference
  /// `age(fact)`: how long ago the time stamp was. Plain `age` is lowered to this with the default stamp.
  public var isAge: Bool
  /// `fact ?? constant`: replaces *missing*, never *unreadable*.
  public var fallback: Constant?
  public init(_ fact: FactReference, isAge: Bool = false, fallback: Constant? = nil) {
    self.fact = fact
    self.isAge = isAge
    self.fallback = fallback
  }
}

public enum Comparison: String, Hashable, Sendable, CaseIterable {
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
}

/// A condition as meant. Every atom constrains one fact by constants, which keeps the analyses decidable.
public indirect enum Condition: Hashable, Sendable {
  /// `true`: everything.
  case always
  case all([Condition])
  case any([Condition])
  case not(Condition)
  case compare(Operand, Comparison, Constant)
  case member(Operand, [Constant])
  /// Glob over bytes: `*` and `?` stop at `/`, `**` does not.
  case matches(Operand, Glob)
  case has(Operand, ByteString)
  case isMissing(FactReference)
  /// A Bool fact standing alone.
  case flag(Operand)
}

/// A compiled glob; matching is linear in pattern × text and never backtracks exponentially.
public struct Glob: Hashable, Sendable {
  public let pattern: ByteString
  public init(_ pattern: ByteString) { self.pattern = pattern }

  /// `?` one byte sequence of a UTF-8 scalar other than `/` (a lone byte where the text is not UTF-8); `*` any number of
  /// bytes other than `/`; `**` any number of bytes. The whole text must match.
  public func matches(_ text: ByteString) -> Bool {
    let pattern = pattern.bytes
    let text = text.bytes
    // Most texts differ from a pattern before its first wildcard or behind its last.
    guard Self.agree(pattern, text), Self.agree(pattern.reversed(), text.reversed()) else { return false }
    // One row of reachability a pattern element: the classic two-row dynamic programme.
    var reach = [Bool](repeating: false, count: text.count + 1)
    reach[0] = true
    var index = 0
    while index < pattern.count {
      var next = [Bool](repeating: false, count: text.count + 1)
      if pattern[index] == UInt8(ascii: "*") {
        var stars = 1
        while index + stars < pattern.count, pattern[index + stars] == UInt8(ascii: "*") { stars += 1 }
        var open = false
        for position in 0...text.count {
          if position > 0, open, stars == 1, text[position - 1] == UInt8(ascii: "/") { open = false }
          if reach[position] { open = true }
          next[position] = open
        }
        index += stars
      } else if pattern[index] == UInt8(ascii: "?") {
        for position in 0..<text.count where reach[position] && text[position] != UInt8(ascii: "/") {
          next[position + Self.scalarLength(text, at: position)] = true
        }
        index += 1
      } else {
        for position in 0..<text.count where reach[position] && text[position] == pattern[index] {
          next[position + 1] = true
        }
        index += 1
      }
      reach = next
    }
    return reach[text.count]
  }

  /// Whether a text begins as a pattern does up to its first wildcard.
  private static func agree(_ pattern: some Sequence<UInt8>, _ text: some Sequence<UInt8>) -> Bool {
    var text = text.makeIterator()
    for byte in pattern {
      if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") { return true }
      if text.next() != byte { return false }
    }
    return true
  }

  private static func scalarLength(_ text: [UInt8], at index: Int) -> Int {
    let lead = text[index]
    let length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1
    guard index + length <= text.count else { return 1 }
    for offset in 1..<max(length, 1) where text[index + offset] & 0xC0 != 0x80 { return 1 }
    return length
  }
}
