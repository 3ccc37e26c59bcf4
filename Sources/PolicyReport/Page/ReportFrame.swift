internal import PolicyCore
internal import PolicyFormats

/// Everything in a page's data that does not grow with the runs.
enum ReportFrame {
  /// Sentences that it needs get their places in `columns`.
  static func encode(_ report: PlanReport, _ rows: [ReportRow], _ columns: inout ReportColumns) -> JSONObject {
    let (sealed, plan) = (report.sealed, report.sealed.plan)
    var object: JSONObject = [
      "format": "policy-report/1.0", "language": .string(report.language.rawValue),
      "name": .string(DisplayText.escape(sealed.policyHeader.name ?? "policy")), "digest": .string(sealed.digest),
      "policy": .string(sealed.policyHeader.digest), "now": .string(plan.now.rfc3339),
      "isWhole": .bool(report.snapshot != nil), "curves": .string(curves(report.curves)),
      "fates": .array(Fate.allCases.map { .string($0.rawValue) }),
      "states": .array(FactSchema.states.map { .string($0) }),
      "verbs": .array(ReportColumns.verbs.map { .string($0) }),
      "goingItems": .integer(
        Int64(plan.actions.count { $0.kind == .checkpoint && $0.verb != .backup && $0.record == nil })),
    ]
    object["roots"] = .array(roots(sealed).map { .string($0) })
    object["frees"] = .object(frees(plan))
    object["volumes"] = .array(volumes(report).map { .object($0) })
    object["checks"] = .array(plan.checks.map { .object(check($0)) })
    let sentences = { (list: [Bilingual], columns: inout ReportColumns) -> JSONValue in
      .array(list.map { .integer(Int64(columns.place(of: $0))) })
    }
    object["refusals"] = sentences(ReportSentences.refusals(plan), &columns)
    object["unmet"] = sentences(plan.unmet.map(ReportSentences.unmet), &columns)
    object["notes"] = sentences(report.notes.map(ReportSentences.note), &columns)
    object["metrics"] = .array(columns.metrics.values.map { .object(["name": .string(DisplayText.escape($0))]) })
    object["rules"] = .array(rules(columns.rules.values, sealed).map { .object($0) })
    return object
  }

  private static func curves(_ curves: PlanReport.Curves) -> String {
    switch curves {
    case .read: "read"
    case .off: "off"
    case .away: "away"
    }
  }

  /// `gpu1:/data/runs`
  static func roots(_ sealed: SealedPlan) -> [String] {
    sealed.snapshotHeader.roots.map { root in
      (root.host.isEmpty ? "" : DisplayText.escape(root.host) + ":") + DisplayText.escape(root.path)
    }
  }

  private static func frees(_ plan: Plan) -> JSONObject {
    let going = plan.actions.filter { $0.verb != .backup }
    var object: JSONObject = [
      "bytes": .integer(going.map(\.bytes).sum), "count": .integer(Int64(going.count)),
      "now": .integer(plan.actions.map(\.freesNow).sum), "later": .integer(plan.actions.map(\.freesLater).sum),
    ]
    switch PlanPage.wait(plan.actions) {
    case .uniform(let wait): object["wait"] = .string(wait.spelled)
    case .byHand: object["wait"] = .null
    case .various: object["wait"] = ""
    }
    return object
  }

  /// Those that hold the roots, each with what becomes free on it.
  private static func volumes(_ report: PlanReport) -> [JSONObject] {
    guard let snapshot = report.snapshot else { return [] }
    let places = Set(snapshot.roots.compactMap { snapshot.volume(host: $0.host, path: $0.path) })
    let isOneHost = Set(snapshot.volumes.map(\.host)).count < 2
    return snapshot.volumes.indices.filter { places.contains($0) && snapshot.volumes[$0].size > 0 }.map { index in
      let volume = snapshot.volumes[index]
      let here = report.sealed.plan.actions.filter { $0.host == volume.host && $0.freesVolume == volume.path }
      let host = isOneHost ? "" : DisplayText.escape(volume.host) + ":"
      return [
        "path": .string(host + DisplayText.escape(volume.path)), "size": .integer(volume.size),
        "used": .integer(volume.used), "now": .integer(here.map(\.freesNow).sum),
        "later": .integer(here.map(\.freesLater).sum),
      ]
    }
  }

