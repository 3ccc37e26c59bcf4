public import PolicyCore

/// Constants in the spelling of the language, so that reading them again gives the same constant.
public enum LiteralPrinter {
  /// As a condition's right side.
  public static func text(_ constant: Constant) -> String {
    switch constant {
    case .bool(let value): value ? "true" : "false"
    case .number(let value): value.description
    case .bytes(let count): size(count)
    case .duration(let span): duration(span)
    case .time(let time): date(time)
    case .text(let text): word(text)
    }
  }

  /// In the largest unit that divides it: `50GiB`, `1536MiB`, `10GB`.
  public static func size(_ bytes: Int64) -> String {
    guard bytes != 0 else { return "0B" }
    for unit in Literal.sizeUnits where bytes.isMultiple(of: unit.bytes) {
      return "\(bytes / unit.bytes)\(unit.suffix)"
    }
    return "\(bytes)B"
  }

  /// `1d12h`; parts of a second, which the language cannot write, are dropped.
  public static func duration(_ span: TimeSpan) -> String {
    guard span.nanoseconds != .min else { return "-" + TimeSpan(nanoseconds: .max).spelled }
    return span.spelled
  }

  /// A day where the time is midnight, else with the time.
  public static func date(_ time: Timestamp) -> String {
    let text = time.rfc3339
    let midnight = "T00:00:00Z"
    return text.hasSuffix(midnight) ? String(text.dropLast(midnight.utf8.count)) : text
  }

  /// Bare where it reads as a word and can be taken for nothing else, in double quotes otherwise.
  public static func word(_ text: ByteString) -> String {
    let bytes = text.bytes
    let isWord =
      bytes.first.map(ConditionLexer.isLetter) ?? false
      && bytes.allSatisfy { ConditionLexer.isNameByte($0) }
    let spelled = text.displayText
    if isWord, Keyword(rawValue: spelled) == nil, !WordTraps.needsQuotes(spelled) { return spelled }
    return quoted(text)
  }

  /// `"…"`, with `\` before quotes and backslashes.
  public static func quoted(_ text: ByteString) -> String {
    var spelled: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.bytes {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { spelled.append(UInt8(ascii: "\\")) }
      spelled.append(byte)
    }
    spelled.append(UInt8(ascii: "\""))
    return String(decoding: spelled, as: UTF8.self)
  }
}

/// Bare words that a reader could take for something else than text.
enum WordTraps {
  /// Words by which other languages mean "no value".
  static let nothing: Set<String> = ["null", "Null", "NULL", "nil", "None", "undefined", "nan", "NaN", "inf"]
  /// Words by which YAML and others mean a truth value.
  static let truths: [String: Bool] = [
    "True": true, "TRUE": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
    "False": false, "FALSE": false, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
  ]
  /// Built-in facts that hold text: on a right side their names are text, which may surprise.
  static let textFacts: Set<String> = ["name", "path", "host", "root", "user", "project", "layout"]

  static func needsQuotes(_ word: String) -> Bool { nothing.contains(word) || textFacts.contains(word) }
}
