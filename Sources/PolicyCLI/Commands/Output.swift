internal import ArgumentParser
internal import PolicyDiagnostics
internal import PolicyReport

/// The one writer of files that the user names.
enum Output {
  /// - Parameter example: what such a file may be called.
  static func save(to path: String, example: String = "plan.json", _ produce: (([UInt8]) -> Void) -> Void) throws {
    if case .failure(let failure) = Files.write(to: path, produce) {
      let reason = failure.isMissing ? "there is no such directory" : failure.reason
      Console.complain(
        "cannot write `\(DisplayText.escape(path))`: \(reason)",
        help: failure.isFull
          ? "name a file on another volume, such as one in /dev/shm"
          : Folders.isFolder(path) ? "name a file in it, such as `\(DisplayText.escape(path))/\(example)`" : nil)
      throw ExitStatus.environment.code
    }
  }
}

extension Console {
  /// Findings about one file, on standard error.
  static func report(_ diagnostics: [Diagnostic], _ source: SourceText) {
    var sources = SourceSet()
    _ = sources.add(source)
    report(diagnostics, sources)
  }

  static func report(_ diagnostics: [Diagnostic], _ sources: SourceSet) {
    let ordered = diagnostics.inSourceOrder()
    if let first = ordered.first { remember(first.message) }
    say(DiagnosticText.render(ordered, sources, style: Surroundings.errorStyle))
  }
}
