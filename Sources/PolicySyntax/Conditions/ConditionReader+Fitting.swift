internal import PolicyCore
internal import PolicyDiagnostics

/// Constants against the types of facts.
extension ConditionReader {
  enum Role {
    case comparison(Comparison)
    /// In the list after `in`.
    case member
    /// After `matches` and `has`.
    case pattern
    /// After `??`.
    case fallback
  }

  /// The constant in the fact's type; `nil` after a mistake.
  mutating func fit(_ constant: WrittenConstant, _ operand: TypedOperand, _ role: Role) -> Constant? {
    guard let type = operand.type else {
      if case .number(let word) = constant.value { _ = literal(word, constant.range, expected: nil) }
      return nil
    }
    guard let fitted = fitType(constant, operand, type, role) else { return nil }
    return isInRange(fitted, constant, operand, type, role) ? fitted : nil
  }

  private mutating func literal(_ word: [UInt8], _ range: Range<Int>, expected: FactType?) -> Literal? {
    do throws(Literal.Fault) { return try Literal.read(word, expected: expected) } catch {
      log.add(error, at: range)
      return nil
    }
  }

  private mutating func fitType(
    _ constant: WrittenConstant, _ operand: TypedOperand, _ type: FactType, _ role: Role
  ) -> Constant? {
    let range = constant.range
    switch constant.value {
    case .mistake: return nil
    case .truth(let value):
      if type == .bool { return .bool(value) }
      return mismatch(constant, operand, type, found: "a truth value", role)
    case .param(let param):
      if case .text(let text) = param.constant { return fitText(text, constant, operand, type, role) }
      if fits(param.type, type) {
        if type == .int, param.type == .ratio { warnPercentage(operand, range, param.constant) }
        return param.constant
      }
      return mismatch(constant, operand, type, found: param.type.article, role)
    case .text(let bytes): return fitText(ByteString(bytes), constant, operand, type, role)
    case .word(let word): return fitWord(word, constant, operand, type, role)
    case .number(let word):
      switch type {
      case .string, .stringSet, .enumeration, .bool:
        return mismatch(constant, operand, type, found: "a number", role)
      default: break
      }
      guard let literal = literal(word, range, expected: type) else { return nil }
      switch (literal, type) {
      case (.number(let value, let isPercent), _) where type.isNumeric:
        if isPercent, type == .int { warnPercentage(operand, range, .number(value)) }
        return .number(value)
      case (.size(let bytes), .bytes): return .bytes(bytes)
      case (.duration(let span), .duration): return .duration(span)
      case (.time(let time), .time): return .time(time)
      default: return mismatch(constant, operand, type, found: literal.article, role)
      }
    }
  }

  private func fits(_ found: FactType, _ type: FactType) -> Bool {
    found == type || (found.isNumeric && type.isNumeric)
  }

  private mutating func warnPercentage(_ operand: TypedOperand, _ range: Range<Int>, _ value: Constant) {
    log.add(
      "P0202", .warning, "a percentage against a whole number", at: range,
      caption: "means \(LiteralPrinter.text(value)), not a share of anything",
      help: "write how many `\(operand.spelled)` there are to be")
  }

  // MARK: - Text and words

  private mutating func fitText(
    _ text: ByteString, _ constant: WrittenConstant, _ operand: TypedOperand, _ type: FactType, _ role: Role
  ) -> Constant? {
    switch type {
    case .string, .stringSet: return .text(text)
    case .enumeration(let members): return member(text.displayText, members, constant.range, operand)
    default: return mismatch(constant, operand, type, found: "text", role)
    }
  }

  private mutating func fitWord(
    _ word: String, _ constant: WrittenConstant, _ operand: TypedOperand, _ type: FactType, _ role: Role
  ) -> Constant? {
    if case .enumeration(let members) = type {
      if !members.contains(word), WordTraps.nothing.contains(word) { return reportNothing(word, constant, operand) }
      return member(word, members, constant.range, operand)
    }
    if WordTraps.nothing.contains(word) { return reportNothing(word, constant, operand) }
    if type == .string || type == .stringSet {
      if WordTraps.textFacts.contains(word), isFact(word) {
        log.add(
          "P0205", .warning, "`\(word)` is read as text, not as the fact `\(word)`", at: constant.range,
          help: "write `\"\(word)\"`; two facts are not compared", replacement: "\"\(word)\"", applicability: .safe)
      }
      return .text(ByteString(word))
    }
    if type == .bool, let truth = WordTraps.truths[word] {
      log.add(
        "P0202", "`\(word)` is not a truth value", at: constant.range, help: "write `\(truth)`",
        replacement: truth ? "true" : "false", applicability: .safe)
      return nil
    }
    if isFact(word) {
      reportFactOnRight(operand, constant.range)
      return nil
    }
    if context.params[word] != nil {
      log.add(
        "P0202", "`\(word)` is a word, and `\(operand.spelled)` is \(type.article)", at: constant.range,
        help: "write `$\(word)` for the parameter", replacement: "$" + word)
      return nil
    }
    return mismatch(constant, operand, type, found: "a word", role)
  }

