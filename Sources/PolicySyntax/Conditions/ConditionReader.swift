internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Recursive descent over the tokens of one condition, with the types checked on the way.
///
/// After a mistake the reader goes on behind it, at the next `and`, `or` or closing parenthesis.
struct ConditionReader {
  enum Mode { case condition, order }

  /// What was read, or as much of it as was free of mistakes.
  struct Reading {
    /// `nil` after a mistake in it.
    var condition: Condition?
    /// Spans of the nodes in pre-order.
    var nodes: [Range<Int>]
    /// All of its text, parentheses included.
    var extent: Range<Int>
    /// `a and b` without parentheses around it.
    var isBareAnd = false

    static func failed(_ extent: Range<Int>) -> Reading { Reading(condition: nil, nodes: [], extent: extent) }
  }

  var log: MistakeLog
  let context: ConditionContext
  let mode: Mode
  var tokens: [ConditionToken]
  var position = 0
  let isTruncated: Bool
  var openParentheses = 0
  var usedParams: [String] = []
  /// A `)` without `(` was found: how the tests belong together is not known.
  var hasStrayClose = false
  /// What stands behind the test just read has been reported with it.
  var isRestReported = false

  init(_ log: MistakeLog, _ context: ConditionContext, mode: Mode) {
    var lexer = ConditionLexer(log)
    lexer.run()
    self.log = lexer.log
    self.context = context
    self.mode = mode
    self.tokens = lexer.tokens
    self.isTruncated = lexer.isTruncated
  }

  // MARK: - Tokens

  var token: ConditionToken { tokens[position] }
  /// The next but one; the end is repeated.
  var nextToken: ConditionToken { tokens[min(position + 1, tokens.count - 1)] }
  /// Where the token before the current one ends.
  var lastEnd: Int { position > 0 ? tokens[position - 1].range.upperBound : 0 }

  @discardableResult mutating func advance() -> ConditionToken {
    let current = token
    if position + 1 < tokens.count { position += 1 }
    return current
  }

