internal import PolicyCore
internal import PolicyDiagnostics

/// Messages for tests that do not begin, or do not go on, as a test does.
extension ConditionReader {
  // MARK: - At the beginning

  mutating func reportConstantFirst() {
    let first = advance()
    let shown = written(first.range)
    let message = "a test starts with the name of a fact, not with `\(shown)`"
    if case .comparison(let comparison) = token.kind, case .name(let fact) = nextToken.kind {
      advance()
      advance()
      var meant = "\(fact) \(comparison.flipped.rawValue) \(shown)"
      guard case .comparison(let second) = token.kind else {
        log.add("P0102", message, at: first.range, help: "write `\(meant)`")
        return
      }
      advance()
      meant += " and \(fact) \(second.rawValue) \(isAtBoundary ? "…" : written(token.range))"
      if !isAtBoundary { advance() }
      log.add(
        "P0106", "comparisons do not chain", at: first.range.lowerBound..<lastEnd, help: "write `\(meant)`")
      return
    }
    if token.kind == .keyword(.in), case .name(let fact) = nextToken.kind {
      let isText = lookUp(fact)?.definition?.type == .string
      let word: String
      if case .string(let text) = first.kind { word = ByteString(text).displayText } else { word = shown }
      log.add(
        "P0102", message, at: first.range,
        help: isText ? "write `\(fact) matches \"*\(word)*\"`" : "write `\(fact) has \(shown)`")
      return
    }
    switch first.kind {
    case .keyword(.true) where isAtBoundary || token.kind == .close:
      log.add("P0102", "`true` stands only alone", at: first.range, help: "delete it and the `and` or `or` beside it")
    case .keyword(.false) where isAtBoundary || token.kind == .close:
      log.add(
        "P0102", "`false` would match nothing", at: first.range,
        help: "write a condition; to switch a rule off, delete it or put `#` before its lines")
    default: log.add("P0102", message, at: first.range, help: "write a test such as `state == failed`")
    }
  }

  mutating func reportNoTest() {
    if isTruncated, token.kind == .end { return }
    let shown = written(token.range)
    let previous = position > 0 ? tokens[position - 1] : nil
    let hasLeft = previous.map { $0.kind == .keyword(.and) || $0.kind == .keyword(.or) || $0.kind == .keyword(.not) }
    switch token.kind {
    case .end, .keyword(.and), .keyword(.or), .close:
      if let previous, hasLeft ?? false {
        log.add(
          "P0102", "expected a test after `\(written(previous.range))`", at: previous.range,
          help: "write a test such as `state == failed`, or delete `\(written(previous.range))`")
      } else if previous?.kind == .open, token.kind == .close {
        log.add(
          "P0102", "nothing between the parentheses",
          at: tokens[position - 1].range.lowerBound..<token.range.upperBound,
          help: "write a test between them, or delete them")
      } else if token.kind == .end, let previous {
        log.add(
          "P0102", "expected a test after `\(written(previous.range))`", at: previous.range,
          help: "write a test such as `state == failed`")
      } else {
        log.add(
          "P0102", "expected a test before `\(shown)`", at: token.range, help: "write a test such as `state == failed`")
        if token.kind == .close { advance() }
      }
    case .keyword(.missing) where nextToken.kind == .open: reportCall("missing")
    case .comparison, .keyword, .coalesce:
      let isMissing = token.kind == .keyword(.missing)
      log.add(
        "P0102", "expected the name of a fact before `\(shown)`", at: token.range,
        help: isMissing ? "write `mAP50 is missing`" : "write a test such as `state == failed`")
    default:
      log.add(
        "P0102", "expected a test, found `\(shown)`", at: token.range, help: "write a test such as `state == failed`")
    }
  }

