public import PolicyCore
public import PolicyDiagnostics
public import PolicyYAML

/// Scalars outside conditions: `after: 24h`, `limit: 50GiB`, `high: 90%`, or `$param`. Each gives one message when it
/// is not what its place calls for.
public enum LiteralParser {
  /// A length of time, ≥ 0.
  public static func duration(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (TimeSpan, usedParam: String?)? {
    var reader = ScalarReader(text, params, .duration)
    let span: TimeSpan? = reader.value { constant in
      guard case .duration(let span) = constant else { return .mismatch }
      return span.nanoseconds >= 0 ? .fits(span) : .refused("a duration is never negative", "write `24h`, or `0s`")
    }
    return reader.finish(span, &diagnostics)
  }

  /// Bytes, ≥ 0. A fraction of a unit is rounded down to whole bytes.
  public static func size(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (Int64, usedParam: String?)? {
    var reader = ScalarReader(text, params, .bytes)
    let bytes: Int64? = reader.value { constant in
      guard case .bytes(let bytes) = constant else { return .mismatch }
      return bytes >= 0 ? .fits(bytes) : .refused("a size is never negative", "write `50GB`, or `0B`")
    }
    return reader.finish(bytes, &diagnostics)
  }

  /// From 0 to 1: `0.8` or `80%`.
  public static func ratio(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (ExactDecimal, usedParam: String?)? {
    var reader = ScalarReader(text, params, .ratio)
    let ratio: ExactDecimal? = reader.value { constant in
      guard case .number(let value) = constant else { return .mismatch }
      if value >= .zero, value <= ExactDecimal(1) { return .fits(value) }
      let isPercent = text.bytes.contains(UInt8(ascii: "%"))
      return .refused("a ratio is from 0 to 1", ratioHelp(value, isPercent: isPercent))
    }
    return reader.finish(ratio, &diagnostics)
  }

  /// A whole number that fits an Int64; negative ones too.
  public static func integer(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (Int64, usedParam: String?)? {
    var reader = ScalarReader(text, params, .int)
    let number: Int64? = reader.value { constant in
      guard case .number(let value) = constant else { return .mismatch }
      return value.wholeNumber.map { .fits($0) } ?? .refused("expected a whole number", "write a number such as `3`")
    }
    return reader.finish(number, &diagnostics)
  }

  /// `3`, `none` or `all`; 0 and negative numbers are refused. Only a parameter's value from the command line may be 0, as
  /// `--set recent=N-1` comes to before a training: that is none.
  public static func count(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (Count, usedParam: String?)? {
    var reader = ScalarReader(text, params, .int)
    reader.what = "a count"
    reader.help = "write a number such as `3`, or `none` or `all`"
    let typed = Self.typedParam(reader.trimmed, params)
    let count: Count? = reader.value { constant in
      switch constant {
      case .text("none"): return .fits(.none)
      case .text("all"): return .fits(.all)
      case .number(let value):
        guard let whole = value.wholeNumber, let number = Int(exactly: whole) else {
          return .refused("expected a whole number", "write a number such as `3`, or `none` or `all`")
        }
        if number > 0 { return .fits(.limited(number)) }
        if let typed {
          guard number < 0 else { return .fits(.none) }
          return .refused(
            "`$\(typed.name)` is \(number), and a count is not negative",
            "give `--set \(typed.name)=…` a number such as `3`, or 0 for none")
        }
        return .refused(number == 0 ? "a count of 0" : "a negative count", "write `none`")
      default: return .mismatch
      }
    }
    return reader.finish(count, &diagnostics)
  }

  /// The parameter that stands here, where its value came from the command line.
  private static func typedParam(_ text: [UInt8], _ params: [String: TypedParam]) -> TypedParam? {
    guard text.first == UInt8(ascii: "$"), let param = params[String(decoding: text.dropFirst(), as: UTF8.self)],
      param.span == nil
    else { return nil }
    return param
  }

  /// A size, or a percentage: `500GiB`, `20%`.
  public static func sizeLimit(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (SizeLimit, usedParam: String?)? {
    var reader = ScalarReader(text, params, .bytes)
    reader.what = "a size or a percentage"
    reader.help = "write a size such as `500GiB`, or a percentage such as `20%`"
    reader.acceptsPercentage = true
    let limit: SizeLimit? = reader.value { constant in
      switch constant {
      case .bytes(let bytes):
        return bytes >= 0 ? .fits(.bytes(bytes)) : .refused("a size is never negative", "write `500GiB`, or `0B`")
      case .number(let share):
        if share >= .zero, share <= ExactDecimal(1) { return .fits(.share(share)) }
        return .refused("a percentage is from 0% to 100%", "write a percentage such as `20%`")
      default: return .mismatch
      }
    }
    return reader.finish(limit, &diagnostics)
  }

  /// A day, or a moment in UTC.
  public static func date(
    _ text: ScalarText, params: [String: TypedParam], _ diagnostics: inout [Diagnostic]
  ) -> (Timestamp, usedParam: String?)? {
    var reader = ScalarReader(text, params, .time)
    let time: Timestamp? = reader.value { constant in
      guard case .time(let time) = constant else { return .mismatch }
      return .fits(time)
    }
    return reader.finish(time, &diagnostics)
  }

  /// `isPercent`: it was written as a percentage already.
  static func ratioHelp(_ value: ExactDecimal, isPercent: Bool = false) -> String {
    if !isPercent, value > ExactDecimal(1), value <= ExactDecimal(100) {
      return "did you mean `\(value)%` or `\(value.percent)`?"
    }
    return "write a value from `0` to `1`, or from `0%` to `100%`"
  }
}
