internal import PolicyCore
internal import PolicyDiagnostics

/// P0380: params, facts and imports that nothing uses.
enum UnusedNames {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    var findings: [Finding] = []
    let used = Set(usedFacts(it.policy))
    let idle = idleImports(it, used)
    let idleFiles = Set(idle.map(\.file))
    func report(_ what: String, _ name: String, _ use: String) {
      // What a file brings that is not needed at all is one finding, at its import.
      if let span = it.map.clauses["\(what)s.\(name)"], idleFiles.contains(span.file) { return }
      findings.append(
        it.finding(
          nil,
          Diagnostic(
            "P0380", .warning, "the \(what) `\(name)` is not used", at: it.map.clauses["\(what)s.\(name)"],
            help: "delete it, or use it: \(use)")))
    }
    for param in it.policy.params where !it.map.usedParams.contains(param.name) {
      report("param", param.name, "`$\(param.name)`")
    }
    for fact in it.policy.facts where !used.contains(fact.name) {
      report("fact", fact.name, "in a condition such as `\(fact.name) is missing`")
    }
    for file in idle {
      let name = it.text(file.span)
      findings.append(
        it.finding(
          nil,
          Diagnostic(
            "P0380", .warning, "the import `\(name)` is not used", at: file.span,
            caption: "nothing in it has an effect here", help: "delete it, or use a param or a fact of it")))
    }
    return findings
  }

  /// Imports of files that neither do anything nor declare what something uses, and import no such file.
  private static func idleImports(_ it: PolicyPlace, _ usedFacts: Set<String>) -> [SourceMap.Import] {
    var needed = it.map.filesThatAct
    let used = it.map.usedParams.map { "params.\($0)" } + usedFacts.map { "facts.\($0)" }
    for name in used {
      if let span = it.map.clauses[name] { needed.insert(span.file) }
    }
    var grows = true
    while grows {
      grows = false
      for file in it.map.imports where needed.contains(file.file) {
        grows = needed.insert(file.span.file).inserted || grows
      }
    }
    return it.map.imports.filter { !needed.contains($0.file) }
  }

  /// Names of facts, without `last.` and `first.`
  private static func usedFacts(_ policy: Policy) -> [String] {
    var facts: [FactReference] = []
    func add(_ keys: [GroupKey]) { for case .fact(let fact) in keys { facts.append(fact) } }
    func add(_ eviction: Eviction) {
      facts += eviction.condition.facts
      for key in eviction.order {
        switch key {
        case .fact(let operand, _, _): facts.append(operand.fact)
        case .condition(let condition, _): facts += condition.facts
        }
      }
    }
    for rule in policy.rules {
      facts += rule.condition.facts
      add(rule.per)
      switch rule.selector {
      case .ranked(let ranking)?: facts.append(ranking.key)
      case .every(_, let by)?: facts.append(by)
      case nil: break
      }
    }
    for quota in policy.quotas {
      add(quota.per)
      add(quota.evict)
    }
    for step in policy.pressures.flatMap(\.relieve) {
      switch step {
      case .purge: break
      case .archive(let eviction, _), .trash(_, let eviction, _): add(eviction)
      }
    }
    for property in policy.properties { facts += property.condition.facts }
    return facts.map { fact in
      for prefix in ["last.", "first."] where fact.name.hasPrefix(prefix) {
        return String(fact.name.dropFirst(prefix.count))
      }
      return fact.name
    }
  }
}
