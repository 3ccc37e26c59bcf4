internal import ArgumentParser
internal import PolicyDiagnostics
internal import PolicyReport

/// The one writer of files that the user names.
enum Output {
  static func save(_ bytes: [UInt8], to path: String) throws {
    if case .failure(let failure) = Files.write(bytes, to: path) {
      let reason = failure.isMissing ? "there is no such directory" : failure.reason
      Console.complain("cannot write `\(DisplayText.escape(path))`: \(reason)")
      throw ExitStatus.environment.code
    }
  }
}

extension Console {
  /// Findings about one file, on standard error.
  static func report(_ diagnostics: [Diagnostic], _ source: SourceText) {
    var sources = SourceSet()
    _ = sources.add(source)
    say(DiagnosticText.render(diagnostics.inSourceOrder(), sources, style: Surroundings.errorStyle))
  }
}
