internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax

/// Loads policy files for commands, and says what is wrong with them.
enum PolicyInput {
  static func load(_ options: PolicyOptions) throws -> (loaded: LoadedPolicy, sources: SourceSet) {
    try load(options.policy, set: options.assignments())
  }

  /// The policy, or the end of the command with its diagnostics on standard error.
  static func load(
    _ path: String, set: [(name: String, value: String)] = []
  ) throws -> (loaded: LoadedPolicy, sources: SourceSet) {
    let result = try read(path, set: set)
    let errors = result.diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty {
      Console.say(DiagnosticText.render(errors.inSourceOrder(), result.sources, style: Surroundings.errorStyle))
    }
    guard let loaded = result.loaded else { throw ExitStatus.findings.code }
    return (loaded, result.sources)
  }

  /// Everything there is to say about a policy file; a file that is not there ends the command (3).
  static func read(_ path: String, set: [(name: String, value: String)] = []) throws -> LoadResult {
    if case .failure(let failure) = Files.read(path, limit: 1 << 20) {
      Console.complain(
        "cannot read the policy `\(DisplayText.escape(ByteString(path)))`: \(failure.reason)",
        help: failure.isMissing ? "name an existing file: `-p policies/yolofuse/policy.yaml`" : nil)
      throw (failure.isMissing ? ExitStatus.nothingChecked : .findings).code
    }
    return PolicyLoader.load(path, set: set) { path in
      switch Files.read(path, limit: 2 << 20) {
      case .success(let bytes): .success(bytes)
      case .failure(let failure): .failure(ReadFailure(reason: failure.reason))
      }
    }
  }
}
