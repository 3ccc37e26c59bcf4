internal import ArgumentParser
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyYAML

/// Sizes on the command line, as the language writes them.
enum TypedSize {
  /// `20GiB`, or `0`.
  static func bytes(_ text: String, of option: String) throws -> Int64 {
    guard case .bytes(let bytes) = try limit(text, of: option, "20GiB") else { throw fault(text, option, "20GiB") }
    return bytes
  }

  /// `20GiB`, `5%`, or `0`.
  static func limit(_ text: String, of option: String, _ example: String = "5%` or `20GiB") throws -> SizeLimit {
    if text == "0" { return .bytes(0) }
    let bytes = Array(text.utf8)
    let scalar = ScalarText(
      bytes: bytes, offsets: Array(repeating: 0, count: bytes.count + 1), file: 0, style: .plain)
    var ignored: [Diagnostic] = []
    guard let (limit, _) = LiteralParser.sizeLimit(scalar, params: [:], &ignored) else {
      throw fault(text, option, example)
    }
    return limit
  }

  private static func fault(_ text: String, _ option: String, _ example: String) -> ValidationError {
    ValidationError("`\(option) \(text)` is no size: write `\(option) \(example)`")
  }
}
