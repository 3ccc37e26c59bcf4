internal import PolicyDiagnostics
internal import PolicyYAML

/// Collects the mistakes of one scalar; places are ranges of its value.
struct MistakeLog {
  let text: ScalarText
  private(set) var diagnostics: [Diagnostic] = []

  init(_ text: ScalarText) { self.text = text }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// `replacement` becomes a fix of the whole range.
  mutating func add(
    _ code: String, _ severity: Diagnostic.Severity, _ message: String, at range: Range<Int>,
    caption: String = "", labels: [Diagnostic.Label] = [], notes: [String] = [], help: String? = nil,
    replacement: String? = nil, applicability: Diagnostic.Fix.Applicability = .maybe
  ) {
    let span = text.span(range)
    let fixes = replacement.map { [Diagnostic.Fix(applicability, [.init(span, text.spelled($0))])] } ?? []
    diagnostics.append(
      Diagnostic(
        code, severity, message, at: span, caption: caption, labels: labels, notes: notes, help: help, fixes: fixes))
  }

  /// An error.
  mutating func add(
    _ code: String, _ message: String, at range: Range<Int>, caption: String = "",
    labels: [Diagnostic.Label] = [], notes: [String] = [], help: String? = nil, replacement: String? = nil,
    applicability: Diagnostic.Fix.Applicability = .maybe
  ) {
    add(
      code, .error, message, at: range, caption: caption, labels: labels, notes: notes, help: help,
      replacement: replacement, applicability: applicability)
  }

  mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  mutating func add(_ fault: Literal.Fault, at range: Range<Int>) {
    add(
      fault.code, fault.message, at: range, caption: fault.caption, help: fault.help, replacement: fault.replacement)
  }

  /// The written text of a part of the value, fit to stand in a message: control characters are spelled out.
  func written(_ range: Range<Int>) -> String {
    var shown = ""
    for scalar in String(decoding: text.bytes[range], as: UTF8.self).unicodeScalars {
      shown += ConditionLexer.isInvisible(scalar) ? ConditionLexer.codePoint(scalar) : String(scalar)
    }
    return shown
  }
}
