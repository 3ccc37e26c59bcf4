public import PolicyCore
public import PolicyDiagnostics
public import PolicyYAML

extension LiteralParser {
  /// The value of a parameter, with the type that its spelling tells: `3` int, `0.8` number, `80%` ratio, `24h`
  /// duration, `50GiB` bytes, `2026-01-01` time, `true` bool, else string. What stands in quotes is a string.
  public static func untyped(_ text: ScalarText, _ diagnostics: inout [Diagnostic]) -> (FactType, Constant)? {
    if text.style == .singleQuoted || text.style == .doubleQuoted { return (.string, .text(ByteString(text.bytes))) }
    var reader = ScalarReader(text, [:], .string)
    defer { diagnostics.append(contentsOf: reader.log.diagnostics) }
    guard reader.isSingleValue() else { return nil }
    let bytes = reader.trimmed
    let word = String(decoding: bytes, as: UTF8.self)
    if bytes.first == UInt8(ascii: "$") {
      reader.refuse("a parameter's value is a constant, not another parameter", "write the value itself")
      return nil
    }
    if word == "true" || word == "false" { return (.bool, .bool(word == "true")) }
    if word == "~" || WordTraps.nothing.contains(word) {
      reader.refuse("`\(word)` is no value", "write a value; as text, put it in quotes")
      return nil
    }
    guard ScalarReader.beginsLiteral(bytes) else { return (.string, .text(ByteString(bytes))) }
    do throws(Literal.Fault) {
      switch try Literal.read(bytes) {
      case .number(let value, let isPercent):
        if isPercent, value >= .zero, value <= ExactDecimal(1) { return (.ratio, .number(value)) }
        let isInt = !isPercent && bytes.allSatisfy { Literal.isDigit($0) || $0 == UInt8(ascii: "-") }
        return (isInt ? .int : .number, .number(value))
      case .size(let size):
        guard size >= 0 else { break }
        return (.bytes, .bytes(size))
      case .duration(let span):
        guard span.nanoseconds >= 0 else { break }
        return (.duration, .duration(span))
      case .time(let time): return (.time, .time(time))
      }
      reader.refuse("a size or duration is never negative", "write it without `-`")
    } catch {
      var fault = error
      fault.help = (fault.help.map { $0 + "; " } ?? "") + "as text, put it in quotes"
      reader.log.add(fault, at: reader.range)
    }
    return nil
  }
}
