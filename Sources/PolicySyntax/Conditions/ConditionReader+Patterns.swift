internal import PolicyCore
internal import PolicyDiagnostics

/// P0211: a pattern where text is compared as it stands. The rule would load, and never mean anything.
extension ConditionReader {
  mutating func warnOfPattern(
    _ operand: TypedOperand, _ constants: [(written: WrittenConstant, fitted: Constant?)], _ sign: String
  ) {
    guard operand.type == .string else { return }
    let isNegated = sign == "!=" || sign == "not in"
    for constant in constants {
      guard case .text(let text)? = constant.fitted, text.bytes.contains(UInt8(ascii: "*")) else { continue }
      let pattern = written(constant.written.range)
      log.add(
        "P0211", .warning, "`\(sign)` compares text as it stands: `*` is no wildcard here", at: constant.written.range,
        caption: "only this very text, with its `*`",
        help: "write `\(operand.spelled) \(isNegated ? "not " : "")matches \(pattern)`"
          + (constants.count > 1 ? ", joined by `\(isNegated ? "and" : "or")`" : ""))
    }
  }
}
