internal import PolicyCore
internal import PolicyDiagnostics

/// One test: an operand, an operator and a constant.
extension ConditionReader {
  mutating func readTest(nesting: Int) -> Reading {
    let start = token.range.lowerBound
    switch token.kind {
    case .open: return readGroup(nesting: nesting)
    case .name(let word):
      if nextToken.kind == .open, word != "age", nextToken.range.lowerBound == token.range.upperBound {
        reportCall(word)
        return failAndSkip(from: start)
      }
      guard let operand = readOperand() else { return failAndSkip(from: start) }
      return readOperator(operand)
    case .mistake: return failAndSkip(from: start)
    case .number, .string, .param, .keyword(.true), .keyword(.false):
      reportConstantFirst()
      return failAndSkip(from: start)
    default:
      reportNoTest()
      return failAndSkip(from: start)
    }
  }

  private mutating func readOperator(_ operand: TypedOperand) -> Reading {
    let start = operand.range.lowerBound
    restoreCapitalOperator()
    switch token.kind {
    case .keyword(.is): return readIs(operand)
    case .comparison(let comparison): return readComparison(operand, comparison)
    case .keyword(.in), .keyword(.matches), .keyword(.has): return readWordOperator(operand, negated: nil)
    case .keyword(.not):
      let not = advance()
      restoreCapitalOperator()
      switch token.kind {
      case .keyword(.in), .keyword(.matches), .keyword(.has): return readWordOperator(operand, negated: not.range)
      case .mistake: break
      default:
        let isMissing = token.kind == .keyword(.missing)
        log.add(
          "P0102", "expected `in`, `matches` or `has` after `not`", at: not.range,
          help: isMissing
            ? "write `\(operand.spelled) is not missing`"
            : "`not` stands before a whole test: `not \(operand.spelled) …`")
      }
      return failAndSkip(from: start)
    case .mistake: return failAndSkip(from: start)
    default:
      guard isAtBoundary || token.kind == .close || isConnectiveInCapitals || standsAlone(operand) else {
        reportNoOperator(operand)
        return failAndSkip(from: start)
      }
      return flag(operand)
    }
  }

  private var isConnectiveInCapitals: Bool {
    guard case .name(let word) = token.kind else { return false }
    return ["and", "or"].contains(word.lowercased())
  }

  /// `IN`, `Is` and the like.
  private mutating func restoreCapitalOperator() {
    guard case .name(let word) = token.kind, let keyword = Keyword(rawValue: word.lowercased()),
      [.in, .is, .not, .matches, .has].contains(keyword)
    else { return }
    reportCapital(word, token.range)
    tokens[position].kind = .keyword(keyword)
  }

  private func test(_ condition: Condition?, from start: Int, negated: Bool = false) -> Reading {
    let extent = start..<max(start, lastEnd)
    guard let condition else { return .failed(extent) }
    return Reading(
      condition: negated ? .not(condition) : condition, nodes: negated ? [extent, extent] : [extent], extent: extent)
  }

  // MARK: - Operators

  private mutating func flag(_ operand: TypedOperand) -> Reading {
    guard let type = operand.type, let lowered = operand.operand else { return .failed(operand.range) }
    guard type == .bool else {
      if reportParenthesised(operand) { return .failed(operand.range) }
      log.add(
        "P0202", "`\(written(operand.range))` alone is not a condition", at: operand.range,
        caption: "\(type.article), not true or false", help: "write a comparison such as `\(operand.example)`")
      return .failed(operand.range)
    }
    return test(.flag(lowered), from: operand.range.lowerBound)
  }

  private mutating func readIs(_ operand: TypedOperand) -> Reading {
    let start = operand.range.lowerBound
    let word = advance()
    let negated = take(.keyword(.not))
    guard take(.keyword(.missing)) else {
      reportIs(operand, from: word.range.lowerBound, negated: negated)
      return failAndSkip(from: start)
    }
    let range = start..<lastEnd
    guard let lowered = operand.operand, operand.type != nil else { return .failed(range) }
    if lowered.isAge {
      log.add(
        "P0202", "`is missing` asks about a fact, not about an age", at: operand.range,
        help: "write `\(lowered.fact.spelled) is \(negated ? "not " : "")missing`")
      return .failed(range)
    }
    if lowered.fallback != nil || !operand.isOptional {
      let always = negated ? "always" : "never"
      log.add(
        "P0206", "`\(operand.spelled)` is never missing here", at: range, caption: "this is \(always) true",
        notes: lowered.fallback != nil ? ["`??` has replaced what is missing"] : [],
        help: lowered.fallback != nil ? "delete `??` and its value, or this test" : "delete this test")
      return .failed(range)
    }
    return test(.isMissing(lowered.fact), from: start, negated: negated)
  }

