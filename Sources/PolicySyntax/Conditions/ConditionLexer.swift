internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Cuts the text of a condition into tokens. Characters without a meaning are reported here, with what to write
/// instead; where that is plain (`&&` for `and`) the token meant is delivered, so that the rest is checked as well.
struct ConditionLexer {
  let bytes: [UInt8]
  var log: MistakeLog
  var index = 0
  var tokens: [ConditionToken] = []
  /// The text ended inside a string: what is missing after it is no mistake of its own.
  var isTruncated = false
  var reportedInvisible = false

  init(_ log: MistakeLog) {
    self.log = log
    self.bytes = log.text.bytes
  }

  mutating func run() {
    while index < bytes.count { readToken() }
    tokens.append(ConditionToken(kind: .end, range: bytes.count..<bytes.count))
  }

  private mutating func readToken() {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): index += 1
    case UInt8(ascii: "("): take(.open, 1)
    case UInt8(ascii: ")"): take(.close, 1)
    case UInt8(ascii: "["): take(.openList, 1)
    case UInt8(ascii: "]"): take(.closeList, 1)
    case UInt8(ascii: ","): take(.comma, 1)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): readString(byte)
    case UInt8(ascii: "$"): readParam()
    case _ where Literal.isDigit(byte): readNumber()
    case UInt8(ascii: "-") where index + 1 < bytes.count && Literal.isDigit(bytes[index + 1]): readNumber()
    case UInt8(ascii: "?") where peek(1) == UInt8(ascii: "?"): take(.coalesce, 2)
    case _ where startsName(at: index): readName()
    case _ where Self.operatorBytes.contains(byte): readOperator()
    default: readStrange()
    }
  }

  func peek(_ distance: Int) -> UInt8? { index + distance < bytes.count ? bytes[index + distance] : nil }

  mutating func take(_ kind: ConditionToken.Kind, _ length: Int) {
    tokens.append(ConditionToken(kind: kind, range: index..<index + length))
    index += length
  }

  static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
  static func isNameByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || Literal.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  // MARK: - Names

  /// Letters of other scripts are taken into names, so that a look-alike is reported with the name that it spoils.
  private func startsName(at position: Int) -> Bool {
    Self.isLetter(bytes[position]) || foreignLetterLength(at: position) > 0
  }

  private func foreignLetterLength(at position: Int) -> Int {
    guard bytes[position] >= 0x80 else { return 0 }
    let (scalar, length) = scalar(at: position)
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .decimalNumber:
      return length
    default: return 0
    }
  }

  private func endOfIdentifier(from start: Int) -> Int {
    var end = start
    while end < bytes.count {
      if Self.isNameByte(bytes[end]) {
        end += 1
      } else {
        let length = foreignLetterLength(at: end)
        if length == 0 { break }
        end += length
      }
    }
    return end
  }

  private mutating func readName() {
    var end = endOfIdentifier(from: index)
    while end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), startsName(at: end + 1) {
      end = endOfIdentifier(from: end + 1)
    }
    let word = String(decoding: bytes[index..<end], as: UTF8.self)
    take(Keyword(rawValue: word).map { .keyword($0) } ?? .name(word), end - index)
  }

  private mutating func readParam() {
    let start = index + 1
    if start < bytes.count, bytes[start] == UInt8(ascii: "{") {
      let close = bytes[start...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count - 1
      let name = String(decoding: bytes[(start + 1)..<max(start + 1, close)], as: UTF8.self)
      let isName = !name.isEmpty && Self.isLetter(bytes[start + 1]) && name.utf8.allSatisfy(Self.isNameByte)
      strange(
        index..<close + 1, "a parameter is written without braces",
        help: isName ? "write `$\(name)`" : "write `$name`", replacement: isName ? "$" + name : nil)
      take(.mistake, close + 1 - index)
      return
    }
    guard start < bytes.count, Self.isLetter(bytes[start]) else {
      strange(index..<start, "`$` needs the name of a parameter", help: "write `$name`")
      take(.mistake, 1)
      return
    }
    let end = endOfIdentifier(from: start)
    take(.param(String(decoding: bytes[start..<end], as: UTF8.self)), end - index)
  }

  // MARK: - Numbers and strings

  /// A word that begins with a digit, whole: its parts are told apart when it is known what is expected.
  private mutating func readNumber() {
    var end = index + 1
    var isDate = bytes[index] != UInt8(ascii: "-")
    while end < bytes.count {
      let (byte, before) = (bytes[end], bytes[end - 1])
      let next: UInt8? = end + 1 < bytes.count ? bytes[end + 1] : nil
      let digitFollows = next.map(Literal.isDigit) ?? false
      if Self.isLetter(byte) || Literal.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") {
        if byte == UInt8(ascii: ".") || (Self.isLetter(byte) && byte != UInt8(ascii: "T")) { isDate = false }
      } else if byte == UInt8(ascii: "%") {
        end += 1
        break
      } else if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
        let isExponent = before == UInt8(ascii: "e") || before == UInt8(ascii: "E")
        guard digitFollows, isExponent || isDate else { break }
      } else if byte == UInt8(ascii: ":") {
        guard digitFollows, Literal.isDigit(before) else { break }
      } else {
        break
      }
      end += 1
    }
    take(.number(Array(bytes[index..<end])), end - index)
  }

  private mutating func readString(_ quote: UInt8) {
    let start = index
    var value: [UInt8] = []
    var position = start + 1
    while position < bytes.count, bytes[position] != quote {
      if quote == UInt8(ascii: "\""), bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count {
        let escaped = bytes[position + 1]
        if escaped != quote, escaped != UInt8(ascii: "\\") {
          let end = position + 1 + scalar(at: position + 1).length
          strange(
            position..<end, "unknown escape `\(log.written(position..<end))`",
            help: "in a string, `\\` stands before `\"` and `\\` only: write `\\\\` for a backslash")
        }
        position += 1
      }
      value.append(bytes[position])
      position += 1
    }
    guard position < bytes.count else {
      reportUnterminated(start, quote)
      take(.mistake, bytes.count - start)
      isTruncated = true
      return
    }
    take(.string(value), position + 1 - start)
  }

  private mutating func reportUnterminated(_ start: Int, _ quote: UInt8) {
    var end = bytes.count
    while end > start + 1, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    let mark = String(Unicode.Scalar(quote))
    if log.text.style == .plain, let comment = log.text.commentAfter {
      let outer = log.text.bytes.contains(UInt8(ascii: "'")) ? "\"" : "'"
      let inner = log.written(0..<end) + cutOff(mark)
      let example = outer == "'" ? "'\(inner)'" : "\"\(escapedForYAML(inner))\""
      log.add(
        "P0101", "the text ends inside a string", at: start..<end, caption: "opened here",
        labels: [.init(.init(file: log.text.span(start..<end).file, range: comment), "YAML starts a comment here")],
        help: "quote the whole condition: \(example)")
    } else {
      log.add(
        "P0101", "the text ends inside a string", at: start..<end, caption: "opened here",
        help: "close it with `\(mark)`")
    }
  }

  /// What YAML took for a comment, when it ends the string that was begun; else a stand-in for it.
  private func cutOff(_ mark: String) -> String {
    let text = String(decoding: log.text.textWithComment, as: UTF8.self)
    let isPlain = text.unicodeScalars.allSatisfy { !ConditionLexer.isInvisible($0) && $0 != "'" }
    return isPlain && text.unicodeScalars.contains(where: { String($0) == mark }) ? text : " #…\(mark)"
  }

  private func escapedForYAML(_ text: String) -> String {
    text.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
  }
}
