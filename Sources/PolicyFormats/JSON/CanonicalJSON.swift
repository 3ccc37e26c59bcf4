/// JSON in the one spelling of RFC 8785: keys in the order of their UTF-16 code units, no blanks, the shortest escapes.
///
/// Our formats hold no fractions (metric values travel as text), so the RFC's rules for floating point are not needed;
/// a `.decimal`, which only a reader makes, keeps its spelling.
public enum CanonicalJSON {
  public static func encode(_ value: JSONValue) -> [UInt8] {
    if case .encoded(let bytes) = value { return bytes }
    var output: [UInt8] = []
    write(value, to: &output)
    return output
  }

  /// The same value with the members of objects as they were added: for whoever reads it at once and keeps nothing.
  package static func encodeAsBuilt(_ value: JSONValue) -> [UInt8] {
    var output: [UInt8] = []
    write(value, isSorted: false, to: &output)
    return output
  }

  public static func text(_ value: JSONValue) -> String { String(decoding: encode(value), as: UTF8.self) }

  public static func write(_ value: JSONValue, to output: inout [UInt8]) {
    write(value, isSorted: true, to: &output)
  }

  private static func write(_ value: JSONValue, isSorted: Bool, to output: inout [UInt8]) {
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
        write(item, isSorted: isSorted, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in (isSorted ? object.canonicalMembers : object.members).enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        write(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        write(member.value, isSorted: isSorted, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    case .encoded(let bytes): output.append(contentsOf: bytes)
    }
  }

  /// The order of keys: by UTF-16 code units, which differs from bytes above U+FFFF.
  public static func precedes(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left, right)
    return left.withUTF8 { left in right.withUTF8 { unsafe precedes(left, $0) } }
  }

  private static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    for index in 0..<min(left.count, right.count) {
      let (mine, other) = unsafe (left[index], right[index])
      if mine == other { continue }
      // Characters above U+FFFF begin with 0xF0 and more, and with a code unit below those of U+E000…U+FFFF (0xEE, 0xEF).
      if mine >= 0xEE, other >= 0xEE, (mine >= 0xF0) != (other >= 0xF0) { return mine >= 0xF0 }
      return mine < other
    }
    return left.count < right.count
  }

  /// A quoted string.
  public static func write(_ text: String, to output: inout [UInt8]) {
    var text = text
    text.withUTF8 { unsafe write(validated: $0, to: &output) }
  }

  private static func write(validated text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var isPlain = true
    for index in text.indices where unsafe needsEscape(text[index]) { isPlain = false }
    if isPlain {
      unsafe output.append(contentsOf: text)
    } else {
      for index in text.indices { unsafe write(escaping: text[index], to: &output) }
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
