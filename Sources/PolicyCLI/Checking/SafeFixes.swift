internal import PolicyDiagnostics
internal import PolicySyntax

/// Applies the fixes that are sure to mean what was meant.
enum SafeFixes {
  /// The new bytes of every file that changes, by its place among the sources, and how many findings that settles.
  static func apply(_ diagnostics: [Diagnostic], _ sources: SourceSet) -> (files: [Int: [UInt8]], count: Int) {
    var edits: [Diagnostic.Fix.Edit] = []
    var count = 0
    for diagnostic in diagnostics {
      guard let fix = diagnostic.fixes.first(where: { $0.applicability == .safe }) else { continue }
      // Of two that touch the same text the first one wins; the other is found again on the next round.
      let clashes = fix.edits.contains { edit in edits.contains { overlap($0.span, edit.span) } }
      guard !clashes else { continue }
      edits += fix.edits
      count += 1
    }
    var files: [Int: [UInt8]] = [:]
    for file in Set(edits.map(\.span.file)).sorted() where sources.sources[file].path != "--set" {
      var bytes = sources.sources[file].bytes
      let own = edits.filter { $0.span.file == file }.sorted { $0.span.range.lowerBound > $1.span.range.lowerBound }
      for edit in own { bytes.replaceSubrange(edit.span.range, with: Array(edit.replacement.utf8)) }
      files[file] = bytes
    }
    return (files, count)
  }

  /// Whether a policy that could be used means the same with the new bytes; one with errors meant nothing yet.
  static func keepMeaning(of check: PolicyCheck, set: [String], _ files: [Int: [UInt8]]) throws -> Bool {
    guard let before = check.loaded?.policy else { return true }
    let sources = check.sources.sources
    let changed = Dictionary(files.map { (sources[$0.key].path, $0.value) }, uniquingKeysWith: { first, _ in first })
    let after = PolicyLoader.load(check.file, set: try PolicyOptions.assignments(set)) { path in
      if let bytes = changed[path] { return .success(bytes) }
      return Files.read(path, limit: 2 << 20).mapError { ReadFailure(reason: $0.reason) }
    }
    return after.loaded?.policy == before
  }

  private static func overlap(_ left: SourceSpan, _ right: SourceSpan) -> Bool {
    left.file == right.file && left.range.lowerBound <= right.range.upperBound
      && right.range.lowerBound <= left.range.upperBound
  }
}
