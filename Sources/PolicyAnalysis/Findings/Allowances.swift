internal import PolicyCore
internal import PolicyDiagnostics

/// Takes out what `allow` accepts, and says which `allow` does nothing.
enum Allowances {
  static func apply(_ findings: [Finding], _ it: PolicyPlace) -> [Diagnostic] {
    var kept: [Diagnostic] = []
    var used: Set<String> = []
    let isWhole = !findings.contains { $0.diagnostic.code == "P0391" }
    /// Whether the question behind a code was answered: an `allow` of what was not asked may be needed.
    func isSettled(_ code: String) -> Bool {
      switch code {
      case "P0372": it.snapshot != nil
      case "P0371": it.now != nil
      default: isWhole
      }
    }
    for finding in findings {
      guard let id = finding.rule, let rule = it.policy.rules.first(where: { $0.id == id }),
        // A mistake that stops the policy from working cannot be wished away.
        finding.diagnostic.severity != .error,
        let place = rule.allow.firstIndex(where: { $0.code == finding.diagnostic.code })
      else {
        kept.append(finding.diagnostic)
        continue
      }
      used.insert("\(id) \(place)")
      let allowance = rule.allow[place]
      guard let until = allowance.until, let now = it.now, until <= now else { continue }
      var diagnostic = finding.diagnostic
      diagnostic.notes.append("`allow` accepted this until \(until.rfc3339.prefix(10))")
      kept.append(diagnostic)
    }
    for rule in it.ownRules {
      for (place, allowance) in rule.allow.enumerated()
      where !used.contains("\(rule.id) \(place)") && isSettled(allowance.code) {
        let spans = it.entry(rule.id)?.allowances ?? []
        kept.append(
          Diagnostic(
            "P0380", .warning, "this `allow` accepts nothing", at: spans.indices.contains(place) ? spans[place] : nil,
            caption: "`\(rule.id)` has no finding \(allowance.code)", help: "delete it"))
      }
    }
    return kept
  }
}
