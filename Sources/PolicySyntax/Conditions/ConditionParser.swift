public import PolicyCore
public import PolicyDiagnostics
public import PolicyYAML

/// From the text of a condition to the condition meant, types checked. Independent mistakes are all reported, each once.
public enum ConditionParser {
  /// Longest text of one condition, in bytes.
  public static let maximumLength = 16_384
  /// Deepest nesting of parentheses and `not`.
  public static let maximumNesting = 64

  /// The value of `where`: one scalar. `nil` iff an error was reported.
  public static func parse(
    _ text: ScalarText, _ context: ConditionContext, _ diagnostics: inout [Diagnostic]
  ) -> ParsedCondition? {
    var log = MistakeLog(text)
    defer { diagnostics.append(contentsOf: log.diagnostics.inSourceOrder()) }
    guard isReadable(text, isOrder: false, &log) else { return nil }
    var reader = ConditionReader(log, context, mode: .condition)
    let reading = reader.readCondition()
    log = reader.log
    guard !log.hasErrors, let condition = reading.condition else { return nil }
    return ParsedCondition(
      condition: condition, nodeSpans: reading.nodes.map { text.span($0) }, usedParams: reader.usedParams)
  }

  /// One item of `order`. `nil` iff an error was reported. With the schema `.none`, as for purge steps, only `age` is
  /// known.
  public static func parseOrderKey(
    _ text: ScalarText, _ context: ConditionContext, _ diagnostics: inout [Diagnostic]
  ) -> (key: OrderKey, usedParams: [String])? {
    var log = MistakeLog(text)
    defer { diagnostics.append(contentsOf: log.diagnostics.inSourceOrder()) }
    guard isReadable(text, isOrder: true, &log) else { return nil }
    var reader = ConditionReader(log, context, mode: .order)
    let key = reader.readOrderKey()
    log = reader.log
    guard !log.hasErrors, let key else { return nil }
    return (key, reader.usedParams)
  }

  /// Refuses what cannot be read with exact positions, or at all.
  private static func isReadable(_ text: ScalarText, isOrder: Bool, _ log: inout MistakeLog) -> Bool {
    let what = isOrder ? "an order" : "a condition"
    let whole = 0..<text.bytes.count
    if text.style == .literal || text.style == .folded {
      log.add(
        "P0009", "a block of text where \(what) belongs", at: whole,
        caption: "`|` and `>` begin a block of text in YAML",
        help: "quote the condition on one line, or write a list: its items are and-ed")
      return false
    }
    if text.bytes.count > maximumLength {
      log.add(
        "P0109", "\(what) of \(text.bytes.count) bytes", at: whole, caption: "at most \(maximumLength)",
        help: "write a list: its items are and-ed")
      return false
    }
    let blanks: [UInt8] = Array(" \t\n\r".utf8)
    if text.bytes.allSatisfy(blanks.contains) {
      log.add(
        "P0105", isOrder ? "empty order" : "empty condition", at: whole,
        caption: isOrder ? "no key" : "nothing to test",
        notes: isOrder ? [] : ["an empty condition would match everything"],
        help: isOrder ? "write a key such as `age desc`" : "write a condition, or `true` for everything")
      return false
    }
    if text.style == .plain, let fold = firstFold(text) {
      log.add(
        "P0110", "\(what) on several lines without quotes", at: fold, caption: "the line ends here",
        help: "put quotes around all of it, or write a list: its items are and-ed")
      return false
    }
    return true
  }

  /// Where an unquoted scalar goes on in the next line: the value has one byte for what was several.
  private static func firstFold(_ text: ScalarText) -> Range<Int>? {
    for index in text.bytes.indices.dropLast() where text.offsets[index + 1] != text.offsets[index] + 1 {
      return index..<index + 1
    }
    return nil
  }
}
