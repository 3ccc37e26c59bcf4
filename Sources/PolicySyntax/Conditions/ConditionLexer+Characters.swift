internal import PolicyCore
internal import PolicyDiagnostics

/// Operators of other languages, and characters that mean nothing here.
extension ConditionLexer {
  static let operatorBytes: [UInt8] = Array("=<>!~&|".utf8)

  mutating func readOperator() {
    var end = index
    while end < bytes.count, Self.operatorBytes.contains(bytes[end]) { end += 1 }
    let written = String(decoding: bytes[index..<end], as: UTF8.self)
    if let comparison = Comparison(rawValue: written) { return take(.comparison(comparison), end - index) }
    if written == "~", expectsValue { return readStrangeText() }
    let range = index..<end
    if written == "=", let last = tokens.last, case .comparison(let first) = last.kind,
      let meant = Comparison(rawValue: first.rawValue + "="), let lastByte = bytes[..<index].last, lastByte == 32
    {
      let both = last.range.lowerBound..<end
      strange(
        both, "a blank inside an operator", help: "write `\(meant.rawValue)`", replacement: meant.rawValue,
        isSafe: true)
      tokens[tokens.count - 1] = ConditionToken(kind: .comparison(meant), range: both)
      index = end
      return
    }
    guard let meant = Self.foreignOperators[written] else {
      strange(range, "unknown operator `\(written)`", help: "the comparisons are `<`, `<=`, `>`, `>=`, `==`, `!=`")
      return take(.mistake, end - index)
    }
    let isFollowedByBlank = end >= bytes.count || bytes[end] == UInt8(ascii: " ")
    strange(
      range, "`\(written)` is not an operator of this language", help: "write `\(meant.text)`",
      replacement: isFollowedByBlank || meant.isSymbol ? meant.text : meant.text + " ", isSafe: meant.isSafe)
    for kind in meant.kinds { tokens.append(ConditionToken(kind: kind, range: range)) }
    index = end
  }

  private static let foreignOperators:
    [String: (text: String, kinds: [ConditionToken.Kind], isSymbol: Bool, isSafe: Bool)] = [
      "=": ("==", [.comparison(.equal)], true, true), "===": ("==", [.comparison(.equal)], true, true),
      "=<": ("<=", [.comparison(.lessOrEqual)], true, true), "=>": (">=", [.comparison(.greaterOrEqual)], true, true),
      "<>": ("!=", [.comparison(.notEqual)], true, true), "!==": ("!=", [.comparison(.notEqual)], true, true),
      "&&": ("and", [.keyword(.and)], false, true), "&": ("and", [.keyword(.and)], false, true),
      "||": ("or", [.keyword(.or)], false, true), "|": ("or", [.keyword(.or)], false, true),
      "!": ("not", [.keyword(.not)], false, false), "~": ("matches", [.keyword(.matches)], false, false),
      "=~": ("matches", [.keyword(.matches)], false, false), "~=": ("matches", [.keyword(.matches)], false, false),
      "!~": ("not matches", [.keyword(.not), .keyword(.matches)], false, false),
    ]

  /// Whether a constant may begin here.
  var expectsValue: Bool {
    switch tokens.last?.kind {
    case .comparison, .openList, .comma, .coalesce, .keyword(.in), .keyword(.matches), .keyword(.has): true
    default: false
    }
  }

  // MARK: - Characters

  func scalar(at position: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let lead = bytes[position]
    let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    let end = min(position + length, bytes.count)
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    // Bytes that are no UTF-8 cannot come out of the YAML reader; each would be shown as U+FFFD.
    guard let scalar = text.unicodeScalars.first, scalar != "\u{FFFD}" else { return ("\u{FFFD}", 1) }
    return (scalar, end - position)
  }

