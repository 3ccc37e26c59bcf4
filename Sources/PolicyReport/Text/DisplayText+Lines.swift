extension DisplayText {
  /// Breaks text at blanks into lines of at most so many columns; a word longer than a line is broken where it must be.
  /// Words joined by `tie` stay on one line.
  public static func wrap(_ text: String, to columns: Int) -> [String] {
    // Nearly every text is plain and short: then it is its own line.
    if text.utf8.count <= columns, !text.utf8.contains(where: { $0 == 0xC2 }), isTidy(text) { return [text] }
    return brokenPlain(text, to: columns) ?? broken(text, to: columns).map(untied)
  }

  /// The same by bytes, as nearly every text can be broken; `nil` where there is more in it than ASCII and ties, or a word
  /// longer than a line.
  private static func brokenPlain(_ text: String, to columns: Int) -> [String]? {
    var (lines, line, word): ([String], [UInt8], [UInt8]) = ([], [], [])
    func endWord() -> Bool {
      if word.isEmpty { return true }
      if word.count > columns { return false }
      if !line.isEmpty, line.count + 1 + word.count > columns {
        lines.append(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
      }
      if !line.isEmpty { line.append(blank) }
      line += word
      word.removeAll(keepingCapacity: true)
      return true
    }
    var isTie = false
    for byte in text.utf8 {
      if isTie {
        guard byte == 0xA0 else { return nil }
        word.append(blank)
        isTie = false
      } else if byte == blank {
        guard endWord() else { return nil }
      } else if byte == 0xC2 {
        isTie = true
      } else if byte < 0x80 {
        word.append(byte)
      } else {
        return nil
      }
    }
    guard endWord() else { return nil }
    return line.isEmpty && !lines.isEmpty ? lines : lines + [String(decoding: line, as: UTF8.self)]
  }

  /// Without blanks that breaking would drop: at an end, or two side by side.
  private static func isTidy(_ text: String) -> Bool {
    var last = blank
    for byte in text.utf8 {
      if byte == blank, last == blank { return false }
      last = byte
    }
    return last != blank
  }

  /// Between words that belong together. Never part of a name: there it is escaped.
  static let tie = "\u{A0}"

  static func tied(_ text: String) -> String {
    guard text.utf8.contains(blank) else { return text }
    return String(decoding: text.utf8.flatMap { $0 == blank ? [0xC2, 0xA0] : [$0] }, as: UTF8.self)
  }

  /// By bytes, because a plan has a hundred thousand such lines. No other character has these two in it.
  static func untied(_ text: String) -> String {
    guard text.utf8.contains(0xC2) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if byte == 0xA0, bytes.last == 0xC2 { bytes[bytes.count - 1] = blank } else { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let blank = UInt8(ascii: " ")

  static func broken(_ text: String, to columns: Int) -> [String] {
    var (lines, line, used): ([String], String, Int) = ([], "", 0)
    func put(_ piece: some StringProtocol, _ wide: Int, onNewLine: Bool = false) {
      if onNewLine || (!line.isEmpty && used + 1 + wide > columns) {
        lines.append(line)
        (line, used) = ("", 0)
      }
      if !line.isEmpty { line += " " }
      line += piece
      used = used == 0 ? wide : used + 1 + wide
    }
    for word in text.utf8.split(separator: blank) {
      let word = Substring(word)
      let wide = width(word)
      if wide <= columns {
        put(word, wide)
      } else {
        for (index, piece) in pieces(String(word), to: columns).enumerated() {
          put(piece, width(piece), onNewLine: index > 0)
        }
      }
    }
    return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
  }

  /// The whole of a name in pieces of at most so many columns: a name that something is done to is never cut short.
  public static func pieces(_ text: String, to columns: Int) -> [String] {
    guard width(text) > columns else { return [text] }
    let limit = max(2, columns)
    var pieces: [String] = []
    var (piece, used) = (String.UnicodeScalarView(), 0)
    for scalar in text.unicodeScalars {
      let wide = width(String(scalar))
      if used + wide > limit {
        // A blank stands at the beginning of the next piece rather than unseen at the end of this one.
        var carried = String.UnicodeScalarView()
        while piece.count > 1, piece.last == " " { carried.append(piece.removeLast()) }
        pieces.append(String(piece))
        (piece, used) = (carried, carried.count)
      }
      piece.append(scalar)
      used += wide
    }
    return pieces + [String(piece)]
  }
}

extension String {
  var trimmedEnd: String {
    guard utf8.last == UInt8(ascii: " ") else { return self }
    let end = utf8.lastIndex { $0 != UInt8(ascii: " ") }
    return end.map { String(self[...$0]) } ?? ""
  }
}
