internal import PolicyDiagnostics

/// A character that a policy file may not hold.
enum CharacterFlaw: Equatable {
  case notUTF8, control, lineSeparator, byteOrderMark, reordering, notACharacter

  /// The flaw of the character at `offset`, if it has one, and the character's length in bytes.
  static func find(in bytes: [UInt8], at offset: Int) -> (flaw: CharacterFlaw?, length: Int) {
    guard let (scalar, length) = decode(bytes, at: offset) else { return (.notUTF8, 1) }
    switch scalar {
    case 0x09, 0x0A, 0x0D: return (nil, length)
    case 0..<0x20, 0x7F: return (.control, length)
    case 0x85, 0x2028, 0x2029: return (.lineSeparator, length)
    case 0x80..<0xA0: return (.control, length)
    case 0xFEFF: return (.byteOrderMark, length)
    case 0x202A...0x202E, 0x2066...0x2069: return (.reordering, length)
    case 0xFFFE, 0xFFFF: return (.notACharacter, length)
    default: return (nil, length)
    }
  }

  /// One well-formed UTF-8 sequence: shortest form, no surrogates, nothing above U+10FFFF.
  private static func decode(_ bytes: [UInt8], at offset: Int) -> (scalar: UInt32, length: Int)? {
    let lead = bytes[offset]
    let length: Int
    var scalar: UInt32
    switch lead {
    case 0..<0x80: return (UInt32(lead), 1)
    case 0xC2..<0xE0: (length, scalar) = (2, UInt32(lead & 0x1F))
    case 0xE0..<0xF0: (length, scalar) = (3, UInt32(lead & 0x0F))
    case 0xF0..<0xF5: (length, scalar) = (4, UInt32(lead & 0x07))
    default: return nil
    }
    guard offset + length <= bytes.count else { return nil }
    for next in bytes[(offset + 1)..<(offset + length)] {
      guard next & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(next & 0x3F)
    }
    let shortest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard scalar >= shortest, Unicode.Scalar(scalar) != nil else { return nil }
    return (scalar, length)
  }

  func diagnostic(at span: SourceSpan, in source: SourceText) -> Diagnostic {
    let name = Self.name(source.bytes, at: span.range.lowerBound)
    switch self {
    case .notUTF8:
      return Diagnostic(
        "P0024", .error, "this file is not UTF-8", at: span, caption: "the byte \(name)", help: "save it as UTF-8")
    case .control:
      return Diagnostic(
        "P0025", .error, "a control character", at: span, caption: name,
        help: "delete it; where it is meant, write \"\\x\(name.suffix(2))\" inside double quotes")
    case .lineSeparator:
      return Diagnostic(
        "P0025", .error, "a line break that YAML sees and editors do not", at: span, caption: name,
        help: "write an ordinary line break or a space")
    case .byteOrderMark:
      return Diagnostic(
        "P0025", .error, "a byte order mark inside the file", at: span, caption: name, help: "delete it")
    case .reordering:
      return Diagnostic(
        "P0025", .error, "an invisible character that changes the order in which text is shown", at: span,
        caption: name, help: "delete it; where it is meant, write \"\\u\(name.suffix(4))\" inside double quotes")
    case .notACharacter:
      return Diagnostic("P0025", .error, "a code that is no character", at: span, caption: name, help: "delete it")
    }
  }

  /// `U+001B`, or `0xE9` for a byte that is no UTF-8.
  private static func name(_ bytes: [UInt8], at offset: Int) -> String {
    guard let (scalar, _) = decode(bytes, at: offset) else {
      return "0x" + hex(UInt32(bytes[offset]), digits: 2)
    }
    return "U+" + hex(scalar, digits: 4)
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
