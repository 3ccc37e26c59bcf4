public import PolicyDiagnostics

/// Reads policy files: the system's libyaml says what the events are, we say what may stand in a policy and where it stood.
public enum YAMLReader {
  /// How deep collections may nest, and how many nodes a document may have. libyaml itself has no limits.
  public static let largestDepth = 64
  public static let mostNodes = 100_000

  /// Reads exactly one document. The root is `nil` when nothing usable came out; the diagnostics are in source order.
  public static func read(_ source: SourceText, file: Int) -> (root: YAMLNode?, diagnostics: [Diagnostic]) {
    let admission = SourceAdmission(source, file: file)
    guard admission.diagnostics.isEmpty else { return (nil, admission.diagnostics.inSourceOrder()) }
    let index = CodePointIndex(source.bytes, from: admission.textStart)
    return unsafe source.bytes.withUnsafeBufferPointer { bytes in
      let text = unsafe UnsafeBufferPointer(rebasing: bytes[admission.textStart...])
      guard let parser = unsafe LibYAMLParser(text, index: index) else {
        return (nil, [Diagnostic("P0023", .error, "there is not enough memory to read this file", at: nil)])
      }
      var composer = NodeComposer(parser, source, file: file)
      let root = composer.document()
      return (root, composer.diagnostics.inSourceOrder())
    }
  }
}
