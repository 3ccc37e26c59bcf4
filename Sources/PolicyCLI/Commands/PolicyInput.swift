internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax
internal import PolicyTesting

/// Loads policy files for commands, and says what is wrong with them.
enum PolicyInput {
  static func load(_ options: PolicyOptions) throws -> (loaded: LoadedPolicy, sources: SourceSet) {
    try load(try options.policy, set: options.assignments())
  }

  /// The policy, or the end of the command with its diagnostics on standard error.
  static func load(
    _ path: String, set: [(name: String, value: String)] = []
  ) throws -> (loaded: LoadedPolicy, sources: SourceSet) {
    let result = try read(path, set: set)
    let errors = result.diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { Console.report(errors, result.sources) }
    guard let loaded = result.loaded else { throw ExitStatus.findings.code }
    return (loaded, result.sources)
  }

  /// Everything there is to say about a policy file; one that cannot be read ends the command (3).
  static func read(_ path: String, set: [(name: String, value: String)] = []) throws -> LoadResult {
    switch Files.read(path, limit: 1 << 20) {
    case .success(let bytes):
      try InputKind.expect(.policy, bytes, path)
      try refuseCases(bytes, path)
    case .failure(let failure):
      Console.complain(
        "cannot read the policy `\(DisplayText.escape(path))`: \(failure.reason)",
        help: failure.isTooLarge
          ? "is this the right file? parts of a long policy go to files of their own, named under `imports`"
          : failure.isDenied
            ? "its owner can let you: `chmod a+r \(DisplayText.escape(path))`"
            : "name an existing file, such as `policies/yolofuse/policy.yaml`")
      throw (failure.isTooLarge ? ExitStatus.findings : .nothingChecked).code
    }
    return PolicyLoader.load(path, set: set) { path in
      switch Files.read(path, limit: 2 << 20) {
      case .success(let bytes): .success(bytes)
      case .failure(let failure): .failure(ReadFailure(reason: failure.reason))
      }
    }
  }

  /// A file of cases belongs to another command.
  private static func refuseCases(_ bytes: [UInt8], _ path: String) throws {
    guard CaseReader.policyPath(SourceText(path: path, bytes: bytes)) != nil else { return }
    let name = DisplayText.escape(path)
    Console.complain(
      "`\(name)` is a file of cases, not a policy",
      help: "run them: `policy test \(name)`; to check the policy, name the file that stands after `policy:` in it")
    throw ExitStatus.usage.code
  }
}
