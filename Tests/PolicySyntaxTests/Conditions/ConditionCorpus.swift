import Foundation
import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyTestSupport
import PolicyYAML
import Testing

/// One case of `Tests/Corpus/conditions`: a text, and either what it means or which messages it gives.
///
///     runs: mAP50 > 80
///     P0301 ⟦80⟧ never true · `80%` or `0.8`
///
/// The first line names what is read (`runs`, `checkpoints`, `order`, `purge`) and the text, in which `\n`, `\t` and
/// `\u{…}` stand for characters. `= text` is the canonical spelling. A line with a code expects that message, in source
/// order: the text below the carets (`⟦)⟧2` the second `)`, `⟦⟧` nothing), then parts of message, caption, notes or help.
struct ConditionCase: Sendable, CustomTestStringConvertible {
  struct Expectation: Sendable {
    var severity: Diagnostic.Severity
    var code: String
    var span: String
    var occurrence: Int
    var phrases: [String]
  }
  var place: String
  var form: String
  var text: String
  var canonical: String?
  var expectations: [Expectation]

  var testDescription: String { "\(place) \(form): \(text)" }

  static func load(_ file: String) -> [ConditionCase] {
    let path = repositoryRoot + "/Tests/Corpus/conditions/" + file
    guard let content = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    var cases: [ConditionCase] = []
    for (number, line) in content.components(separatedBy: "\n").enumerated() where !line.hasPrefix("#") {
      if line.isEmpty { continue }
      if line.hasPrefix("= ") {
        cases[cases.count - 1].canonical = unescape(String(line.dropFirst(2)))
      } else if line.hasPrefix("P0") || line.hasPrefix("warning P0") {
        cases[cases.count - 1].expectations.append(expectation(line))
      } else if let colon = line.range(of: ": ") ?? line.range(of: ":") {
        cases.append(
          ConditionCase(
            place: "\(file):\(number + 1)", form: String(line[..<colon.lowerBound]),
            text: unescape(String(line[colon.upperBound...])), canonical: nil, expectations: []))
      }
    }
    return cases
  }

  private static func expectation(_ line: String) -> Expectation {
    let isWarning = line.hasPrefix("warning ")
    let rest = isWarning ? String(line.dropFirst("warning ".count)) : line
    let code = String(rest.prefix(5))
    let open = rest.range(of: "⟦")?.upperBound ?? rest.endIndex
    let close = rest.range(of: "⟧", options: .backwards) ?? open..<open
    var tail = rest[close.upperBound...]
    let digits = tail.prefix { $0.isNumber }
    tail = tail.dropFirst(digits.count)
    let phrases = tail.components(separatedBy: " · ").map { $0.trimmingCharacters(in: .whitespaces) }
    return Expectation(
      severity: isWarning ? .warning : .error, code: code, span: unescape(String(rest[open..<close.lowerBound])),
      occurrence: Int(digits) ?? 1, phrases: phrases.filter { !$0.isEmpty })
  }

  private static func unescape(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let next = rest.first {
      if next == "\\", let end = rest.firstIndex(of: "}"), rest.hasPrefix("\\u{"),
        let value = UInt32(rest[rest.index(rest.startIndex, offsetBy: 3)..<end], radix: 16),
        let scalar = Unicode.Scalar(value)
      {
        result.unicodeScalars.append(scalar)
        rest = rest[rest.index(after: end)...]
      } else if rest.hasPrefix("\\n") || rest.hasPrefix("\\t") {
        result += rest.hasPrefix("\\n") ? "\n" : "\t"
        rest = rest.dropFirst(2)
      } else {
        result.append(next)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// The canonical text of what was read, and the messages.
  func run(_ text: String) -> (canonical: String?, condition: Condition?, diagnostics: [Diagnostic], nodes: Int) {
    var diagnostics: [Diagnostic] = []
    let scalar = ConditionFixture.scalar(text)
    switch form {
    case "order", "order-checkpoints", "purge":
      let context =
        form == "purge" ? ConditionFixture.purge : ConditionFixture.context(form == "order" ? .run : .checkpoint)
      let read = ConditionParser.parseOrderKey(scalar, context, &diagnostics)
      return (read.map { ConditionPrinter.text($0.key) }, nil, diagnostics, 0)
    default:
      let context = ConditionFixture.context(form == "checkpoints" ? .checkpoint : .run)
      let read = ConditionParser.parse(scalar, context, &diagnostics)
      return (
        read.map { ConditionPrinter.text($0.condition) }, read?.condition, diagnostics, read?.nodeSpans.count ?? 0
      )
    }
  }

  /// The lines that would describe what came out, for failures.
  static func describe(_ canonical: String?, _ diagnostics: [Diagnostic], in text: String) -> String {
    var lines = diagnostics.map { diagnostic in
      let parts =
        [diagnostic.message, diagnostic.caption] + diagnostic.notes + [diagnostic.help ?? ""]
        + diagnostic.labels.map(\.text)
      return "\(diagnostic.severity == .error ? "" : "warning ")\(diagnostic.code) ⟦\(spanned(diagnostic, in: text))⟧ "
        + parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }
    if let canonical { lines.append("= \(canonical)") }
    return lines.joined(separator: "\n")
  }

  static func spanned(_ diagnostic: Diagnostic, in text: String) -> String {
    guard let range = diagnostic.span?.range else { return "nowhere" }
    let bytes = Array(text.utf8)
    let (lower, upper) = (range.lowerBound - ConditionFixture.base, range.upperBound - ConditionFixture.base)
    guard lower >= 0, upper <= bytes.count, lower <= upper else { return "outside" }
    return String(decoding: bytes[lower..<upper], as: UTF8.self)
  }
}