  static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      return true
    default: return false
    }
  }

  static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let code = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
  }

  mutating func strange(
    _ range: Range<Int>, _ message: String, caption: String = "", help: String, replacement: String? = nil,
    isSafe: Bool = false
  ) {
    log.add(
      "P0100", message, at: range, caption: caption, help: help, replacement: replacement,
      applicability: isSafe ? .safe : .maybe)
  }

  mutating func readStrange() {
    let (scalar, length) = scalar(at: index)
    let range = index..<index + length
    if Self.isInvisible(scalar) {
      // Pasted text often holds many of them; one message tells of all.
      if !reportedInvisible {
        strange(
          range, "an invisible character (\(Self.codePoint(scalar)))", caption: "looks like a blank, or like nothing",
          help: "replace it by a blank or delete it", replacement: " ", isSafe: true)
      }
      reportedInvisible = true
      index += length
      return
    }
    switch scalar {
    case "≥", "≤", "≠", "⩾", "⩽":
      let meant: Comparison =
        scalar == "≠" ? .notEqual : scalar == "≥" || scalar == "⩾" ? .greaterOrEqual : .lessOrEqual
      strange(
        range, "`\(scalar)` is not an operator of this language", help: "write `\(meant.rawValue)`",
        replacement: meant.rawValue, isSafe: true)
      take(.comparison(meant), length)
    case "“", "”", "„", "‘", "’", "«", "»", "`", "´": readStrangeQuotes(scalar, length)
    case "–", "—", "−", "‐", "‑":
      strange(range, "`\(scalar)` only looks like `-`", help: "write `-`", replacement: "-", isSafe: true)
      take(.mistake, length)
    case "#" where index == 0 || bytes[index - 1] == UInt8(ascii: " "):
      strange(index..<bytes.count, "a condition holds no comments", help: "write the comment outside the quotes")
      index = bytes.count
    case "?" where !expectsValue && !touchesName:
      strange(range, "`?` is not an operator of this language", help: "write `??` to replace a missing value")
      take(.mistake, length)
    default: readStrangeText()
    }
  }

  private var touchesName: Bool {
    guard let last = tokens.last, last.range.upperBound == index, case .name = last.kind else { return false }
    return true
  }

  private mutating func readStrangeQuotes(_ scalar: Unicode.Scalar, _ length: Int) {
    let closing: [Unicode.Scalar] = ["“", "”", "‘", "’", "«", "»", "`", "´"]
    var end = index + length
    var inside = ""
    while end < bytes.count {
      let (next, nextLength) = self.scalar(at: end)
      end += nextLength
      if closing.contains(next) { break }
      inside.unicodeScalars.append(next)
    }
    let quoted = LiteralPrinter.quoted(ByteString(inside))
    strange(
      index..<end, scalar == "`" ? "a backtick does not quote text here" : "`\(scalar)` does not quote text here",
      help: "write `\(quoted)`", replacement: quoted)
    take(.mistake, end - index)
  }

  /// A stretch that would be one word if its characters were allowed: `exp*`, `runs/train`, `metrics/mAP50`.
  mutating func readStrangeText() {
    let (scalar, length) = scalar(at: index)
    let character = index..<index + length
    var start = index
    while let last = tokens.last, last.range.upperBound == start, last.range.lowerBound < start {
      switch last.kind {
      case .name, .number, .keyword:
        start = last.range.lowerBound
        tokens.removeLast()
        continue
      default: break
      }
      break
    }
    let stop: [UInt8] = Array(" \t\n\r()[],\"'".utf8)
    var end = index + length
    while end < bytes.count, !stop.contains(bytes[end]) { end += 1 }
    let word = log.written(start..<end)
    if word == "%", let last = tokens.last, case .number(let number) = last.kind {
      let meant = String(decoding: number, as: UTF8.self) + "%"
      strange(
        last.range.lowerBound..<end, "a blank before `%`", help: "write `\(meant)`", replacement: meant, isSafe: true)
      tokens.removeLast()
      start = last.range.lowerBound
    } else if character.lowerBound == start, let number = number(meantBy: word) {
      strange(
        start..<end, "`\(word)` is not a number", help: "write `\(number)`", replacement: number, isSafe: true)
    } else if expectsValue, word == "-" {
      strange(start..<end, "a blank after `-`", help: "write the minus and the number without a blank, such as `-5`")
    } else if expectsValue, !scalar.isASCII {
      // What is expected is known where values are read.
      tokens.append(ConditionToken(kind: .name(word), range: start..<end))
      index = end
      return
    } else if expectsValue {
      let isRegex = word.utf8.count > 2 && word.hasPrefix("/") && word.hasSuffix("/")
      let quoted = LiteralPrinter.quoted(ByteString(word))
      strange(
        start..<end, isRegex ? "there are no regular expressions" : "text with `\(scalar)` needs quotes",
        help: isRegex ? "write a glob in quotes, such as `\"exp*\"`" : "write `\(quoted)`",
        replacement: isRegex ? nil : quoted)
    } else {
      reportStrange(scalar, character, word: word, wordRange: start..<end)
    }
    tokens.append(ConditionToken(kind: .mistake, range: start..<end))
    index = end
  }

  private mutating func reportStrange(
    _ scalar: Unicode.Scalar, _ character: Range<Int>, word: String, wordRange: Range<Int>
  ) {
    switch scalar {
    case ":": strange(character, "`:` has no meaning in a condition", help: "write `==` to compare")
    case "-" where !afterOperand && character.lowerBound == wordRange.lowerBound && wordRange.count > 1:
      strange(character, "`-` cannot stand before a name", help: "in an order, write `desc` after the name")
    default:
      if word.hasPrefix("metrics/"), let name = word.split(separator: "/").last {
        strange(
          wordRange, "`/` cannot be part of a name",
          help: "write `\(name)`: a fact is called as its column is, without `metrics/` and `(B)`")
      } else if wordRange.count > character.count {
        strange(wordRange, "`\(scalar)` cannot be part of a name", help: "names hold letters, digits, `_`, `-` and `.`")
      } else {
        reportMeaningless(scalar, character)
      }
    }
  }

  /// `.5` → `0.5`, `+5` → `5`; `nil` for other words, and where arithmetic is meant.
  private func number(meantBy word: String) -> String? {
    guard !afterOperand, word.hasPrefix(".") || word.hasPrefix("+"),
      let first = word.utf8.dropFirst().first, Literal.isDigit(first)
    else { return nil }
    let meant = word.hasPrefix(".") ? "0" + word : String(word.dropFirst())
    return ExactDecimal(meant).map { _ in meant }
  }

  private var afterOperand: Bool {
    switch tokens.last?.kind {
    case .name, .number, .param, .string, .close: true
    default: false
    }
  }

  private mutating func reportMeaningless(_ scalar: Unicode.Scalar, _ range: Range<Int>) {
    let isArithmetic = ["+", "-", "*", "/", "%", "^"].contains(scalar)
    strange(
      range, isArithmetic ? "there is no arithmetic in conditions" : "`\(scalar)` has no meaning in a condition",
      help: isArithmetic
        ? "compare a fact with a constant, and write the constant worked out" : "delete it, or put text in quotes")
  }
}
