internal import PolicyCore

/// Who takes what a floor leaves all the same.
struct FloorTakers {
  let it: CheckContext
  let floor: RuleMeaning

  /// Behind "the newest stays": `, as far as rules go; quota `box` may take it all the same`. Empty where nobody does.
  func words() throws(BudgetSpent) -> String {
    var text = ""
    func add(_ takers: [String], _ limit: String, _ what: String) {
      guard !takers.isEmpty else { return }
      text += "\(text.isEmpty ? ", \(limit)" : ""); \(takers.joined(separator: " and ")) may \(what)"
    }
    add(yielding, "as far as rules go", "take it all the same")
    // A protect holds archives too, and the run around it.
    guard floor.rule.verb == .keep else { return text }
    add(try archiving(floor.subject, floor.scope), "as far as the trash goes", "archive it all the same")
    if floor.subject == .checkpoint {
      let runs = try trashingRuns() + archiving(.run, .everything)
      add(runs.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, "as long as its run does", "take the run")
    }
    return text
  }

  /// Quotas and pressure that it gives way to.
  private var yielding: [String] {
    var takers: [String] = []
    if floor.rule.yieldsTo.contains(.quota) { takers += quotas(of: floor.rule.kind) }
    if floor.rule.yieldsTo.contains(.pressure) {
      takers += it.policy.pressures.filter { $0.relieve.contains { $0.trashes(floor.rule.kind) } }.map(Self.called)
    }
    return takers
  }

  private func quotas(of kind: EntityKind) -> [String] {
    it.policy.quotas.filter { $0.kind == kind }.map { "quota `\($0.id)`" }
  }

  private static func called(_ pressure: Pressure) -> String { "pressure `\(pressure.id)`" }

  /// Rules and pressure that archive some of a set.
  private func archiving(_ subject: Subject, _ set: Diagram) throws(BudgetSpent) -> [String] {
    let open = try it.diagrams.minus(set, it.meaning.protects(subject))
    var takers: [String] = []
    for rule in it.ownRules where rule.subject == subject && rule.rule.verb == .archive {
      if try it.meaning.isPossible(try it.diagrams.and(rule.acts, open)) { takers.append("`\(rule.rule.id)`") }
    }
    for pressure in it.policy.pressures where subject == .run {
      for case .archive(let eviction, let minimumAge) in pressure.relieve {
        let taken = try it.meaning.taken(eviction, .run, minimumAge)
        guard try it.meaning.isPossible(try it.diagrams.and(taken, open)) else { continue }
        takers.append(Self.called(pressure))
        break
      }
    }
    return takers
  }

  /// Rules, quotas and pressure that trash runs, whatever lies in them.
  private func trashingRuns() throws(BudgetSpent) -> [String] {
    var takers: [String] = []
    let held = try it.diagrams.any([
      it.meaning.protects(.run), it.meaning.firmlyKeeps(.run), it.meaning.softlyKeeps(.run),
    ])
    for rule in it.ownRules where rule.subject == .run && rule.rule.verb == .trash && rule.rule.tier == .live {
      if try it.meaning.isPossible(try it.diagrams.minus(rule.acts, held)) { takers.append("`\(rule.rule.id)`") }
    }
    return takers + quotas(of: .run)
      + it.policy.pressures.filter { $0.relieve.contains { $0.trashes(.run) } }.map(Self.called)
  }
}

extension ReliefStep {
  /// Whether it takes things of a kind away.
  fileprivate func trashes(_ kind: EntityKind) -> Bool {
    if case .trash(kind, _, _) = self { true } else { false }
  }
}
