internal import ArgumentParser
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicyReport

/// `policy explain P0330`: the page about a code.
struct ExplainCode {
  let code: String
  let format: OutputFormat

  /// `P0330` and `p0330`; anything else may be a path.
  static func isCode(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 5 && (bytes[0] | 32) == UInt8(ascii: "p") && bytes[1...].allSatisfy { (48...57).contains($0) }
  }

  func run() throws {
    let wanted = code.uppercased()
    guard let page = CodePages.page(of: wanted) else {
      let near = Spelling.nearest(wanted, among: CodePages.codes)
      Console.complain(
        "there is no code `\(wanted)`",
        help: near.map { "did you mean `\($0)`? " + "`policy explain --list` shows all" }
          ?? "`policy explain --list` shows all")
      throw ExitStatus.usage.code
    }
    switch format {
    case .text: try Console.write(CodePageText.render(page, style: Surroundings.style))
    case .json:
      let object: JSONObject = [
        "format": .string("policy-code/1.0"), "code": .string(wanted),
        "title": .string(CodePages.title(of: wanted) ?? ""), "family": .string(CodePages.family(of: wanted)),
        "markdown": .string(page),
      ]
      try Console.write(CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")])
    }
  }
}
