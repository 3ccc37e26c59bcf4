internal import PolicyCore

/// A long list of the plan's object, whose items are made one at a time.
struct PlanList: Sendable {
  typealias Item = @Sendable (Int) -> JSONValue
  let key: String
  let count: Int
  let item: Item
  /// The same without source positions, for the digest.
  let covered: Item

  /// Items that one thread writes one after the other.
  private static let pieceSize = 64

  init(key: String, count: Int, covered: Item? = nil, item: @escaping Item) {
    self.key = key
    self.count = count
    self.item = item
    self.covered = covered ?? item
  }

  /// Hands on the items as canonical text with commas between them, each behind the same bytes.
  func write(_ item: @escaping Item, after lead: [UInt8] = [], _ take: ([UInt8]) -> Void) {
    OrderedPieces(items: count, of: Self.pieceSize) { range in
      var text: [UInt8] = []
      for index in range {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        text += lead
        CanonicalJSON.write(item(index), to: &text)
      }
      return text
    }.handOn(take)
  }
}

/// The object that a plan's file holds.
enum PlanJSON {
  static func encode(_ sealed: SealedPlan) -> JSONObject {
    var object = frame(sealed)
    for list in lists(sealed) { object[list.key] = .array((0..<list.count).map(list.item)) }
    return object
  }

  /// The lists that grow with the tree. As values, all of them at once would take many times the plan's memory.
  static func lists(_ sealed: SealedPlan) -> [PlanList] {
    let plan = sealed.plan
    return [
      PlanList(
        key: "actions", count: plan.actions.count,
        covered: { ActionJSON.encode(plan.actions[$0], id: sealed.ids[$0], locations: [:]) },
        item: { ActionJSON.encode(plan.actions[$0], id: sealed.ids[$0], locations: sealed.ruleLocations) }),
      PlanList(key: "held", count: plan.held.count) { OutcomeJSON.encode(plan.held[$0]) },
      PlanList(key: "undecided", count: plan.undecided.count) { OutcomeJSON.encode(plan.undecided[$0]) },
    ]
  }

  /// All but those lists, which are empty here.
  static func frame(_ sealed: SealedPlan) -> JSONObject {
    let plan = sealed.plan
    var object: JSONObject = ["format": .string(FormatVersion.plan.text)]
    object["policy"] = .object(policy(sealed.policyHeader))
    object["snapshot"] = .object(snapshot(sealed))
    object["summary"] = .object(summary(plan))
    for key in ["actions", "held", "undecided"] { object[key] = .array([]) }
    object.set("unmet", list: plan.unmet, OutcomeJSON.encode)
    object.set("checks", list: plan.checks, OutcomeJSON.encode)
    object.set("refusals", strings: plan.refusals)
    object["applyable"] = .bool(sealed.isApplyable)
    object.set("digest", text: sealed.digest)
    return object
  }

  private static func policy(_ header: SealedPlan.PolicyHeader) -> JSONObject {
    var object: JSONObject = ["digest": .string(header.digest), "language": .integer(Int64(header.language))]
    object.set("name", text: header.name)
    var params = JSONObject()
    for param in header.params {
      params[param.name] = param.isInteger ? Int64(param.value).map { .integer($0) } : .string(param.value)
    }
    object["params"] = .object(params)
    object.set("files", list: header.files) { ["path": .string($0.path), "sha256": .string($0.sha256)] }
    object["core"] = PolicyCodec.encode(header.core)
    return object
  }

  private static func snapshot(_ sealed: SealedPlan) -> JSONObject {
    let header = sealed.snapshotHeader
    var object: JSONObject = ["digest": .string(header.digest)]
    object.set("now", time: header.now)
    object.set("roots", list: header.roots) { .object(RootJSON.encode($0, withHost: !$0.host.isEmpty)) }
    object.set("runs", count: header.runs)
    object.set("checkpoints", count: header.checkpoints)
    object.set("unreadable", count: header.unreadable)
    return object
  }

  // MARK: Summary

  /// Worked out from the actions and counts: each run and each checkpoint is counted once in its kind.
  static func summary(_ plan: Plan) -> JSONObject {
    var object = JSONObject()
    for verb in ActionVerb.allCases {
      var (count, bytes): (Int64, Int64) = (0, 0)
      for action in plan.actions where action.verb == verb {
        count += 1
        bytes = bytes.addingReportingOverflow(action.bytes).partialValue
      }
      object[verb.rawValue] = ["count": .integer(count), "bytes": .integer(bytes)]
    }
    object.set("kept", count: plan.counts.runs.kept)
    object.set("protected", count: plan.counts.runs.protected)
    object.set("undecided", count: plan.counts.runs.undecided)
    object["runs"] = counts(plan.counts.runs)
    object["checkpoints"] = counts(plan.counts.checkpoints)
    object.set("skipped_by_quota", count: plan.counts.skippedByQuota)
    return object
  }

  private static func counts(_ kind: Plan.Counts.Kind) -> JSONValue {
    [
      "total": .integer(Int64(kind.total)), "trash": .integer(Int64(kind.trash)),
      "archive": .integer(Int64(kind.archive)), "with_run": .integer(Int64(kind.withRun)),
      "protected": .integer(Int64(kind.protected)), "undecided": .integer(Int64(kind.undecided)),
      "kept": .integer(Int64(kind.kept)),
    ]
  }

  static func counts(_ fields: JSONFields) throws(FormatError) -> Plan.Counts.Kind {
    var kind = Plan.Counts.Kind()
    kind.total = try fields.int("total")
    kind.trash = try fields.int("trash")
    kind.archive = try fields.int("archive")
    kind.withRun = try fields.int("with_run")
    kind.protected = try fields.int("protected")
    kind.undecided = try fields.int("undecided")
    kind.kept = try fields.int("kept")
    return kind
  }
}
