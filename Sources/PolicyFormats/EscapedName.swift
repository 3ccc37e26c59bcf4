public import PolicyCore

/// Names as JSON text. A name that is UTF-8 stands as it is; any other has each stray byte written `\xff` and each
/// backslash doubled, and a flag `"<key>_escaped": true` beside its key says so.
public enum EscapedName {
  /// The suffix of the flag's key.
  public static let flagSuffix = "_escaped"

  public static func escape(_ name: ByteString) -> (text: String, isEscaped: Bool) {
    guard UTF8Sequence.firstFault(in: name.bytes, 0..<name.count) != nil else {
      return (String(decoding: name.bytes, as: UTF8.self), false)
    }
    return (escaped(name), true)
  }

  /// The escaped form, whether the name needs it or not: for a list in which another one does.
  static func escaped(_ name: ByteString) -> String {
    let bytes = name.bytes
    var text: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let count = UTF8Sequence.length(in: bytes, at: index, before: bytes.count)
      if count == 0 {
        let digits = Array("0123456789abcdef".utf8)
        text += [
          UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(bytes[index] >> 4)], digits[Int(bytes[index] & 15)],
        ]
        index += 1
      } else {
        if bytes[index] == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
        text += bytes[index..<(index + count)]
        index += count
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The name that a text means; `nil` for an escape that `escape` does not write.
  public static func unescape(_ text: String, isEscaped: Bool) -> ByteString? {
    isEscaped ? unescape(Array(text.utf8)).map { ByteString($0) } : ByteString(text)
  }

  static func unescape(_ text: [UInt8]) -> [UInt8]? {
    func digit(_ index: Int) -> UInt8? {
      guard index < text.count else { return nil }
      switch text[index] {
      case 48...57: return text[index] - 48
      case 97...102: return text[index] - 87
      default: return nil
      }
    }
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      guard text[index] == UInt8(ascii: "\\") else {
        bytes.append(text[index])
        index += 1
        continue
      }
      guard index + 1 < text.count else { return nil }
      if text[index + 1] == UInt8(ascii: "\\") {
        bytes.append(UInt8(ascii: "\\"))
        index += 2
      } else if text[index + 1] == UInt8(ascii: "x"), let high = digit(index + 2), let low = digit(index + 3) {
        bytes.append(high << 4 | low)
        index += 4
      } else {
        return nil
      }
    }
    return bytes
  }
}
