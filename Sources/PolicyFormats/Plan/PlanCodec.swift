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
    var sealed = SealedPlan(
      plan: plan, ids: ActionIdentifiers.of(plan.actions),
      policyHeader: SealedPlan.PolicyHeader(digest: PolicyCodec.digest(policy), files: files, core: policy),
      snapshotHeader: SealedPlan.SnapshotHeader(
        digest: snapshotDigest, now: plan.now, roots: plan.roots, runs: plan.counts.runs.total,
        checkpoints: plan.counts.checkpoints.total, unreadable: plan.counts.unreadable),
      ruleLocations: locations.filter { named.contains($0.key) }, digest: "")
    sealed.digest = digest(of: PlanJSON.frame(sealed), PlanJSON.lists(sealed))
    return sealed
  }

  /// The bytes of the plan's file. Equal plans give equal bytes.
  public static func encode(_ sealed: SealedPlan) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(sealed) { bytes += $0 }
    return bytes
  }

  /// The same in pieces.
  public static func encode(_ sealed: SealedPlan, _ take: ([UInt8]) -> Void) {
    PlanLayout.render(PlanJSON.frame(sealed), PlanJSON.lists(sealed), take)
  }

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
  ///
  /// - Parameter lists: take the place of members of the same name.
  static func digest(of plan: JSONObject, _ lists: [PlanList] = []) -> String {
    var covered = plan
    covered["digest"] = nil
    if var policy = plan["policy"]?.objectValue {
      policy["files"] = policy["files"]?.mappingItems { $0["sha256"] = nil }
      covered["policy"] = .object(policy)
    }
    var hash = SHA256Digest()
    for (index, member) in covered.canonicalMembers.enumerated() {
      var start = [index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ",")]
      CanonicalJSON.write(member.key, to: &start)
      hash.update(start + [UInt8(ascii: ":")])
      var list = lists.first { $0.key == member.key }
      if list == nil, case .array(let items) = member.value {
        let isOfActions = member.key == "actions"
        list = PlanList(key: member.key, count: items.count) {
          guard isOfActions, case .object(var action) = items[$0] else { return items[$0] }
          action["because"] = action["because"]?.mappingItems { $0["at"] = nil }
          return .object(action)
        }
      }
      guard let list else {
        hash.update(CanonicalJSON.encode(member.value))
        continue
      }
      hash.update("[")
      list.write(list.covered) { hash.update($0) }
      hash.update("]")
    }
    hash.update(covered.isEmpty ? "{}" : "}")
    return "sha256:" + Hexadecimal.encode(hash.finish())
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
  fileprivate consuming func withSortedReadings() -> Plan {
    /// Nearly always they are in order already; then nothing is touched, and the plan's tables are not copied.
    func sort(_ readings: [FactReading], _ change: ([FactReading]) -> Void) {
      let isSorted = zip(readings, readings.dropFirst()).allSatisfy { CanonicalJSON.precedes($0.fact, $1.fact) }
      if isSorted { return }
      var unique: [FactReading] = []
      for reading in readings where !unique.contains(where: { $0.fact.hasSameBytes(as: reading.fact) }) {
        unique.append(reading)
      }
      change(unique.sorted { CanonicalJSON.precedes($0.fact, $1.fact) })
    }
    var plan = self
    for action in plan.actions.indices {
      for (place, reason) in plan.actions[action].because.enumerated() {
        sort(reason.readings) { plan.actions[action].because[place].readings = $0 }
        sort(reason.group) { plan.actions[action].because[place].group = $0 }
      }
      for (place, miss) in plan.actions[action].notKept.enumerated() {
        sort(miss.readings) { plan.actions[action].notKept[place].readings = $0 }
      }
    }
    for entry in plan.undecided.indices {
      for (place, question) in plan.undecided[entry].questions.enumerated() {
        sort(question.unknown) { plan.undecided[entry].questions[place].unknown = $0 }
      }
    }
    for (place, entry) in plan.unmet.enumerated() { sort(entry.group) { plan.unmet[place].group = $0 } }
    return plan
  }
}
