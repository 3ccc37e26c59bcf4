internal import PolicyCore
internal import PolicyDiagnostics

/// P0362: a step of `relieve` that an earlier one, or what rules hold, leaves nothing for. P0320: a quota likewise.
enum DeadSteps {
  static func findings(_ it: CheckContext) throws(BudgetSpent) -> ProofOutcome {
    var outcome = ProofOutcome()
    outcome.findings = try HeldRelief.quotas(it)
    for pressure in it.policy.pressures {
      var before: [(step: Int, verb: String, set: Diagram)] = []
      var purged: (step: Int, age: Int64)?
      for (index, step) in pressure.relieve.enumerated() {
        let verb: String
        let set: Diagram
        let relief: HeldRelief
        switch step {
        case .purge(let minimumAge, _):
          let age = minimumAge?.nanoseconds ?? 0
          if let earlier = purged, earlier.age <= age {
            outcome.findings.append(finding(pressure, index, [earlier.step], it))
          } else {
            purged = (index, age)
          }
          continue
        case .archive(let eviction, let minimumAge):
          verb = "archive runs"
          set = try it.meaning.taken(eviction, .run, minimumAge)
          relief = HeldRelief(it: it, subject: .run, verb: .archive, relief: .pressure)
        case .trash(let kind, let eviction, let minimumAge):
          verb = "trash \(kind.plural)"
          set = try it.meaning.taken(eviction, kind, minimumAge)
          relief = HeldRelief(it: it, subject: Subject(kind), verb: .trash, relief: .pressure)
        }
        let earlier = before.filter { $0.verb == verb }
        if !(try it.meaning.isPossible(set)) {
          outcome.findings.append(finding(pressure, index, [], it))
        } else if !earlier.isEmpty, try it.meaning.always(set, try it.diagrams.any(earlier.map(\.set))) {
          let few = try minimal(earlier) {
            (fewer: [(step: Int, verb: String, set: Diagram)]) throws(BudgetSpent) -> Bool in
            try it.meaning.always(set, try it.diagrams.any(fewer.map(\.set)))
          }
          outcome.findings.append(finding(pressure, index, few.map(\.step), it))
        } else if let holders = try relief.holders(of: set) {
          outcome.findings.append(held(pressure, index, holders, it))
        } else {
          before.append((index, verb, set))
        }
      }
    }
    return outcome
  }

  private static func held(
    _ pressure: Pressure, _ step: Int, _ holders: HeldRelief.Holders, _ it: CheckContext
  ) -> Finding {
    let (labels, notes) = Shadowing.places(holders.rules, it)
    return it.place.finding(
      nil,
      Diagnostic(
        "P0362", .warning, "a step of `\(pressure.id)` never does anything",
        at: span(pressure, step, it) ?? it.place.verb(pressure.id), caption: "so nothing is left for this step",
        labels: labels, notes: notes,
        help: "delete it, or take something else\(holders.alternative)"))
  }

  private static func span(_ pressure: Pressure, _ step: Int, _ it: CheckContext) -> SourceSpan? {
    let steps = it.place.entry(pressure.id)?.steps ?? []
    return steps.indices.contains(step) ? steps[step].verb : nil
  }

  private static func finding(_ pressure: Pressure, _ step: Int, _ earlier: [Int], _ it: CheckContext) -> Finding {
    func span(_ index: Int) -> SourceSpan? { Self.span(pressure, index, it) }
    return it.place.finding(
      nil,
      Diagnostic(
        "P0362", .warning, "a step of `\(pressure.id)` never does anything",
        at: span(step) ?? it.place.verb(pressure.id),
        caption: earlier.isEmpty ? "its condition is never true" : "all that it could take is taken before",
        labels: earlier.compactMap { index in span(index).map { .init($0, "here already") } },
        help: earlier.isEmpty
          ? "write a condition that something can meet" : "delete it, or put it before the wider one"))
  }
}
