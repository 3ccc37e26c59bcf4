public import PolicyCore

/// A name as a shell takes it literally.
public enum ShellWord {
  /// Itself, or `$'…'` of bash, zsh and POSIX 2024 where a blank, a quote, a pattern or a control character is in it.
  public static func quote(_ name: ByteString) -> String {
    let shown = DisplayText.escape(name)
    let isPlain = shown.utf8.elementsEqual(name.bytes) && !name.bytes.isEmpty
    if isPlain, !name.bytes.contains(where: { special.contains($0) }) { return shown }
    var text = ""
    var rest = name.bytes[...]
    while let lead = rest.first {
      var length = 1
      while length < rest.count, rest[rest.startIndex + length] & 0xC0 == 0x80 { length += 1 }
      let piece = ByteString(rest.prefix(length))
      let isVisible = DisplayText.escape(piece).utf8.elementsEqual(piece.bytes)
      if isVisible, lead != UInt8(ascii: "'"), lead != UInt8(ascii: " ") {
        text += DisplayText.escape(piece)
      } else {
        for byte in piece.bytes { text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
      }
      rest = rest.dropFirst(length)
    }
    return "$'\(text)'"
  }

  private static let special = Set(" '\"$`!*?[](){}<>|&;#~\\".utf8)
}
