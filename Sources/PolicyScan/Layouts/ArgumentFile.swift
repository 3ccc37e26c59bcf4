internal import PolicyCore

/// The top-level `key: value` scalars of `args.yaml` or `opt.yaml`, read line by line.
///
/// This is no YAML reader: it takes what the frameworks write, one plain or quoted scalar a line, and passes over the
/// rest. A later line wins over an earlier one with the same key, as it does for the frameworks.
struct ArgumentFile {
  private var values: [ByteString: ByteString] = [:]
  var isEmpty: Bool { values.isEmpty }

  static let limit = 1 << 20

  init() {}

  init(parsing bytes: [UInt8]) {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    for line in content.split(separator: UInt8(ascii: "\n")) {
      guard let first = line.first, first != 32, first != 9, first != UInt8(ascii: "#"), first != UInt8(ascii: "-")
      else { continue }
      guard let colon = Self.separator(line) else { continue }
      let key = Self.unquoted(CSVTable.trimmed(line[..<colon]))
      let value = Self.scalar(CSVTable.trimmed(line[(colon + 1)...]))
      values[ByteString(key)] = value.map { ByteString($0) }
    }
  }

  mutating func set(_ key: ByteString, _ value: ByteString) { values[key] = value }

  /// The text of a scalar; `nil` for none, `null`, `~` and what is no scalar.
  subscript(_ key: String) -> ByteString? { values[ByteString(key)] }

  func text(_ key: String) -> String? { self[key]?.utf8Text }

  /// Positive whole numbers only.
  func count(_ key: String) -> Int64? {
    guard let value = self[key], let number = ExactDecimal(ascii: value.bytes[...])?.wholeNumber, number > 0 else {
      return nil
    }
    return number
  }

  func bool(_ key: String) -> Bool? {
    switch text(key)?.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    case _: nil
    }
  }

  func has(_ key: String) -> Bool { values[ByteString(key)] != nil }

  /// The colon that ends the key: the first one with a blank or nothing behind it.
  private static func separator(_ line: ArraySlice<UInt8>) -> Int? {
    for index in line.indices where line[index] == UInt8(ascii: ":") {
      let next = index + 1
      if next == line.endIndex || line[next] == 32 || line[next] == 9 || line[next] == 13 { return index }
    }
    return nil
  }

  private static func scalar(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = text.first else { return nil }
    switch first {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return unquoted(text)
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "&"),
      UInt8(ascii: "*"), UInt8(ascii: "!"):
      return nil
    default: break
    }
    var end = text.endIndex
    for index in text.indices.dropFirst()
    where text[index] == UInt8(ascii: "#") && (text[index - 1] == 32 || text[index - 1] == 9) {
      end = index
      break
    }
    let plain = CSVTable.trimmed(text[..<end])
    for none in ["null", "~", "Null", "NULL", "None"] where plain.elementsEqual(none.utf8) { return nil }
    return plain.isEmpty ? nil : Array(plain)
  }

  private static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard let quote = text.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return Array(text) }
    var (result, rest): ([UInt8], ArraySlice<UInt8>) = ([], text.dropFirst())
    while let byte = rest.popFirst() {
      if byte == quote {
        guard quote == UInt8(ascii: "'"), rest.first == quote else { break }
        rest = rest.dropFirst()
      } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let next = rest.popFirst() {
        result.append(next)
        continue
      }
      result.append(byte)
    }
    return result
  }
}
