internal import PolicyCore
internal import PolicyDiagnostics

/// Rules, quotas, pressure and never, sorted by id.
extension ResolvedText {
  mutating func writeRules() {
    let rules = policy.rules.filter { !$0.isBuiltIn }
    guard !rules.isEmpty else { return }
    block("rules")
    for rule in rules { write(rule) }
  }

  mutating func writeBuiltIn() {
    line("")
    line("# part of every policy; cannot be switched off, and are not read from here")
    line("x-builtin:")
    for rule in policy.rules where rule.isBuiltIn {
      var shown = rule
      shown.because = Self.reasons[rule.id]
      write(shown)
    }
  }

  static let reasons = [
    "builtin-live": "never touch what may be being written",
    "builtin-pins": "a person said so",
    "builtin-pins-checkpoints": "a person said so",
    "builtin-resume": "a run that stopped can go on; going as a whole it may still be trashed",
    "builtin-restored": "what somebody took back is not taken away again at once",
  ]

  private mutating func write(_ rule: Rule) {
    line("  - id: \(YAMLText.scalar(rule.id))\(origin(rule.id))")
    line("    \(rule.verb.rawValue): \(rule.kind.plural)")
    write(rule.condition, indent: "    ")
    if let selector = rule.selector {
      line("    per: \(Self.spelled(rule.per))")
      write(selector)
    }
    if let after = rule.after { line("    after: \(after.spelled)") }
    if !rule.yieldsTo.isEmpty {
      line("    yields_to: [\(rule.yieldsTo.sorted().map(\.rawValue).joined(separator: ", "))]")
    }
    if rule.requiresBackup { line("    requires: [backup]") }
    if rule.verb == .trash, rule.tier == .archived { line("    in: archive") }
    if let target = rule.target { line("    to: \(YAMLText.scalar(target))") }
    if let because = rule.because { line("    because: \(YAMLText.quoted(because))") }
    guard !rule.allow.isEmpty else { return }
    line("    allow:")
    for allowance in rule.allow {
      var parts = ["code: \(allowance.code)"]
      if let until = allowance.until { parts.append("until: \(YAMLText.quoted(LiteralPrinter.date(until)))") }
      if let because = allowance.because { parts.append("because: \(YAMLText.quoted(because))") }
      line("      - { \(parts.joined(separator: ", ")) }")
    }
  }

  private mutating func write(_ selector: Selector) {
    switch selector {
    case .every(let step, let by): line("    every: { n: \(step), by: \(by.spelled) }")
    case .ranked(let ranking):
      let count = Self.spelled(ranking.count)
      switch ranking.form {
      case .latest, .oldest: line("    \(ranking.form.rawValue): \(count)")
      case .best:
        line(
          "    best: { n: \(count), by: \(ranking.key.spelled), missing: \(ranking.missing.rawValue), ties: \(ranking.ties.rawValue) }"
        )
      }
    }
  }

  private static func spelled(_ per: [GroupKey]) -> String {
    let names = per.map { key in
      switch key {
      case .run: "run"
      case .fact(let reference): reference.spelled
      }
    }
    return names.isEmpty ? "all" : names.count == 1 ? names[0] : "[\(names.joined(separator: ", "))]"
  }

  /// `where`; a conjunction is a list.
  private mutating func write(_ condition: Condition, indent: String) {
    guard case .all(let parts) = condition, parts.count > 1 else {
      line("\(indent)where: \(YAMLText.condition(ConditionPrinter.text(condition)))")
      return
    }
    line("\(indent)where:")
    for part in parts { line("\(indent)  - \(YAMLText.condition(ConditionPrinter.text(part)))") }
  }

  private mutating func write(_ order: [OrderKey], indent: String) {
    line("\(indent)order:")
    for key in order { line("\(indent)  - \(YAMLText.condition(Self.spelled(key)))") }
  }

  private static func spelled(_ key: OrderKey) -> String {
    guard case .fact(let operand, let ascending, let missing) = key, operand.isAge else {
      return ConditionPrinter.text(key)
    }
    // An order knows only the default age.
    let age = operand.fact.scope == .run ? "run.age" : "age"
    return "\(age) \(ascending ? "asc" : "desc")\(missing.map { " missing \($0.rawValue)" } ?? "")"
  }

  // MARK: - Quotas, pressure, never

  mutating func writeQuotas() {
    guard !policy.quotas.isEmpty else { return }
    block("quotas")
    for quota in policy.quotas {
      line("  - id: \(YAMLText.scalar(quota.id))\(origin(quota.id))")
      line("    of: \(quota.kind.plural)")
      line("    per: \(Self.spelled(quota.per))")
      line("    limit: \(LiteralPrinter.size(quota.limit))")
      line("    down_to: \(quota.downTo)")
      line("    evict:")
      write(quota.evict.condition, indent: "      ")
      write(quota.evict.order, indent: "      ")
      if let because = quota.because { line("    because: \(YAMLText.quoted(because))") }
    }
  }

  mutating func writePressures() {
    guard !policy.pressures.isEmpty else { return }
    block("pressure")
    for pressure in policy.pressures {
      line("  - id: \(YAMLText.scalar(pressure.id))\(origin(pressure.id))")
      line("    volume: \(YAMLText.scalar(pressure.volume))")
      line("    high: \(pressure.high)")
      line("    low: \(pressure.low)")
      line("    relieve:")
      for step in pressure.relieve { write(step) }
    }
  }

  private mutating func write(_ step: ReliefStep) {
    let age: TimeSpan?
    switch step {
    case .purge(let minimumAge, let oldestFirst):
      age = minimumAge
      line("      - purge: trash")
      line("        order: [age \(oldestFirst ? "desc" : "asc")]")
    case .archive(let eviction, let minimumAge):
      age = minimumAge
      line("      - archive: runs")
      write(eviction.condition, indent: "        ")
      write(eviction.order, indent: "        ")
    case .trash(let kind, let eviction, let minimumAge):
      age = minimumAge
      line("      - trash: \(kind.plural)")
      write(eviction.condition, indent: "        ")
      write(eviction.order, indent: "        ")
    }
    if let age { line("        min_age: \(age.spelled)") }
  }

  mutating func writeProperties() {
    guard !policy.properties.isEmpty else { return }
    block("never")
    for property in policy.properties {
      line("  - id: \(YAMLText.scalar(property.id))\(origin(property.id))")
      line("    \(property.subject.rawValue): \(property.kind.plural)")
      write(property.condition, indent: "    ")
      if let because = property.because { line("    because: \(YAMLText.quoted(because))") }
    }
  }
}