  private static func check(_ check: Check) -> JSONObject {
    var object: JSONObject = [
      "ok": .bool(check.holds),
      "name": .string(DisplayText.escape(check.subject == .never ? "never \(check.name)" : check.name)),
    ]
    if check.subject == .limit {
      object["value"] = .string(PlanPage.value(check))
      object["max"] = .string(PlanPage.maximum(check))
    }
    return object
  }

  /// Rules by place, with what each wants gone. A thing that several want counts for each of them.
  private static func rules(_ ids: [String], _ sealed: SealedPlan) -> [JSONObject] {
    var sums: [String: (count: Int64, bytes: Int64)] = [:]
    for action in sealed.plan.actions {
      for reason in action.because {
        let old = sums[reason.rule] ?? (0, 0)
        sums[reason.rule] = (old.count + 1, old.bytes.addingReportingOverflow(action.bytes).partialValue)
      }
    }
    let texts = Dictionary(
      sealed.policyHeader.core.rules.map { ($0.id, $0.because ?? "") }, uniquingKeysWith: { first, _ in first })
    return ids.map { id in
      [
        "id": .string(DisplayText.escape(id)), "at": .string(DisplayText.escape(sealed.ruleLocations[id] ?? "")),
        "text": .string(DisplayText.escape(texts[id] ?? "")), "count": .integer(sums[id]?.count ?? 0),
        "bytes": .integer(sums[id]?.bytes ?? 0),
      ]
    }
  }
}

/// Sentences of the page that are not about one run.
enum ReportSentences {
  /// Why a plan is refused, each in a sentence.
  static func refusals(_ plan: Plan) -> [Bilingual] {
    let english = PlanPage.refusals(of: plan)
    let failing = plan.checks.filter { !$0.holds }
    guard failing.count == english.count else { return english.map { Bilingual($0) } }
    return zip(english, failing).map { Bilingual($0, refusal($1)) }
  }

  private static func refusal(_ check: Check) -> String {
    switch check.subject {
    case .limit: return "限额 \(check.name)：\(PlanPage.value(check))，最多允许 \(PlanPage.maximum(check))"
    case .never:
      let named = check.violators.prefix(3).map { DisplayText.escape($0) }.joined(separator: "、")
      let more = check.violators.count > 3 ? "，还有 \(check.violators.count - 3) 个" : ""
      return "never \(check.name) 不成立" + (named.isEmpty ? "" : "：\(named)\(more) 会被移走")
    }
  }

  static func unmet(_ unmet: Unmet) -> Bilingual {
    let group = unmet.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
    let want = unmet.want == .quota ? "配额" : "压力"
    var text = "\(want) \(unmet.id)：\(group.isEmpty ? "全部" : group) 仍占 \(Quantities.size(unmet.usage))，"
    text += "目标 \(Quantities.size(unmet.target))"
    if unmet.later > 0 { text += "；其中 \(Quantities.size(unmet.later)) 在清空回收站后释放" }
    if !unmet.heldBy.isEmpty { text += "；被 \(unmet.heldBy.joined(separator: "、")) 保留" }
    return Bilingual(PlanPage.unmet(unmet), text)
  }

  static func note(_ note: ReportNote) -> Bilingual {
    switch note {
    case .unseenRoot(let root, let reason):
      let name = DisplayText.escape(root)
      let words = DisplayText.escape(reason)
      return Bilingual(
        "root \(name) could not be looked at: \(words)", "无法查看根目录 \(name)：\(words)")
    case .changed(let before, let now):
      return Bilingual(
        "the tree has changed since the plan was made (\(Quantities.count(before, "run")) then, \(now) now): "
          + "what the plan says is as it was, the rest is as it is now",
        "计划之后目录有变化（当时 \(before) 个训练，现在 \(now) 个）：计划的内容不变，其余按现状显示")
    case .otherSnapshot:
      return Bilingual(
        "the snapshot is another one than the plan was made on", "这份快照不是生成计划时用的那一份")
    }
  }
}
