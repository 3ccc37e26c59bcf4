internal import PolicyCore
internal import PolicyDiagnostics

/// A right side as written; what it means depends on the fact.
struct WrittenConstant {
  enum Value {
    case number([UInt8])
    case text([UInt8])
    case word(String)
    case truth(Bool)
    case param(TypedParam)
    /// Reported already.
    case mistake
  }
  var value: Value
  var range: Range<Int>
}

extension ConditionReader {
  /// `nil` after a syntax mistake. `previous` is the token that calls for a constant.
  mutating func readConstant(for operand: TypedOperand, after previous: ConditionToken) -> WrittenConstant? {
    let range = token.range
    switch token.kind {
    case .number(let word): return readSpacedUnit(word) ?? constant(.number(word))
    case .string(let text): return constant(.text(text))
    case .keyword(.true): return constant(.truth(true))
    case .keyword(.false): return constant(.truth(false))
    case .param(let name): return constant(parameter(name, range).map { .param($0) } ?? .mistake)
    case .name(let word):
      if word == "age", nextToken.kind == .open {
        reportFactOnRight(operand, range)
        return nil
      }
      if nextToken.kind == .open, nextToken.range.lowerBound == range.upperBound {
        reportCall(word)
        return nil
      }
      if word.contains(".") {
        if isFact(word) {
          reportFactOnRight(operand, range)
          return constant(.mistake)
        }
        if let type = operand.type, !type.holdsText { return constant(.word(word)) }
        reportUnquoted(word, ".", range)
        return constant(.mistake)
      }
      if !word.utf8.allSatisfy({ $0 < 0x80 }) {
        if case .enumeration? = operand.type { return constant(.word(word)) }
        let strange = word.unicodeScalars.first { !$0.isASCII }.map(String.init) ?? ""
        reportUnquoted(word, strange, range)
        return constant(.mistake)
      }
      return constant(.word(word))
    case .mistake: return nil
    default:
      reportNoConstant(operand, after: previous)
      return nil
    }
  }

  private mutating func constant(_ value: WrittenConstant.Value) -> WrittenConstant {
    WrittenConstant(value: value, range: advance().range)
  }

  /// `24 h`: one mistake, not a number without a unit and a stray word.
  private mutating func readSpacedUnit(_ number: [UInt8]) -> WrittenConstant? {
    guard case .name(let unit) = nextToken.kind, number.last.map(Literal.isDigit) ?? false else { return nil }
    let meant: String
    do throws(Literal.Fault) {
      _ = try Literal.read(number + Array(unit.utf8))
      meant = String(decoding: number, as: UTF8.self) + unit
    } catch {
      guard error.code == "P0103", let replacement = error.replacement else { return nil }
      meant = replacement
    }
    let range = token.range.lowerBound..<nextToken.range.upperBound
    log.add(
      "P0102", "a blank before the unit `\(unit)`", at: range, help: "write `\(meant)`", replacement: meant,
      applicability: .safe)
    advance()
    advance()
    return WrittenConstant(value: .mistake, range: range)
  }

  private mutating func parameter(_ name: String, _ range: Range<Int>) -> TypedParam? {
    if let param = context.params[name] {
      if !usedParams.contains(name) { usedParams.append(name) }
      return param
    }
    log.addUnknownParam(name, known: Array(context.params.keys), at: range)
    return nil
  }

  private mutating func reportUnquoted(_ word: String, _ character: String, _ range: Range<Int>) {
    let quoted = LiteralPrinter.quoted(ByteString(word))
    log.add(
      "P0100", "text with `\(character)` needs quotes", at: range, help: "write `\(quoted)`", replacement: quoted)
  }

  mutating func reportFactOnRight(_ operand: TypedOperand, _ range: Range<Int>) {
    let shown = written(range)
    log.add(
      "P0205", "the right side of a test is always a constant", at: range,
      caption: "`\(shown)` is a fact; two facts are not compared",
      help: operand.type?.spelling ?? "write a constant")
  }

  private mutating func reportNoConstant(_ operand: TypedOperand, after previous: ConditionToken) {
    let shown = written(previous.range)
    switch token.kind {
    case .keyword(.missing):
      let isNot = previous.kind == .comparison(.notEqual)
      log.add(
        "P0102", "`missing` is no value", at: token.range,
        help: "write `\(operand.spelled) is \(isNot ? "not " : "")missing`")
    case .keyword(let keyword) where !isAtBoundary:
      log.add(
        "P0102", "expected a value after `\(shown)`, found `\(keyword.rawValue)`", at: token.range,
        help: "`\(keyword.rawValue)` is a word of the language: as text it needs quotes, `\"\(keyword.rawValue)\"`")
    case .openList:
      log.add(
        "P0102", "a list after `\(shown)`", at: token.range, help: "write `in` before a list, or one value without `[`")
    case .comparison(let comparison) where previous.kind != .comma && previous.kind != .openList:
      log.add(
        "P0102", "two operators, `\(shown)` and `\(comparison.rawValue)`", at: token.range,
        help: Comparison(rawValue: shown + comparison.rawValue).map { "write `\($0.rawValue)` without a blank" }
          ?? "write one operator and a value")
    case .end where isTruncated: break
    default:
      let found = token.kind == .end ? "" : ", found `\(written(token.range))`"
      log.add(
        "P0102", "expected a value after `\(shown)`\(found)", at: token.kind == .end ? previous.range : token.range,
        help: operand.type?.spelling ?? "write a constant")
    }
  }
}

extension MistakeLog {
  /// P0204, for conditions and for scalars that are one `$name`.
  mutating func addUnknownParam(_ name: String, known: [String], at range: Range<Int>) {
    let names = known.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let listed = names.prefix(12).map { "`$\($0)`" }.joined(separator: ", ")
    let near = Spelling.nearest(name, among: names)
    add(
      "P0204", "unknown parameter `$\(name)`", at: range,
      notes: names.isEmpty ? ["no parameters are declared"] : ["the parameters are \(listed)"],
      help: near.map { "did you mean `$\($0)`?" } ?? "declare it under `params`: `\(name): { default: … }`",
      replacement: near.map { "$" + $0 })
  }
}
