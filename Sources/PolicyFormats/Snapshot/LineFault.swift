internal import PolicyCore
internal import PolicyDiagnostics

/// Why one line of a snapshot cannot be used.
struct LineFault: Error {
  enum Code: String {
    case format = "P0401"
    case broken = "P0402"
    case wrongType = "P0403"
    case unknown = "P0404"
    case missing = "P0405"
    case duplicate = "P0406"
  }
  let code: Code
  let message: String
  /// Bytes of the file.
  let range: Range<Int>
  var help: String?

  init(_ code: Code, _ message: String, _ range: Range<Int>, help: String? = nil) {
    self.code = code
    self.message = message
    self.range = range
    self.help = help
  }

  init(_ error: JSONError) {
    self.init(
      .broken, "broken JSON: \(error.message)", error.offset..<error.offset + 1,
      help: "each line must be one JSON object")
  }

  /// `start` is where the object begins that the error's path starts from.
  init(_ error: FormatError, in bytes: [UInt8], from start: Int) {
    self.init(
      error.problem == .missing ? .missing : .wrongType, error.message, error.path.range(in: bytes, from: start))
  }

  func diagnostic(_ severity: Diagnostic.Severity, end: Int) -> Diagnostic {
    let start = min(range.lowerBound, end)
    let range = start..<min(max(self.range.upperBound, start), end)
    return Diagnostic(code.rawValue, severity, message, at: SourceSpan(file: 0, range: range), help: help)
  }
}