  private mutating func reportNothing(
    _ word: String, _ constant: WrittenConstant, _ operand: TypedOperand
  ) -> Constant? {
    let negated: Bool
    if position >= 2, tokens[position - 2].kind == .comparison(.notEqual) { negated = true } else { negated = false }
    var help = "`\(operand.spelled)` always has a value"
    if operand.isOptional, operand.operand?.isAge != true {
      help = "write `\(operand.spelled) is \(negated ? "not " : "")missing`"
    } else if operand.type == .string || operand.type == .stringSet {
      help += "; as text, write `\"\(word)\"`"
    } else if let type = operand.type {
      help += ": \(type.spelling)"
    }
    log.add(
      "P0202", "`\(word)` is no value", at: constant.range, caption: "what has no value is *missing*", help: help)
    return nil
  }

  private mutating func member(
    _ word: String, _ members: [String], _ range: Range<Int>, _ operand: TypedOperand
  ) -> Constant? {
    if members.contains(word) { return .text(ByteString(word)) }
    let near = Spelling.nearest(word, among: members)
    let list = members.map { "`\($0)`" }.joined(separator: ", ")
    log.add(
      "P0203", "`\(word)` is not a value of `\(operand.spelled)`", at: range,
      notes: near == nil ? [] : ["`\(operand.spelled)` is one of \(list)"],
      help: near.map { "did you mean `\($0)`?" } ?? "write one of \(list)", replacement: near)
    return nil
  }

  // MARK: - Mismatches

  private mutating func mismatch(
    _ constant: WrittenConstant, _ operand: TypedOperand, _ type: FactType, found: String, _ role: Role
  ) -> Constant? {
    let shown = written(constant.range)
    if case .param(let param) = constant.value {
      log.add(
        "P0202", "`\(operand.spelled)` is \(type.article), and `\(shown)` is \(found)", at: constant.range,
        labels: param.span.map { [Diagnostic.Label($0, "its value is written here")] } ?? [],
        help: "\(type.spelling), or make that the value of `\(shown)`")
      return nil
    }
    var message = "`\(operand.spelled)` is \(type.article), not \(found)"
    var (caption, help) = (found, type.spelling)
    let isNumber = found == "a number" || found == "a whole number" || found == "a ratio"
    switch type {
    case .duration where isNumber:
      message = "a duration needs a unit"
      caption = "a bare number"
      help = unitHelp(shown, ["h", "d", "w"])
    case .bytes where isNumber:
      message = "a size needs a unit"
      caption = "a bare number"
      help = unitHelp(shown, ["MB", "GB", "GiB"])
    case .time where found == "a duration":
      help = "write `age(\(operand.spelled)) \(symbol(role)) \(shown)`"
    case .duration where found == "a date":
      let stamp = operand.operand?.fact.spelled ?? "finished_at"
      help = "write `\(stamp) \(flipped(role)) \(shown)`"
    case .string, .stringSet:
      message = "`\(operand.spelled)` is text"
      if type == .stringSet { message = "`\(operand.spelled)` holds text" }
      help = "write `\(LiteralPrinter.quoted(ByteString(shown)))`"
    case .bool:
      let isOne = shown == "1"
      if isOne || shown == "0" { help = "write `\(isOne ? "" : "not ")\(operand.spelled)`" }
    default: break
    }
    log.add("P0202", message, at: constant.range, caption: caption, help: help)
    return nil
  }

  private func unitHelp(_ shown: String, _ units: [String]) -> String {
    let isPlain = shown.utf8.allSatisfy { Literal.isDigit($0) }
    let number = isPlain ? shown : "24"
    return "write `\(number)\(units[0])`, `\(number)\(units[1])` or `\(number)\(units[2])`"
  }

  private func symbol(_ role: Role) -> String {
    if case .comparison(let comparison) = role { return comparison.rawValue }
    return ">"
  }

  /// An age above a bound is a stamp before a date.
  private func flipped(_ role: Role) -> String {
    if case .comparison(let comparison) = role { return comparison.flipped.rawValue }
    return "<"
  }
}

extension Comparison {
  /// The one that means the same with the sides exchanged.
  var flipped: Comparison {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual: self
    }
  }
}

extension Literal {
  /// With its article: "a size".
  var article: String {
    switch self {
    case .number: "a number"
    case .size: "a size"
    case .duration: "a duration"
    case .time: "a date"
    }
  }
}