  private mutating func reportIs(_ operand: TypedOperand, from start: Int, negated: Bool) {
    if token.kind == .mistake { return }
    let not = negated ? "not " : ""
    let operators: [ConditionToken.Kind] = [.end, .keyword(.and), .keyword(.or), .close]
    var help = "write `\(operand.spelled) is \(not)missing`"
    if !operators.contains(token.kind) {
      let word = written(token.range)
      let absent = WordTraps.nothing.contains(word) || ["none", "empty", "unset", "absent"].contains(word)
      if !absent, Spelling.nearest(word, among: ["missing"]) == nil {
        help =
          operand.type == .bool && (word == "true" || word == "false")
          ? "write `\((word == "true") == negated ? "not " : "")\(operand.spelled)`"
          : "write `\(operand.spelled) \(negated ? "!=" : "==") \(word)`"
      }
    }
    log.add(
      "P0102", "expected `missing` after `is\(negated ? " not" : "")`",
      at: operators.contains(token.kind) ? start..<lastEnd : token.range, help: help)
  }

  private mutating func readComparison(_ operand: TypedOperand, _ comparison: Comparison) -> Reading {
    let start = operand.range.lowerBound
    let symbol = advance()
    guard checkOperator(operand, comparison, symbol.range) else { return failAndSkip(from: start) }
    guard let constant = readConstant(for: operand, after: symbol) else { return failAndSkip(from: start) }
    if case .comparison(let second) = token.kind {
      reportChain(operand, comparison, constant, second)
      return failAndSkip(from: start)
    }
    let fitted = fit(constant, operand, .comparison(comparison))
    warnOfPattern(operand, [(constant, fitted)], comparison.rawValue)
    return test(
      operand.operand.flatMap { left in fitted.map { .compare(left, comparison, $0) } }, from: start)
  }

  private mutating func reportChain(
    _ operand: TypedOperand, _ first: Comparison, _ constant: WrittenConstant, _ second: Comparison
  ) {
    let middle = written(constant.range)
    advance()
    let last = isAtBoundary ? nil : written(token.range)
    if last != nil { advance() }
    let left = written(operand.range)
    log.add(
      "P0106", "comparisons do not chain", at: operand.range.lowerBound..<lastEnd,
      help: last.map { "write `\(left) \(first.rawValue) \(middle) and \(left) \(second.rawValue) \($0)`" }
        ?? "write two comparisons with `and` between them")
  }

  private mutating func readWordOperator(_ operand: TypedOperand, negated: Range<Int>?) -> Reading {
    let start = operand.range.lowerBound
    let word = advance()
    let isNegated = negated != nil
    guard let type = operand.type, let left = operand.operand else {
      // The fact is unknown: its constants are still read for mistakes of their own.
      if word.kind == .keyword(.in) { _ = readList(operand, word) } else { _ = readConstant(for: operand, after: word) }
      return failAndSkip(from: start)
    }
    guard checkOperator(operand, type, word, negated: isNegated) else { return failAndSkip(from: start) }
    if word.kind == .keyword(.in) {
      guard let list = readList(operand, word) else { return failAndSkip(from: start) }
      let fitted = list.map { fit($0, operand, .member) }
      let known = fitted.compactMap { $0 }
      warnOfPattern(operand, zip(list, fitted).map { ($0, $1) }, isNegated ? "not in" : "in")
      return test(known.count == list.count ? .member(left, known) : nil, from: start, negated: isNegated)
    }
    guard let constant = readConstant(for: operand, after: word) else { return failAndSkip(from: start) }
    guard case .text(let text)? = fit(constant, operand, .pattern) else { return test(nil, from: start) }
    return test(
      word.kind == .keyword(.has) ? .has(left, text) : .matches(left, Glob(text)), from: start, negated: isNegated)
  }

  /// `[constant, …]`; `nil` after a syntax mistake.
  private mutating func readList(_ operand: TypedOperand, _ word: ConditionToken) -> [WrittenConstant]? {
    let open = token
    guard take(.openList) else {
      if token.kind == .mistake { return nil }
      var example = operand.listExample
      if token.kind == .open, let close = tokens[position...].first(where: { $0.kind == .close }) {
        example = "[\(written(token.range.upperBound..<close.range.lowerBound))]"
      } else if !isAtBoundary, token.kind != .open {
        example = "[\(written(token.range))]"
      }
      log.add(
        "P0102", "expected `[` after `in`", at: isAtBoundary ? word.range : token.range, help: "write `in \(example)`")
      return nil
    }
    if token.kind == .closeList {
      advance()
      log.add(
        "P0102", "the list is empty", at: open.range.lowerBound..<lastEnd, caption: "nothing is in it",
        help: "write `in \(operand.listExample)`")
      return nil
    }
    var list: [WrittenConstant] = []
    while true {
      guard let constant = readConstant(for: operand, after: tokens[position - 1]) else { return nil }
      list.append(constant)
      if take(.closeList) { return list }
      guard token.kind == .comma else {
        if token.kind != .mistake, !(isTruncated && token.kind == .end) {
          let isOpen = token.kind == .end || token.kind == .keyword(.and) || token.kind == .keyword(.or)
          log.add(
            "P0102", isOpen ? "`[` is never closed" : "expected `,` or `]`, found `\(written(token.range))`",
            at: isOpen ? open.range : token.range, caption: isOpen ? "opened here" : "",
            help: isOpen ? "add the missing `]`" : "write commas between the values")
        }
        return nil
      }
      let comma = advance()
      if token.kind == .closeList {
        log.add("P0102", "a value is missing after `,`", at: comma.range, help: "delete the comma")
        advance()
        return nil
      }
    }
  }
}
