internal import PolicyCore
internal import PolicyDiagnostics

/// P0371: a date that is still to come, in a test of something that has happened.
enum DatesToCome {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    guard let now = it.now else { return [] }
    var findings: [Finding] = []
    func check(_ condition: Condition, _ spans: [SourceSpan], _ rule: String?) {
      var index = 0
      func walk(_ condition: Condition) {
        let span = spans.indices.contains(index) ? spans[index] : spans.first
        index += 1
        switch condition {
        case .all(let parts), .any(let parts): for part in parts { walk(part) }
        case .not(let part): walk(part)
        case .compare(let operand, let comparison, .time(let date)) where date > now && !operand.isAge:
          let holds = comparison == .less || comparison == .lessOrEqual || comparison == .notEqual
          findings.append(
            it.finding(
              rule,
              Diagnostic(
                "P0371", .info, "this date is still to come", at: span,
                caption: "\(holds ? "true" : "false") of everything until \(Self.day(date))",
                notes: ["a time after now cannot be believed, so `\(operand.fact.spelled)` is never later than now"],
                help: "check the year, or leave the test out until then")))
        case .always, .compare, .member, .matches, .has, .isMissing, .flag: break
        }
      }
      walk(condition)
    }
    for rule in it.ownRules { check(rule.condition, it.entry(rule.id)?.conditionNodes ?? [], rule.id) }
    for quota in it.policy.quotas { check(quota.evict.condition, it.entry(quota.id)?.conditionNodes ?? [], nil) }
    for property in it.policy.properties { check(property.condition, it.entry(property.id)?.conditionNodes ?? [], nil) }
    return findings
  }

  private static func day(_ date: Timestamp) -> String { String(date.rfc3339.prefix(10)) }
}
