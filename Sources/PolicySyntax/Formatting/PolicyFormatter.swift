public import PolicyDiagnostics
internal import PolicyYAML

/// The canonical layout of a policy file.
public enum PolicyFormatter {
  /// The file as it should look. Comments stay with what they stand before or beside; what is written inside of
  /// scalars, flow lists and flow mappings is not touched; only where all of the file is in braces, its keys become a
  /// block. `nil` for a file that cannot be read as YAML.
  ///
  /// Whoever writes the result must check first that it still means the same.
  public static func format(_ source: SourceText) -> [UInt8]? {
    let (root, diagnostics) = YAMLReader.read(source, file: 0)
    guard let root, diagnostics.isEmpty, case .mapping = root.content else { return nil }
    var layout = PolicyLayout(source: source, comments: CommentScan.comments(source, root))
    return layout.file(root)
  }

  /// A file that only others import, with some roots of its own, so that it can be loaded.
  public static func givenRoots(_ source: SourceText) -> [UInt8] {
    let roots = "roots: [runs]"
    guard let root = YAMLReader.read(source, file: 0).root, source.isFlow(root) else {
      return source.bytes + Array("\n\(roots)\n".utf8)
    }
    let start = root.span.range.lowerBound + 1
    return source.bytes[..<start] + Array("\(roots), ".utf8) + source.bytes[start...]
  }

  /// The comments of a file, sorted: formatting loses none and makes none.
  public static func comments(_ source: SourceText) -> [String]? {
    guard let root = YAMLReader.read(source, file: 0).root else { return nil }
    return CommentScan.comments(source, root).map { String(decoding: source.bytes[$0.range], as: UTF8.self).trimmedEnd }
      .sorted()
  }
}

extension SourceText {
  /// Written with brackets or braces.
  func isFlow(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar: return false
    case .mapping, .sequence:
      guard bytes.indices.contains(node.span.range.lowerBound) else { return false }
      return [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(bytes[node.span.range.lowerBound])
    }
  }
}

extension String {
  var trimmedEnd: String {
    var text = self[...]
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
