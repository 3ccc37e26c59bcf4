internal import PolicyCore
internal import PolicyDiagnostics

/// Items of `order`.
extension ConditionReader {
  private static let directions = ["asc": true, "desc": false, "ascending": true, "descending": false]

  /// `nil` after a mistake.
  mutating func readOrderKey() -> OrderKey? {
    if case .name(let word) = token.kind {
      let after = tokens[endOfFact(word)]
      if case .name(let direction) = after.kind, Self.directions[direction.lowercased()] != nil {
        return readFactKey()
      }
      if case .name(let place) = after.kind, place == "first" || place == "last", let type = typeOf(word),
        type != .bool
      {
        log.add(
          "P0202", "`\(word)` is \(type.article), not true or false", at: token.range,
          help: "write `\(word) desc` for the largest first, or `\(word) asc` for the smallest first")
        return nil
      }
      if after.kind == .end { return reportNoDirection(word) }
      if after.kind == .coalesce, let key = reportFallback(word) { return key }
    }
    return readConditionKey()
  }

  /// `mAP50 ?? 0 asc`; a condition with `??` in it goes on.
  private mutating func reportFallback(_ word: String) -> OrderKey?? {
    let symbol = endOfFact(word)
    guard symbol + 2 < tokens.count, case .name(let direction) = tokens[symbol + 2].kind,
      Self.directions[direction.lowercased()] != nil
    else { return nil }
    log.add(
      "P0102", "an order takes a fact as it is",
      at: tokens[symbol].range.lowerBound..<tokens[symbol + 1].range.upperBound,
      help: "write `\(word) \(direction.lowercased()) missing first`, or `missing last`")
    return .some(nil)
  }

  /// Index of the token behind `fact` or `age(fact)`.
  private func endOfFact(_ word: String) -> Int {
    guard word == "age", nextToken.kind == .open else { return min(position + 1, tokens.count - 1) }
    let close = tokens[position...].firstIndex { $0.kind == .close } ?? position
    return min(close + 1, tokens.count - 1)
  }

  private func typeOf(_ word: String) -> FactType? {
    guard let found = lookUp(word) else { return nil }
    return found.isAge ? .duration : found.definition?.type
  }

  private mutating func reportNoDirection(_ word: String) -> OrderKey? {
    let isCall = nextToken.kind == .open
    guard let operand = readOperand(), let type = operand.type else { return nil }
    let shown = isCall ? operand.spelled : word
    switch type {
    case .bool:
      log.add(
        "P0102", "expected `first` or `last`", at: operand.range, help: "write `\(shown) first` or `\(shown) last`")
    case .enumeration, .stringSet: reportUnordered(operand, type)
    default:
      log.add("P0102", "expected `asc` or `desc`", at: operand.range, help: "write `\(shown) asc` or `\(shown) desc`")
    }
    return nil
  }

  private mutating func reportUnordered(_ operand: TypedOperand, _ type: FactType) {
    let condition = type == .bool ? operand.spelled : operand.example
    log.add(
      "P0202", "`\(operand.spelled)` has no order", at: operand.range, caption: type.article,
      help: "write a condition, such as `\(condition) first`")
  }

  private mutating func readFactKey() -> OrderKey? {
    guard let operand = readOperand() else { return nil }
    guard case .name(let written) = token.kind, let ascending = Self.directions[written.lowercased()] else {
      return nil
    }
    if written != "asc", written != "desc" {
      log.add(
        "P0102", "expected `asc` or `desc`, found `\(written)`", at: token.range,
        help: "write `\(ascending ? "asc" : "desc")`", replacement: ascending ? "asc" : "desc", applicability: .safe)
    }
    advance()
    var missing: OrderKey.MissingPlace?
    if token.kind == .keyword(.missing) {
      let word = advance()
      if case .name(let place) = token.kind, let known = OrderKey.MissingPlace(rawValue: place) {
        missing = known
        advance()
        if operand.type != nil, !operand.isOptional {
          log.add(
            "P0206", .warning, "`\(operand.spelled)` is never missing", at: word.range.lowerBound..<lastEnd,
            caption: "has no effect", help: "delete `missing \(place)`")
        }
      } else if token.kind != .mistake {
        log.add(
          "P0102", "expected `first` or `last` after `missing`", at: word.range,
          help: "write `missing first` or `missing last`")
      }
    }
    reportRest()
    guard let type = operand.type, let lowered = operand.operand else { return nil }
    switch type {
    case .bool, .enumeration, .stringSet:
      reportUnordered(operand, type)
      return nil
    default: return .fact(lowered, ascending: ascending, missing: missing)
    }
  }

  private mutating func readConditionKey() -> OrderKey? {
    let reading = readOr(nesting: 0)
    guard case .name(let place) = token.kind, place == "first" || place == "last" else {
      if !log.hasErrors {
        log.add(
          "P0102", "expected `first` or `last` after the condition", at: reading.extent,
          help: "write `\(written(reading.extent)) first`")
      }
      return nil
    }
    advance()
    reportRest()
    return reading.condition.map { .condition($0, first: place == "first") }
  }

  /// An item holds one key and nothing behind it.
  private mutating func reportRest() {
    guard token.kind != .end, token.kind != .mistake, !log.hasErrors else { return }
    log.add(
      "P0102", "expected the end of the key, found `\(written(token.range))`", at: token.range,
      help: "write each key as an item of its own: `[a desc, b asc]`")
  }
}