  /// `exists(mAP50)` and the like.
  mutating func reportCall(_ function: String) {
    let range = token.range
    let argument: String?
    if position + 2 < tokens.count, case .name(let name) = tokens[position + 2].kind {
      argument = name
    } else {
      argument = nil
    }
    let fact = argument ?? "mAP50"
    let help: String
    switch function.lowercased() {
    case "exists", "defined", "has_value", "isset", "notnull": help = "write `\(fact) is not missing`"
    case "isnull", "is_null", "is_missing", "ismissing", "missing", "empty", "isnan":
      help = "write `\(fact) is missing`"
    case "contains", "includes", "any": help = "write `tags has \"…\"`, or `name matches \"*…*\"`"
    case "startswith", "starts_with", "endswith", "ends_with", "like", "match", "regex", "glob":
      help = "write a glob, such as `name matches \"exp*\"`"
    case "now", "today", "days", "hours", "since", "timestamp", "date":
      help = "write an age such as `age > 24h`, or a date such as `finished_at < 2026-01-31`"
    case "coalesce", "ifnull", "nvl", "default": help = "write `\(fact) ?? 0`"
    case _ where isFact(function) && Keyword(rawValue: argument ?? "") == nil && argument != nil:
      help = "write an operator or `and` between `\(function)` and `(`"
    default: help = "the only one is `age(…)` of a time stamp"
    }
    log.add("P0102", "there is no function `\(function)`", at: range, help: help)
  }

  // MARK: - After the operand

  /// A fact that is a test by itself; what follows is missing an `and` or `or`, not an operator.
  func standsAlone(_ operand: TypedOperand) -> Bool {
    guard operand.type == .bool else { return false }
    switch token.kind {
    case .name(let word):
      return Self.wordOperators[word.lowercased()] == nil && !Self.textOperators.contains(word.lowercased())
    case .comma, .open, .param, .closeList: return true
    default: return false
    }
  }

  /// `(mAP50) > 0.8`: one message for the parentheses; the operator behind them is none.
  mutating func reportParenthesised(_ operand: TypedOperand) -> Bool {
    guard token.kind == .close, openParentheses > 0 else { return false }
    let start = tokens[..<position].lastIndex { $0.range.lowerBound < operand.range.lowerBound }
    guard let start, tokens[start].kind == .open else { return false }
    switch nextToken.kind {
    case .comparison, .keyword(.in), .keyword(.is), .keyword(.matches), .keyword(.has), .coalesce: break
    default: return false
    }
    let name = written(operand.range)
    log.add(
      "P0102", "parentheses around a fact", at: tokens[start].range.lowerBound..<token.range.upperBound,
      help: "write `\(name) \(written(nextToken.range)) …`", replacement: name, applicability: .safe)
    isRestReported = true
    return true
  }

  /// `mAP50 between 0.1 and 0.5`, whole: its `and` joins no tests.
  private mutating func reportBetween(_ operand: TypedOperand) {
    let word = advance()
    var bounds: [String] = []
    while !isAtBoundary, bounds.isEmpty { bounds.append(written(advance().range)) }
    if token.kind == .keyword(.and), isConstant(nextToken) {
      advance()
      bounds.append(written(advance().range))
    }
    let (low, high) = (bounds.first ?? "…", bounds.count > 1 ? bounds[1] : "…")
    log.add(
      "P0102", "`\(written(word.range))` is not an operator of this language", at: word.range,
      help: "write `\(operand.spelled) >= \(low) and \(operand.spelled) <= \(high)`")
  }

  private func isConstant(_ token: ConditionToken) -> Bool {
    switch token.kind {
    case .number, .string, .param: true
    default: false
    }
  }

  mutating func reportNoOperator(_ operand: TypedOperand) {
    if case .name(let word) = token.kind, word.lowercased() == "between" { return reportBetween(operand) }
    let shown = written(token.range)
    var message = "expected an operator after `\(operand.spelled)`, found `\(shown)`"
    var help = "write a test such as `\(operand.example)`"
    var value = "…"
    switch nextToken.kind {
    case .number, .string, .param: value = written(nextToken.range)
    case .name(let word) where !["and", "or"].contains(word.lowercased()): value = word
    default: break
    }
    switch token.kind {
    case .name(let word):
      if let meant = Self.wordOperators[word.lowercased()] {
        message = "`\(word)` is not an operator of this language"
        help = "write `\(operand.spelled) \(meant) \(value)`"
      } else if Self.setOperators.contains(word.lowercased()) {
        message = "`\(word)` is not an operator of this language"
        help =
          operand.type == .string
          ? "write `\(operand.spelled) matches \"*\(bare(value))*\"`" : "write `\(operand.spelled) has \(value)`"
      } else if Self.textOperators.contains(word.lowercased()) {
        message = "`\(word)` is not an operator of this language"
        help = "write a glob: `\(operand.spelled) matches \"\(glob(word.lowercased(), bare(value)))\"`"
      } else if ["isnull", "exists", "is_missing"].contains(word.lowercased()) {
        help = "write `\(operand.spelled) is \(word.lowercased() == "exists" ? "not " : "")missing`"
      } else if let near = Spelling.nearest(word, among: ["in", "is", "not", "matches", "has", "and", "or"]) {
        help = "did you mean `\(near)`?"
      }
    case .keyword(.missing): help = "write `\(operand.spelled) is missing`"
    case .number(let word) where word.first == UInt8(ascii: "-"):
      message = "there is no arithmetic in conditions"
      help = "compare a fact with a constant, and write the constant worked out"
    case .openList: help = "write `\(operand.spelled) in […]`"
    default: break
    }
    log.add("P0102", message, at: token.range, help: help)
  }

