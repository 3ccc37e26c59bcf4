public import PolicyCore
public import PolicyDiagnostics
internal import PolicyDigest

/// `policy-plan/1.0`: one JSON object, canonical, one action a line.
public enum PlanCodec {
  /// Gives a plan its ids and digests.
  ///
  /// - Parameters:
  ///   - policy: the resolved policy, implicit rules included.
  ///   - files: what it was read from, main file first, with 64 hexadecimal digits each.
  ///   - locations: `file:line` by rule id; only those of rules that want an action are kept.
  ///   - snapshotDigest: `SnapshotCodec.digest`, or the merger's.
  public static func seal(
    _ plan: Plan, policy: Policy, files: [(path: String, sha256: String)], locations: [String: String],
    snapshotDigest: String
  ) -> SealedPlan {
    seal(
      plan, policy: policy, files: files.map { SealedPlan.PolicyFile(path: $0.path, sha256: $0.sha256) },
      locations: locations, snapshotDigest: snapshotDigest)
  }

  static func seal(
    _ plan: Plan, policy: Policy, files: [SealedPlan.PolicyFile], locations: [String: String],
    snapshotDigest: String
  ) -> SealedPlan {
    let plan = plan.withSortedReadings()
    let named = Set(plan.actions.flatMap { $0.because.map(\.rule) })
    func sealed(_ digest: String) -> SealedPlan {
      SealedPlan(
        plan: plan, ids: ActionIdentifiers.of(plan.actions),
        policyHeader: SealedPlan.PolicyHeader(digest: PolicyCodec.digest(policy), files: files, core: policy),
        snapshotHeader: SealedPlan.SnapshotHeader(
          digest: snapshotDigest, now: plan.now, roots: plan.roots, runs: plan.counts.runs.total,
          checkpoints: plan.counts.checkpoints.total, unreadable: plan.counts.unreadable),
        ruleLocations: locations.filter { named.contains($0.key) }, digest: digest)
    }
    return sealed(digest(of: PlanJSON.encode(sealed(""))))
  }

  /// The bytes of the plan's file. Equal plans give equal bytes.
  public static func encode(_ sealed: SealedPlan) -> [UInt8] { PlanLayout.render(PlanJSON.encode(sealed)) }

  public static func json(_ sealed: SealedPlan) -> JSONValue { .object(PlanJSON.encode(sealed)) }

  /// Reads a plan strictly: unknown keys are ignored, but a plan whose digest does not match was changed by hand.
  ///
  /// - Parameter path: as the user named it; spans point into `SourceText(path:bytes:)` as file 0.
  /// - Returns: `nil` iff there is a diagnostic.
  public static func decode(_ bytes: [UInt8], path: String) -> (plan: SealedPlan?, diagnostics: [Diagnostic]) {
    do throws(PlanFault) {
      return (try PlanDecoder.decode(bytes), [])
    } catch {
      return (nil, [error.diagnostic(in: bytes)])
    }
  }

  /// The digest of a plan's object: of all but the digest itself, source positions and hashes of policy files.
  static func digest(of plan: JSONObject) -> String {
    var covered = plan
    covered["digest"] = nil
    covered["actions"] = plan["actions"]?.mappingItems { action in
      action["because"] = action["because"]?.mappingItems { $0["at"] = nil }
    }
    if var policy = plan["policy"]?.objectValue {
      policy["files"] = policy["files"]?.mappingItems { $0["sha256"] = nil }
      covered["policy"] = .object(policy)
    }
    return "sha256:" + SHA256Digest.hex(of: CanonicalJSON.encode(.object(covered)))
  }
}

extension JSONValue {
  /// A list with its objects changed; any other value as it is.
  fileprivate func mappingItems(_ change: (inout JSONObject) -> Void) -> JSONValue {
    guard case .array(let items) = self else { return self }
    return .array(
      items.map { item in
        guard case .object(var object) = item else { return item }
        change(&object)
        return .object(object)
      })
  }
}

extension Plan {
  /// Readings become members of JSON objects, which have no order of their own: by fact, the first of equals.
  fileprivate func withSortedReadings() -> Plan {
    func sorted(_ readings: [FactReading]) -> [FactReading] {
      var unique: [FactReading] = []
      for reading in readings where !unique.contains(where: { $0.fact.hasSameBytes(as: reading.fact) }) {
        unique.append(reading)
      }
      return unique.sorted { CanonicalJSON.precedes($0.fact, $1.fact) }
    }
    var plan = self
    for action in plan.actions.indices {
      for reason in plan.actions[action].because.indices {
        plan.actions[action].because[reason].readings = sorted(plan.actions[action].because[reason].readings)
        plan.actions[action].because[reason].group = sorted(plan.actions[action].because[reason].group)
      }
      for miss in plan.actions[action].notKept.indices {
        plan.actions[action].notKept[miss].readings = sorted(plan.actions[action].notKept[miss].readings)
      }
    }
    for entry in plan.undecided.indices {
      for question in plan.undecided[entry].questions.indices {
        plan.undecided[entry].questions[question].unknown = sorted(plan.undecided[entry].questions[question].unknown)
      }
    }
    for entry in plan.unmet.indices { plan.unmet[entry].group = sorted(plan.unmet[entry].group) }
    return plan
  }
}
