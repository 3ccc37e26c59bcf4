internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Reads one scalar that stands for one constant.
struct ScalarReader {
  /// What the caller makes of a constant.
  enum Verdict<Value> {
    case fits(Value)
    /// Another type.
    case mismatch
    /// The right type, but no value for this place: why, and what to write.
    case refused(String, String)
  }

  let params: [String: TypedParam]
  let type: FactType
  var log: MistakeLog
  /// What belongs here, for messages.
  var what: String
  var help: String
  /// A percentage is welcome besides `type`; bare numbers are not.
  var acceptsPercentage = false
  /// Of the value without the blanks around it.
  let range: Range<Int>
  private(set) var usedParam: TypedParam?

  init(_ text: ScalarText, _ params: [String: TypedParam], _ type: FactType) {
    self.params = params
    self.type = type
    self.log = MistakeLog(text)
    self.what = type.article
    self.help = type.spelling
    let blanks: [UInt8] = Array(" \t\n\r".utf8)
    let first = text.bytes.firstIndex { !blanks.contains($0) } ?? 0
    let last = text.bytes.lastIndex { !blanks.contains($0) } ?? first - 1
    self.range = first..<last + 1
  }

  var trimmed: [UInt8] { Array(log.text.bytes[range]) }

  static func beginsLiteral(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return false }
    return Literal.isDigit(first) || (first == UInt8(ascii: "-") && bytes.count > 1 && Literal.isDigit(bytes[1]))
  }

  /// Refuses block scalars and emptiness.
  mutating func isSingleValue() -> Bool {
    let style = log.text.style
    if style == .literal || style == .folded {
      log.add(
        "P0009", "a block of text where \(what) belongs", at: 0..<log.text.bytes.count,
        caption: "`|` and `>` begin a block of text in YAML", help: "\(help), on the same line")
      return false
    }
    if range.isEmpty {
      log.add("P0010", "expected \(what), found nothing", at: 0..<log.text.bytes.count, help: help)
      return false
    }
    return true
  }

  mutating func refuse(_ message: String, _ help: String, code: String = "P0202") {
    let labels = usedParam?.span.map { [Diagnostic.Label($0, "its value is written here")] } ?? []
    log.add(code, message, at: range, labels: labels, help: help)
  }

  /// `nil` after a message.
  mutating func value<Value>(_ judge: (Constant) -> Verdict<Value>) -> Value? {
    guard isSingleValue(), let (constant, found) = constant() else { return nil }
    let isShare: Bool
    if case .number = constant { isShare = found == FactType.ratio.article } else { isShare = false }
    if acceptsPercentage, case .number = constant, !isShare {
      reportMismatch(found)
      return nil
    }
    switch judge(constant) {
    case .fits(let value): return value
    case .mismatch: reportMismatch(found)
    case .refused(let message, let help): refuse(message, help)
    }
    return nil
  }

  func finish<Value>(_ value: Value?, _ diagnostics: inout [Diagnostic]) -> (Value, usedParam: String?)? {
    diagnostics.append(contentsOf: log.diagnostics)
    return value.map { ($0, usedParam: usedParam?.name) }
  }

  /// The constant written, or the one that the parameter stands for, and what it is.
  private mutating func constant() -> (Constant, found: String)? {
    let bytes = trimmed
    if bytes.first == UInt8(ascii: "$") { return parameter(bytes) }
    guard Self.beginsLiteral(bytes) else {
      return (.text(ByteString(bytes)), found: "text")
    }
    do throws(Literal.Fault) {
      switch try Literal.read(bytes, expected: type) {
      case .number(let value, let isPercent): return (.number(value), found: isPercent ? "a ratio" : "a number")
      case .size(let size): return (.bytes(size), found: "a size")
      case .duration(let span): return (.duration(span), found: "a duration")
      case .time(let time): return (.time(time), found: "a date")
      }
    } catch {
      log.add(error, at: range)
      return nil
    }
  }

  private mutating func parameter(_ bytes: [UInt8]) -> (Constant, found: String)? {
    let name = String(decoding: bytes.dropFirst(), as: UTF8.self)
    guard let first = name.utf8.first, ConditionLexer.isLetter(first), name.utf8.allSatisfy(ConditionLexer.isNameByte)
    else {
      log.add("P0100", "`$` needs the name of a parameter and nothing else", at: range, help: "write `$name`")
      return nil
    }
    guard let param = params[name] else {
      log.addUnknownParam(name, known: Array(params.keys), at: range)
      return nil
    }
    usedParam = param
    return (param.constant, found: param.type.article)
  }

  private mutating func reportMismatch(_ found: String) {
    let shown = log.written(range)
    let isNumber = found == "a number" || found == "a whole number"
    var message = "expected \(what), found \(found)"
    var (caption, help) = (found, help)
    if usedParam != nil {
      message = "expected \(what), and `\(shown)` is \(found)"
    } else if isNumber, type == .duration {
      (message, caption) = ("a duration needs a unit", "a bare number")
      if shown.utf8.allSatisfy({ Literal.isDigit($0) }) { help = "write `\(shown)h`, `\(shown)d` or `\(shown)w`" }
    } else if isNumber, type == .bytes {
      (message, caption) = ("a size needs a unit", "a bare number")
      if shown.utf8.allSatisfy({ Literal.isDigit($0) }) {
        help = "write `\(shown)MB`, `\(shown)GB` or `\(shown)GiB`" + (acceptsPercentage ? ", or `\(shown)%`" : "")
      }
    }
    let labels = usedParam?.span.map { [Diagnostic.Label($0, "its value is written here")] } ?? []
    log.add("P0202", message, at: range, caption: caption, labels: labels, help: help)
  }
}