  private func bare(_ value: String) -> String {
    guard value.utf8.count >= 2, let first = value.utf8.first, value.utf8.last == first,
      first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    else { return value }
    return String(value.dropFirst().dropLast())
  }

  private func glob(_ word: String, _ value: String) -> String {
    if word.hasPrefix("start") || word.hasPrefix("begin") { return value + "*" }
    if word.hasPrefix("end") { return "*" + value }
    return value.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "*")
  }

  private static let setOperators: Set<String> = ["contains", "includes", "include", "contain"]
  private static let textOperators: Set<String> = [
    "startswith", "starts_with", "begins_with", "like", "ilike", "regex", "rlike", "glob", "match", "endswith",
    "ends_with",
  ]
  private static let wordOperators: [String: String] = [
    "eq": "==", "equals": "==", "equal": "==", "ne": "!=", "neq": "!=", "gt": ">", "ge": ">=", "gte": ">=", "lt": "<",
    "le": "<=", "lte": "<=", "above": ">", "over": ">", "below": "<", "under": "<", "isnt": "!=",
  ]

  // MARK: - Operators against types

  /// Whether a comparison applies to the operand's type; reported where not.
  mutating func checkOperator(_ operand: TypedOperand, _ comparison: Comparison, _ range: Range<Int>) -> Bool {
    guard let type = operand.type else { return true }
    let isOrder = comparison != .equal && comparison != .notEqual
    var help: String
    switch type {
    case .stringSet: help = "write `\(operand.spelled) has …`, or `not has`"
    case .string where isOrder: help = "text has `==`, `!=`, `in` and `matches`"
    case .enumeration where isOrder: help = "write `==`, `!=` or `in [ … ]`"
    case .bool where isOrder: help = "write `\(operand.spelled)` or `not \(operand.spelled)`"
    default: return true
    }
    if type == .stringSet, let value = valueAfterOperator {
      help = "write `\(operand.spelled) \(comparison == .notEqual ? "not " : "")has \(value)`"
    }
    log.add(
      "P0202", "`\(comparison.rawValue)` does not apply to `\(operand.spelled)`", at: range, caption: type.isWhat,
      help: help)
    return false
  }

  private var valueAfterOperator: String? {
    switch token.kind {
    case .name, .string, .param: written(token.range)
    default: nil
    }
  }

  /// The same for `in`, `matches` and `has`.
  mutating func checkOperator(
    _ operand: TypedOperand, _ type: FactType, _ word: ConditionToken, negated: Bool
  ) -> Bool {
    let not = negated ? "not " : ""
    let value = valueAfterOperator ?? "…"
    let help: String
    switch (word.kind, type) {
    case (.keyword(.has), .stringSet), (.keyword(.matches), .string): return true
    case (.keyword(.in), .string), (.keyword(.in), .enumeration), (.keyword(.in), .bytes): return true
    case (.keyword(.in), _) where type.isNumeric: return true
    case (_, .stringSet): help = "write `\(operand.spelled) \(not)has …`"
    case (.keyword(.has), .string): help = "write `\(operand.spelled) \(not)matches \"*\(bare(value))*\"`"
    case (.keyword(.has), .enumeration), (.keyword(.matches), .enumeration):
      help = "write `\(operand.spelled) \(not)in \(operand.listExample)`"
    case (.keyword(.in), .bool): help = "write `\(operand.spelled)` or `not \(operand.spelled)`"
    default: help = "write comparisons, such as `\(operand.example)`"
    }
    log.add(
      "P0202", "`\(written(word.range))` does not apply to `\(operand.spelled)`", at: word.range, caption: type.isWhat,
      help: help)
    return false
  }
}

extension FactType {
  /// For captions below an operator that does not apply.
  fileprivate var isWhat: String { "the fact is \(article)" }
}