  mutating func take(_ kind: ConditionToken.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  func written(_ range: Range<Int>) -> String { log.written(range) }

  /// Whether a test is complete before the current token.
  var isAtBoundary: Bool {
    switch token.kind {
    case .end, .keyword(.and), .keyword(.or): true
    case .close: openParentheses > 0
    case .name(let word): mode == .order && openParentheses == 0 && (word == "first" || word == "last")
    default: false
    }
  }

  /// Skips the rest of a test that went wrong.
  mutating func skipTest() {
    var depth = 0
    while token.kind != .end {
      if depth == 0, isAtBoundary { return }
      switch token.kind {
      case .open, .openList: depth += 1
      case .close, .closeList: depth = max(0, depth - 1)
      default: break
      }
      advance()
    }
  }

  mutating func failAndSkip(from start: Int) -> Reading {
    skipTest()
    return .failed(start..<max(start, lastEnd))
  }

  // MARK: - Connectives

  /// The whole text of a `where`.
  mutating func readCondition() -> Reading {
    if token.kind == .keyword(.true), nextToken.kind == .end {
      return Reading(condition: .always, nodes: [token.range], extent: token.range)
    }
    return readOr(nesting: 0)
  }

  mutating func readOr(nesting: Int) -> Reading {
    var parts = [readAnd(nesting: nesting)]
    while take(.keyword(.or)) { parts.append(readAnd(nesting: nesting)) }
    guard parts.count > 1 else { return parts[0] }
    if parts.contains(where: \.isBareAnd), !hasStrayClose { reportMixed(parts) }
    return join(parts) { .any($0) }
  }

  private mutating func readAnd(nesting: Int) -> Reading {
    var parts = [readNot(nesting: nesting)]
    reportStray()
    while take(.keyword(.and)) {
      parts.append(readNot(nesting: nesting))
      reportStray()
    }
    guard parts.count > 1 else { return parts[0] }
    var reading = join(parts) { .all($0) }
    reading.isBareAnd = true
    return reading
  }

  private func join(_ parts: [Reading], _ make: ([Condition]) -> Condition) -> Reading {
    let extent = parts[0].extent.lowerBound..<parts[parts.count - 1].extent.upperBound
    let conditions = parts.compactMap(\.condition)
    guard conditions.count == parts.count else { return .failed(extent) }
    return Reading(condition: make(conditions), nodes: [extent] + parts.flatMap(\.nodes), extent: extent)
  }

  private mutating func readNot(nesting: Int) -> Reading {
    if case .name(let word) = token.kind, word != "not", word.lowercased() == "not",
      startsTest(nextToken), !isFact(word)
    {
      reportCapital(word, token.range)
      tokens[position].kind = .keyword(.not)
    }
    guard token.kind == .keyword(.not) else { return readTest(nesting: nesting) }
    let not = advance()
    guard nesting < ConditionParser.maximumNesting else { return tooDeep(not.range) }
    let inner = readNot(nesting: nesting + 1)
    let extent = not.range.lowerBound..<max(inner.extent.upperBound, not.range.upperBound)
    guard let condition = inner.condition else { return .failed(extent) }
    return Reading(condition: .not(condition), nodes: [extent] + inner.nodes, extent: extent)
  }

  private func startsTest(_ token: ConditionToken) -> Bool {
    switch token.kind {
    case .name, .open, .keyword(.not): true
    default: false
    }
  }

  mutating func tooDeep(_ range: Range<Int>) -> Reading {
    log.add(
      "P0108", "a condition nested deeper than \(ConditionParser.maximumNesting)", at: range,
      help: "take parentheses and `not` away, or split the condition into a list: its items are and-ed")
    position = tokens.count - 1
    openParentheses = 0
    return .failed(range)
  }

  mutating func readGroup(nesting: Int) -> Reading {
    let open = advance()
    guard nesting < ConditionParser.maximumNesting else { return tooDeep(open.range) }
    openParentheses += 1
    let inner = readOr(nesting: nesting + 1)
    guard openParentheses > 0 else { return .failed(open.range) }
    openParentheses -= 1
    let end = token.range.upperBound
    guard take(.close) else {
      if !isTruncated {
        log.add("P0102", "`(` is never closed", at: open.range, caption: "opened here", help: "add the missing `)`")
      }
      return .failed(open.range.lowerBound..<lastEnd)
    }
    return Reading(condition: inner.condition, nodes: inner.nodes, extent: open.range.lowerBound..<end)
  }

  // MARK: - What stands between tests

  private mutating func reportMixed(_ parts: [Reading]) {
    let whole = parts[0].extent.lowerBound..<parts[parts.count - 1].extent.upperBound
    var suggestion = ""
    var edits: [Diagnostic.Fix.Edit] = []
    var end = whole.lowerBound
    for part in parts {
      suggestion += written(end..<part.extent.lowerBound)
      suggestion += part.isBareAnd ? "(\(written(part.extent)))" : written(part.extent)
      if part.isBareAnd {
        edits.append(.init(log.text.span(part.extent.lowerBound..<part.extent.lowerBound), "("))
        edits.append(.init(log.text.span(part.extent.upperBound..<part.extent.upperBound), ")"))
      }
      end = part.extent.upperBound
    }
    let first = parts.first(where: \.isBareAnd)?.extent ?? whole
    log.add(
      Diagnostic(
        "P0107", .error, "`and` and `or` mixed without parentheses", at: log.text.span(whole),
        labels: [.init(log.text.span(first), "this binds first")],
        help: "write `\(suggestion)` if that is meant", fixes: [.init(.maybe, edits)]))
  }

  mutating func reportCapital(_ word: String, _ range: Range<Int>) {
    let meant = word.lowercased()
    log.add(
      "P0102", "`\(word)` is not a word of the language", at: range, help: "write `\(meant)`", replacement: meant,
      applicability: .safe)
  }

  /// Reports what stands where only `and`, `or` or the end can stand, and skips it.
  private mutating func reportStray() {
    while !isAtBoundary {
      if case .name(let word) = token.kind, ["and", "or"].contains(word.lowercased()) {
        reportCapital(word, token.range)
        tokens[position].kind = .keyword(word.lowercased() == "and" ? .and : .or)
        return
      }
      if token.kind == .close {
        log.add("P0102", "`)` without `(`", at: token.range, help: "delete it, or add the missing `(`")
        hasStrayClose = true
        advance()
        continue
      }
      if token.kind != .mistake, !isRestReported { reportStrayToken() }
      isRestReported = false
      skipTest()
    }
  }

  /// `0,8`: digits on both sides of the comma, without blanks.
  private func decimalComma() -> (range: Range<Int>, meant: String)? {
    guard position > 0, case .number(let whole) = tokens[position - 1].kind, case .number(let part) = nextToken.kind,
      tokens[position - 1].range.upperBound == token.range.lowerBound,
      nextToken.range.lowerBound == token.range.upperBound, (whole + part).allSatisfy(Literal.isDigit)
    else { return nil }
    let range = tokens[position - 1].range.lowerBound..<nextToken.range.upperBound
    return (range, String(decoding: whole, as: UTF8.self) + "." + String(decoding: part, as: UTF8.self))
  }

  /// `state != finished,failed`: the values belong into a list.
  private func meantList() -> String? {
    guard position > 2, case .comparison(let comparison) = tokens[position - 2].kind,
      comparison == .equal || comparison == .notEqual, case .name(let fact) = tokens[position - 3].kind
    else { return nil }
    var values = [written(tokens[position - 1].range)]
    var index = position
    while index + 1 < tokens.count, tokens[index].kind == .comma {
      switch tokens[index + 1].kind {
      case .name, .number, .string, .param: values.append(written(tokens[index + 1].range))
      default: return nil
      }
      index += 2
    }
    switch tokens[index].kind {
    case .end, .close, .keyword(.and), .keyword(.or): break
    default: return nil
    }
    return "write `\(fact) \(comparison == .equal ? "in" : "not in") [\(values.joined(separator: ", "))]`"
  }

  private mutating func reportStrayToken() {
    let stray = written(token.range)
    var help = "write `and` or `or` between two tests"
    var message = "expected `and`, `or` or the end, found `\(stray)`"
    switch token.kind {
    case .name(let word):
      if word == "asc" || word == "desc" {
        help = mode == .order ? "write a fact's name before `\(word)`" : "`\(word)` belongs in `order`"
      } else if ["xor", "unless", "if", "then", "else"].contains(word.lowercased()) {
        help = "the words between tests are `and` and `or`"
      }
    case .number(let word) where word.first == UInt8(ascii: "-"):
      message = "there is no arithmetic in conditions"
      help = "compare a fact with a constant, and write the constant worked out"
    case .comparison, .keyword(.in), .keyword(.is), .keyword(.matches), .keyword(.has), .coalesce:
      help = "a fact's name stands directly before `\(stray)`, without parentheses"
    case .keyword(.not): help = "write `and not` or `or not` between two tests"
    case .comma:
      if let number = decimalComma() {
        log.add(
          "P0102", "a comma in a number", at: number.range, help: "write `\(number.meant)`", replacement: number.meant)
        return
      }
      help = meantList() ?? "write `and` or `or` instead of the comma"
    default: break
    }
    log.add("P0102", message, at: token.range, help: help)
  }
}
