internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyDigest
internal import PolicyFormats
internal import PolicyReport
internal import PolicySyntax

/// Makes and reads plans for commands.
enum PlanInput {
  /// Decides, and seals what was decided.
  static func seal(_ result: (loaded: LoadedPolicy, sources: SourceSet), _ input: SnapshotInput) -> SealedPlan {
    let loaded = result.loaded
    let policy = loaded.policy
    let (digest, plan) = Together.run({ input.digest }, { Planner.plan(policy, on: input.snapshot) })
    return PlanCodec.seal(
      plan, policy: policy, files: loaded.files.map { (path: $0.path, sha256: SHA256Digest.hex(of: $0.bytes)) },
      locations: locations(loaded.sourceMap, result.sources, loaded.files), snapshotDigest: digest)
  }

  /// `file:line` of every rule, quota, pressure and never that was written somewhere.
  private static func locations(_ map: SourceMap, _ sources: SourceSet, _ files: [PolicyFile]) -> [String: String] {
    map.entries.mapValues { entry in
      let line = sources.position(at: entry.id).line
      let path = files.indices.contains(entry.id.file) ? files[entry.id.file].path : sources.sources[entry.id.file].path
      return "\(path):\(line)"
    }
  }

  static func read(_ path: String) throws -> SealedPlan {
    switch Files.read(path, limit: 1 << 30) {
    case .failure(let failure):
      Console.complain(
        "cannot read the plan `\(DisplayText.escape(path))`: \(failure.reason)",
        help: failure.isMissing ? "save one with `policy plan -p FILE -o plan.json`" : nil)
      throw ExitStatus.nothingChecked.code
    case .success(let bytes):
      return try decode(bytes, path)
    }
  }

  static func decode(_ bytes: [UInt8], _ path: String) throws -> SealedPlan {
    try InputKind.expect(.plan, bytes, path)
    let (plan, diagnostics) = PlanCodec.decode(bytes, path: path)
    if !diagnostics.isEmpty { Console.report(diagnostics, SourceText(path: path, bytes: bytes)) }
    guard let plan else { throw ExitStatus.findings.code }
    return plan
  }
}
