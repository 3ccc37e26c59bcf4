public import PolicyCore

/// Names and other text of strangers, made fit for a terminal: the one way from bytes to a person's eyes.
public enum DisplayText {
  /// One line of visible characters. Control characters, ESC, direction marks, invisible characters and bytes that are
  /// not UTF-8 appear as `\n`, `\x1b`, `\u{202e}`; a backslash as `\\`.
  /// A blank at either end, which nobody would see, as `\x20`.
  public static func escape(_ name: ByteString) -> String {
    guard name.bytes.first == blank || name.bytes.last == blank else { return escapeInner(name.bytes[...]) }
    let inner = name.bytes.drop { $0 == blank }
    let end = inner.reversed().drop { $0 == blank }.count
    let hidden = { (count: Int) in String(repeating: hexadecimal(blank), count: count) }
    return hidden(name.bytes.count - inner.count) + escapeInner(inner.prefix(end)) + hidden(inner.count - end)
  }

  private static let blank = UInt8(ascii: " ")

  private static func escapeInner(_ name: ArraySlice<UInt8>) -> String {
    if name.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) {
      return String(decoding: name, as: UTF8.self)
    }
    var text = ""
    var bytes = name
    while let lead = bytes.first {
      let length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0
      guard length > 0, bytes.count >= length, let scalar = scalar(bytes.prefix(length)) else {
        text += hexadecimal(lead)
        bytes = bytes.dropFirst()
        continue
      }
      append(scalar, to: &text)
      bytes = bytes.dropFirst(length)
    }
    return text
  }

  public static func escape(_ text: String) -> String { escape(ByteString(text)) }

  private static func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    return text.unicodeScalars.first
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "\n": text += "\\n"
    case "\t": text += "\\t"
    case "\r": text += "\\r"
    case "\\": text += "\\\\"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += hexadecimal(UInt8(scalar.value))
    case _ where isInvisible(scalar): text += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: text.unicodeScalars.append(scalar)
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// Controls, format characters (direction marks, zero-width), line separators, private use, unassigned.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
    case .spaceSeparator: scalar != " " && scalar != "\u{3000}"
    default: false
    }
  }

  // MARK: Width

  /// Columns that text takes in a terminal: two for wide characters, none for combining marks.
  public static func width(_ text: some StringProtocol) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x80 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // Vowels and final consonants of Hangul, written one by one, join the syllable before them.
    if (0x1160...0x11FF).contains(scalar.value) { return 0 }
    return isWide(scalar.value) || scalar.properties.isEmojiPresentation ? 2 : 1
  }

  /// East Asian Wide and Fullwidth, in ranges that hold nothing narrow of use.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }

  public static func pad(_ text: String, to columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  public static func padLeft(_ text: String, to columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - width(text))) + text
  }

  /// At most so many columns; what is cut becomes `…`.
  public static func truncate(_ text: String, to columns: Int) -> String {
    guard width(text) > columns else { return text }
    var (cut, used) = (String.UnicodeScalarView(), 0)
    for scalar in text.unicodeScalars {
      let next = width(scalar)
      guard used + next <= max(0, columns - 1) else { break }
      cut.append(scalar)
      used += next
    }
    return String(cut) + "…"
  }
}
