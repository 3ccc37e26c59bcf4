internal import PolicyCore
internal import PolicyDiagnostics

/// P0301: constants outside what the fact can be.
extension ConditionReader {
  mutating func isInRange(
    _ constant: Constant, _ written: WrittenConstant, _ operand: TypedOperand, _ type: FactType, _ role: Role
  ) -> Bool {
    let isBelow: Bool
    // An end of the range: nothing is beyond it.
    var isEnd = false
    switch (constant, type) {
    case (.number(let value), .ratio):
      isBelow = value <= .zero
      isEnd = value == .zero || value == ExactDecimal(1)
      if value > .zero, value < ExactDecimal(1) { return true }
    case (.number(let value), .int) where operand.definition?.origin == .builtIn:
      if value > .zero { return true }
      (isBelow, isEnd) = (true, value == .zero)
    case (.bytes(let bytes), _):
      if bytes > 0 { return true }
      (isBelow, isEnd) = (true, bytes == 0)
    case (.duration(let span), _):
      if span.nanoseconds > 0 { return true }
      (isBelow, isEnd) = (true, span.nanoseconds == 0)
    default: return true
    }
    if isEnd, !role.isBeyond(isBelow) { return true }
    let name = operand.definition?.name ?? operand.spelled
    var labels = context.declarationSpans[name].map { [Diagnostic.Label($0, "declared here")] } ?? []
    if case .param(let param) = written.value, let span = param.span {
      labels.append(Diagnostic.Label(span, "`\(LiteralPrinter.text(constant))` is written here"))
    }
    log.add(
      // What was accepted once stays so: beyond an end it is a warning.
      "P0301", isEnd ? .warning : .error, outcome(isBelow, role), at: written.range,
      caption: type == .ratio
        ? "`\(operand.spelled)` is a ratio, from 0 to 1" : "`\(operand.spelled)` is never negative",
      labels: labels,
      help: isEnd
        ? "nothing is \(isBelow ? "below" : "above") `\(LiteralPrinter.text(constant))`: write another value, or `==`"
        : suggestion(constant, type))
    return isEnd
  }

  private func outcome(_ isBelow: Bool, _ role: Role) -> String {
    switch role {
    case .comparison(let comparison):
      let isTrue: Bool
      switch comparison {
      case .less, .lessOrEqual: isTrue = !isBelow
      case .greater, .greaterOrEqual: isTrue = isBelow
      case .equal: isTrue = false
      case .notEqual: isTrue = true
      }
      return "this comparison is \(isTrue ? "always" : "never") true"
    case .member, .pattern: return "this value never occurs"
    case .fallback: return "this value is outside the range of the fact"
    }
  }

  private func suggestion(_ constant: Constant, _ type: FactType) -> String {
    guard type == .ratio, case .number(let value) = constant else {
      return "write a value that is not negative"
    }
    if value > ExactDecimal(1), value <= ExactDecimal(100) {
      return "did you mean `\(value)%` or `\(value.percent)`?"
    }
    return "write a value from `0` to `1`, or from `0%` to `100%`"
  }
}

extension ConditionReader.Role {
  /// Whether it asks for what lies beyond a constant: below the lowest value, or above the highest.
  fileprivate func isBeyond(_ isBelow: Bool) -> Bool {
    guard case .comparison(let comparison) = self else { return false }
    return isBelow ? comparison == .less : comparison == .greater
  }
}
