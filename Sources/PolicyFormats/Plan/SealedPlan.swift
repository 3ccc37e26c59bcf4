public import PolicyCore

/// A plan with everything that a file of it holds: ids, digests, and the policy that decided.
///
/// Made by `PlanCodec.seal` or read by `PlanCodec.decode`; equal plans have equal bytes.
public struct SealedPlan: Sendable, Equatable {
  /// A file that the policy was read from.
  public struct PolicyFile: Sendable, Equatable {
    /// Relative to the main policy's folder.
    public let path: String
    /// 64 hexadecimal digits.
    public let sha256: String
    public init(path: String, sha256: String) {
      self.path = path
      self.sha256 = sha256
    }
  }

  public struct PolicyHeader: Sendable, Equatable {
    /// Of the core: `sha256:…`.
    public let digest: String
    public let files: [PolicyFile]
    /// The resolved policy.
    public let core: Policy
    public var name: String? { core.name }
    public var language: Int { Policy.languageVersion }
    public var params: [Param] { core.params }
  }

  public struct SnapshotHeader: Sendable, Equatable {
    public let digest: String
    public let now: Timestamp
    public let roots: [Root]
    public let runs: Int
    public let checkpoints: Int
    public let unreadable: Int
  }

  /// Its readings are sorted by fact, as JSON objects are.
  public let plan: Plan
  /// Parallel to `plan.actions`: unique, eight letters or more.
  public let ids: [String]
  public let policyHeader: PolicyHeader
  public let snapshotHeader: SnapshotHeader
  /// Where the rules that want something were written: `policies/box.yaml:40` by rule id. Not covered by the digest.
  public let ruleLocations: [String: String]
  /// `sha256:` and 64 hexadecimal digits; covers everything but places and hashes of files.
  public internal(set) var digest: String

  /// Whether `apply` may take it up: nothing refuses it, and it can find again what it speaks of.
  public var isApplyable: Bool { obstacles.isEmpty }

  /// Why it may not be applied, in sentences without a full stop; empty when it may.
  public var obstacles: [String] {
    var obstacles = plan.refusals
    if !plan.roots.allSatisfy({ !$0.host.isEmpty && $0.device != nil && $0.inode != nil }) {
      obstacles.append("the snapshot was written by hand: it does not say which directories its roots are")
    }
    if plan.actions.contains(where: { $0.verb != .purge && $0.expect == nil }) {
      obstacles.append("the snapshot was written by hand: it lacks the identity of what the plan would move")
    }
    return obstacles
  }
}
