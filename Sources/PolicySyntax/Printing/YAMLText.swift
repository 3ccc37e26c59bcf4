internal import PolicyCore

/// Scalars as YAML that reads back as the same text.
enum YAMLText {
  /// Plain where nothing in it can be taken for something else, also inside `{ }` and `[ ]`; else in double quotes.
  static func scalar(_ text: String) -> String {
    guard let first = text.utf8.first, isWord(first) || first == UInt8(ascii: "/"), text.utf8.last != UInt8(ascii: " ")
    else { return quoted(text) }
    let isPlain = text.utf8.allSatisfy { isWord($0) || "/.-_+ ".utf8.contains($0) }
    return isPlain ? text : quoted(text)
  }

  static func scalar(_ text: ByteString) -> String { scalar(text.displayText) }

  /// A condition: plain where it can be, for its own quotes are then read as they stand.
  static func condition(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, isWord(first) || first == UInt8(ascii: "("),
      bytes.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "#") }), bytes.last != UInt8(ascii: ":")
    else { return bytes.allSatisfy({ (0x20...0x7E).contains($0) }) ? singleQuoted(text) : quoted(text) }
    let hasColon = zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: ":") && $1 == UInt8(ascii: " ") }
    return hasColon ? singleQuoted(text) : text
  }

  static func singleQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      default: out += isShown(scalar) ? String(scalar) : escape(scalar)
      }
    }
    return out + "\""
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  /// Controls, line and paragraph separators and marks that have no shape are written as escapes.
  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
    default: true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let width = scalar.value <= 0xFF ? 2 : scalar.value <= 0xFFFF ? 4 : 8
    let mark = width == 2 ? "x" : width == 4 ? "u" : "U"
    return "\\\(mark)\(String(repeating: "0", count: width - digits.utf8.count))\(digits)"
  }
}
