internal import PolicyCore
internal import PolicyDiagnostics

/// Why a file cannot be taken for a plan.
struct PlanFault: Error {
  enum Code: String {
    case format = "P0411"
    case broken = "P0412"
    case wrong = "P0413"
    case changed = "P0414"
  }
  let code: Code
  let message: String
  let range: Range<Int>
  var help: String?

  init(_ code: Code, _ message: String, _ range: Range<Int>, help: String? = nil) {
    self.code = code
    self.message = message
    self.range = range
    self.help = help
  }

  func diagnostic(in bytes: [UInt8]) -> Diagnostic {
    let start = min(range.lowerBound, bytes.count)
    let span = SourceSpan(file: 0, range: start..<min(max(range.upperBound, start), bytes.count))
    return Diagnostic(code.rawValue, .error, message, at: span, help: help)
  }
}

/// Reads a plan and proves that its parts belong together.
enum PlanDecoder {
  static func decode(_ bytes: [UInt8]) throws(PlanFault) -> SealedPlan {
    let object: JSONObject
    do throws(JSONError) {
      guard case .object(let read) = try JSONReader.parse(bytes) else {
        throw JSONError(offset: 0, message: "expected `{`")
      }
      object = read
    } catch {
      throw PlanFault(
        .broken, "broken JSON: \(error.message)", error.offset..<error.offset + 1,
        help: "the file was cut short or damaged: save the plan again with `policy plan -o`")
    }
    do throws(FormatError) {
      let fields = try JSONFields(.object(object))
      try checkFormat(fields, bytes)
    } catch {
      let help = "a plan holds `\"format\": \"\(FormatVersion.plan.text)\"`"
      throw PlanFault(.format, error.message, error.path.range(in: bytes), help: help)
    }
    let digest = object["digest"]
    guard case .string(let sealedDigest) = digest, sealedDigest.hasSameBytes(as: PlanCodec.digest(of: object)) else {
      throw changed("the plan was changed by hand after it was made: its digest does not match", "digest", bytes)
    }
    let sealed: SealedPlan
    do throws(FormatError) {
      sealed = try plan(try JSONFields(.object(object)), digest: sealedDigest)
    } catch {
      throw wrong(error.message, error.path, bytes)
    }
    try checkDerived(sealed, object, bytes)
    return sealed
  }

  private static func changed(_ message: String, _ key: String, _ bytes: [UInt8]) -> PlanFault {
    PlanFault(
      .changed, message, JSONPath().appending(key).range(in: bytes),
      help: "make a new plan: to decide otherwise, change the policy, not the plan")
  }

  private static func wrong(_ message: String, _ path: JSONPath, _ bytes: [UInt8]) -> PlanFault {
    PlanFault(
      .wrong, message, path.range(in: bytes),
      help: "its digest is right, so the program that made it made it wrong: make it with `policy plan -o`")
  }

  private static func checkFormat(_ fields: JSONFields, _ bytes: [UInt8]) throws(FormatError) {
    if let refusal = FormatVersion.plan.refusal(of: try fields.string("format")) {
      throw FormatError(problem: .wrong, message: refusal, path: fields.path.appending("format"))
    }
  }

  /// What is worked out from the rest must be what it says, or somebody wrote the file with other tools than ours.
  private static func checkDerived(_ sealed: SealedPlan, _ object: JSONObject, _ bytes: [UInt8]) throws(PlanFault) {
    let derived = PlanJSON.frame(sealed)
    guard object["applyable"] == derived["applyable"] else {
      throw changed("`applyable` does not follow from the rest of the plan", "applyable", bytes)
    }
    guard object["policy"]?["digest"] == derived["policy"]?["digest"] else {
      throw changed("the digest of the plan's policy does not match the policy", "policy", bytes)
    }
    let written = (object["actions"]?.arrayValue ?? []).map { $0["id"] }
    guard written == sealed.ids.map({ .string($0) }) else {
      throw changed("an `id` does not follow from its action", "actions", bytes)
    }
    guard Set(sealed.ids).count == sealed.ids.count else {
      throw wrong("`actions` holds an action twice", JSONPath().appending("actions"), bytes)
    }
    for key in ["trash", "archive", "backup", "purge"] where object["summary"]?[key] != derived["summary"]?[key] {
      throw changed("`summary` does not follow from the actions", "summary", bytes)
    }
  }

  private static func plan(_ fields: JSONFields, digest: String) throws(FormatError) -> SealedPlan {
    let (policy, snapshot, summary) = (
      try fields.fields("policy"), try fields.fields("snapshot"), try fields.fields("summary")
    )
    guard try policy.integer("language") == Int64(Policy.languageVersion) else {
      throw .wrong(policy.path.appending("language"), "\(Policy.languageVersion), the language that this version reads")
    }
    var counts = Plan.Counts()
    counts.runs = try PlanJSON.counts(try summary.fields("runs"))
    counts.checkpoints = try PlanJSON.counts(try summary.fields("checkpoints"))
    counts.unreadable = try snapshot.int("unreadable")
    counts.skippedByQuota = try summary.optionalInt("skipped_by_quota") ?? 0
    for key in ["actions", "held", "undecided", "unmet", "checks", "refusals", "applyable"] {
      _ = try fields.value(key)
    }
    let plan = Plan(
      now: try snapshot.time("now"),
      roots: try snapshot.map("roots") { root throws(FormatError) in try RootJSON.decode(root, host: "") },
      actions: try fields.map("actions", ActionJSON.action), held: try fields.map("held", OutcomeJSON.held),
      undecided: try fields.map("undecided", OutcomeJSON.undecided),
      unmet: try fields.map("unmet", OutcomeJSON.unmet), checks: try fields.map("checks", OutcomeJSON.check),
      counts: counts, refusals: try fields.strings("refusals"))
    let files = try policy.map("files") { file throws(FormatError) in
      SealedPlan.PolicyFile(path: try file.string("path"), sha256: try file.string("sha256"))
    }
    let core = try PolicyCodec.decode(try policy.fields("core"))
    return SealedPlan(
      plan: plan, ids: ActionIdentifiers.of(plan.actions),
      policyHeader: SealedPlan.PolicyHeader(digest: PolicyCodec.digest(core), files: files, core: core),
      snapshotHeader: SealedPlan.SnapshotHeader(
        digest: try snapshot.string("digest"), now: plan.now, roots: plan.roots, runs: counts.runs.total,
        checkpoints: counts.checkpoints.total, unreadable: counts.unreadable),
      ruleLocations: try locations(fields), digest: digest)
  }

  private static func locations(_ fields: JSONFields) throws(FormatError) -> [String: String] {
    var locations: [String: String] = [:]
    for action in try fields.list("actions") {
      for reason in try JSONFields(action.value, at: action.path).list("because") {
        let reason = try JSONFields(reason.value, at: reason.path)
        if let location = try reason.optionalString("at") { locations[try reason.string("rule")] = location }
      }
    }
    return locations
  }
}
