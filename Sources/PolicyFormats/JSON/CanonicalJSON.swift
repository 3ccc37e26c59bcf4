/// JSON in the one spelling of RFC 8785: keys in the order of their UTF-16 code units, no blanks, the shortest escapes.
///
/// Our formats hold no fractions (metric values travel as text), so the RFC's rules for floating point are not needed;
/// a `.decimal`, which only a reader makes, keeps its spelling.
public enum CanonicalJSON {
  public static func encode(_ value: JSONValue) -> [UInt8] {
    var output: [UInt8] = []
    write(value, to: &output)
    return output
  }

  public static func text(_ value: JSONValue) -> String { String(decoding: encode(value), as: UTF8.self) }

  public static func write(_ value: JSONValue, to output: inout [UInt8]) {
    switch value {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
    case .integer(let number): write(number, to: &output)
    case .decimal(let text): output.append(contentsOf: text.utf8)
    case .string(let text): write(text, to: &output)
    case .array(let items):
      output.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        write(item, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.canonicalMembers.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        write(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        write(member.value, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// The order of keys: by UTF-16 code units, which differs from bytes above U+FFFF.
  public static func precedes(_ left: String, _ right: String) -> Bool {
    // Up to U+D7FF, whose first byte is 0xED, bytes and code units agree.
    if left.utf8.allSatisfy({ $0 < 0xED }), right.utf8.allSatisfy({ $0 < 0xED }) {
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    return left.utf16.lexicographicallyPrecedes(right.utf16)
  }

  /// A quoted string.
  public static func write(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: needsEscape) {
      for byte in text.utf8 { write(escaping: byte, to: &output) }
    } else {
      output.append(contentsOf: text.utf8)
    }
    output.append(UInt8(ascii: "\""))
  }

  /// A quoted string from bytes that are valid UTF-8.
  static func write(validated bytes: [UInt8], to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if bytes.contains(where: needsEscape) {
      for byte in bytes { write(escaping: byte, to: &output) }
    } else {
      output.append(contentsOf: bytes)
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static let hexadecimal = Array("0123456789abcdef".utf8)

  private static func write(escaping byte: UInt8, to output: inout [UInt8]) {
    guard needsEscape(byte) else {
      output.append(byte)
      return
    }
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    default:
      output.append(contentsOf: "u00".utf8)
      output.append(hexadecimal[Int(byte >> 4)])
      output.append(hexadecimal[Int(byte & 15)])
    }
  }

  static func write(_ number: Int64, to output: inout [UInt8]) {
    if number < 0 { output.append(UInt8(ascii: "-")) }
    write(number.magnitude, to: &output)
  }

  static func write(_ number: UInt64, to output: inout [UInt8]) {
    let start = output.count
    var rest = number
    repeat {
      output.append(UInt8(truncatingIfNeeded: rest % 10) + 48)
      rest /= 10
    } while rest > 0
    var (low, high) = (start, output.count - 1)
    while low < high {
      output.swapAt(low, high)
      (low, high) = (low + 1, high - 1)
    }
  }
}
