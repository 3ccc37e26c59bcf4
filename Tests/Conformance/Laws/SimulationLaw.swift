internal import PolicyCore
internal import PolicyReport
internal import PolicyTesting
internal import Testing

/// A simulation is the planner, again and again.
@Suite("simulation") struct SimulationLaw {
  private static func grid(_ it: GeneratedCase, hours: Int64, every: TimeSpan) throws -> TickGrid {
    let from = it.snapshot.now
    return try TickGrid(from: from, to: from.advanced(by: .hours(hours)) ?? from, every: every)
  }

  @Test func oneTickIsAPlan() throws {
    var figures = Figures()
    let count = CaseCount.scaled(400)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(41_000_000 + seed)
      let plan = Planner.plan(it.policy, on: it.snapshot)
      let report = Simulator.future(it.policy, from: it.snapshot, try Self.grid(it, hours: 0, every: .days(1)))
      figures.add("acting", if: !plan.actions.isEmpty && plan.refusals.isEmpty)
      figures.add("refused", if: !plan.refusals.isEmpty)
      #expect(report.ticks == 1)
      #expect(report.steps.count == (plan.actions.isEmpty && plan.refusals.isEmpty ? 0 : 1), "\(it.description)")
      guard let step = report.steps.first else { continue }
      #expect(step.actions == plan.actions && step.refusals == plan.refusals && step.unmet == plan.unmet)
      if !plan.refusals.isEmpty { #expect(step.freed == 0 && step.after == report.end) }
      let after =
        plan.refusals.isEmpty
        ? AppliedSnapshot.apply(plan, policy: it.policy, to: it.snapshot, round: 0) : it.snapshot
      let live = after.entities.filter { $0.tier == .live }
      #expect(report.end.runs == live.count { $0.kind == .run }, "\(it.description)")
      #expect(report.end.checkpoints == live.count { $0.kind == .checkpoint }, "\(it.description)")
      #expect(
        report.end.trashed == after.trash.count && report.end.trashedBytes == after.trash.map(\.bytes).reduce(0, +))
      let used = after.volumes.filter { volume in report.end.volumes.contains { $0.path == volume.path } }
      #expect(report.end.volumes.allSatisfy { used.contains($0) }, "\(it.description)")
      let recorded = Simulator.recorded(it.policy, [it.snapshot])
      #expect(recorded?.steps == report.steps, "\(it.description)")
    }
    print("simulation of one tick: \(count) cases: \(figures.line)")
    #expect(figures["acting"] * 4 > count)
    #expect(figures["refused"] * 50 > count)
  }

  /// Passing over ticks at which nothing can have changed leaves nothing out.
  @Test func passedOverTicksWereEmpty() throws {
    var figures = Figures()
    let count = CaseCount.scaled(300)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(42_000_000 + seed)
      var dice = Dice(seed)
      let grid = try Self.grid(it, hours: 300, every: dice.pick([.hours(5), .hours(12), .days(1)]))
      let quick = Simulator.future(it.policy, from: it.snapshot, grid)
      let whole = Simulator.future(it.policy, from: it.snapshot, grid, exhaustive: true)
      figures.add("several steps", if: whole.steps.count > 1)
      figures.add("purging", if: whole.steps.contains { $0.freed > 0 })
      figures.add("refused later", if: whole.steps.dropFirst().contains { !$0.refusals.isEmpty })
      #expect(quick == whole, "\(it.description)")
      for group in quick.sequel?.stays ?? [] { figures.add("stays \(group.why)") }
      figures.add("goes later", if: quick.sequel?.last != nil)
      figures.add("no end", if: quick.sequel?.followedUntil != nil)
      // What stays for ever are all that stay, each once.
      if let sequel = quick.sequel, sequel.followedUntil == nil, sequel.last == nil {
        #expect(sequel.stays.reduce(0) { $0 + $1.runs } == quick.end.runs, "\(it.description)")
        #expect(sequel.stays.reduce(0) { $0 + $1.checkpoints } == quick.end.checkpoints, "\(it.description)")
      }
      #expect(quick == Simulator.future(it.policy, from: it.snapshot, grid), "again")
      #expect(SimulationText.json(quick) == SimulationText.json(whole))
    }
    print("simulation, ticks passed over: \(count) cases: \(figures.line)")
    #expect(figures["several steps"] * 5 > count)
    #expect(figures["purging"] * 10 > count)
  }

  /// Without quotas, pressure, refusals, archives and waits for backups, where trash rules only come to want more as
  /// things age, keeps and protects only let go of more, and rankings and groups stand still: what goes over a stretch
  /// of time is what one plan at its end would trash, however fine the ticks; and nothing goes later for finer ticks.
  @Test func finerTicksTrashTheSame() throws {
    var figures = Figures()
    let count = CaseCount.scaled(3000)
    for seed in 0..<UInt64(count) {
      var it = GeneratedCase.generate(43_000_000 + seed, seed.isMultiple(of: 2) ? .rulesOnly : .cleaning)
      guard Steadiness.isSteady(it) else { continue }
      figures.add("in the law")
      // Most of what is there has an age of a day or two: let some of it go only later.
      var dice = Dice(seed)
      for index in it.policy.rules.indices where it.policy.rules[index].verb == .trash && dice.chance(70) {
        it.policy.rules[index].after = dice.pick([.hours(30), .hours(60), .hours(90), .hours(110)])
      }
      let coarse = Self.trashed(try Self.grid(it, hours: 96, every: .hours(48)), it)
      let fine = Self.trashed(try Self.grid(it, hours: 96, every: .hours(6)), it)
      var late = it.snapshot
      late.now = late.now.advanced(by: .hours(96)) ?? late.now
      let once = Destruction(Planner.plan(it.policy, on: late), late).names
      figures.add("trashing", if: !coarse.isEmpty)
      figures.add("at other times", if: coarse != fine)
      #expect(Set(coarse.keys) == Set(fine.keys), "\(it.description)")
      #expect(Set(fine.keys) == once, "\(it.description)")
      for (name, at) in fine { #expect(coarse[name].map { at <= $0 } ?? false, "\(name): \(it.description)") }
    }
    print("simulation, finer ticks: \(count) cases: \(figures.line)")
    #expect(figures["in the law"] * 20 > count)
    #expect(figures["trashing"] * 50 > count)
    #expect(figures["at other times"] * 200 > count)
  }

  /// All that goes, by name, with the first moment at which it does.
  private static func trashed(_ grid: TickGrid, _ it: GeneratedCase) -> [String: Timestamp] {
    var found: [String: Timestamp] = [:]
    for step in Simulator.future(it.policy, from: it.snapshot, grid).steps {
      for action in step.actions where action.verb == .trash {
        for entity in it.snapshot.entities {
          let root = it.snapshot.roots[entity.root]
          guard root.host == action.host, root.path == action.root, entity.tier == action.tier else { continue }
          let isIt = entity.kind == action.kind && entity.path == action.path
          guard
            isIt || (action.kind == .run && entity.path != action.path && entity.path.isAtOrBelow(action.path))
          else { continue }
          let name = Destruction.name(entity, it.snapshot)
          found[name] = min(found[name] ?? step.at, step.at)
        }
      }
    }
    return found
  }
}

/// What the law about finer ticks speaks of.
private enum Steadiness {
  static func isSteady(_ it: GeneratedCase) -> Bool {
    guard it.policy.quotas.isEmpty, it.policy.pressures.isEmpty, it.policy.limits == Limits(),
      it.policy.properties.isEmpty
    else { return false }
    // A stamp that lies ahead comes into rankings when it is reached.
    for entity in it.snapshot.entities {
      for (name, value) in entity.facts.known where name.hasSuffix("_at") {
        if case .integer(let stamp) = value, stamp > it.snapshot.now.nanoseconds { return false }
      }
    }
    return it.policy.rules.allSatisfy { rule in
      // What a run's size is changes with its checkpoints; so do the members of a ranking of checkpoints with runs.
      guard !mentionsSize(rule.condition), !rule.requiresBackup else { return false }
      switch rule.verb {
      case .archive, .backup: return false
      case .trash: return ages(rule.condition, growing: true)
      case .keep, .protect:
        guard case .ranked(let ranking) = rule.selector else { return ages(rule.condition, growing: false) }
        return rule.kind == .run && ranking.key.name != "bytes" && !mentionsAge(rule.condition)
      }
    }
  }

  /// Whether the passing of time can only make the condition true (or only false).
  private static func ages(_ condition: Condition, growing: Bool) -> Bool {
    switch condition {
    case .all(let parts), .any(let parts): parts.allSatisfy { ages($0, growing: growing) }
    case .not(let part): ages(part, growing: !growing)
    case .compare(let operand, let comparison, _) where operand.isAge:
      (growing ? [.greater, .greaterOrEqual] : [Comparison.less, .lessOrEqual]).contains(comparison)
    case .member(let operand, _): !operand.isAge
    case .always, .compare, .matches, .has, .isMissing, .flag: true
    }
  }

  private static func operands(_ condition: Condition) -> [Operand] {
    switch condition {
    case .all(let parts), .any(let parts): parts.flatMap(operands)
    case .not(let part): operands(part)
    case .compare(let operand, _, _), .member(let operand, _), .matches(let operand, _), .has(let operand, _),
      .flag(let operand):
      [operand]
    case .always, .isMissing: []
    }
  }

  private static func mentionsAge(_ condition: Condition) -> Bool { operands(condition).contains(where: \.isAge) }
  private static func mentionsSize(_ condition: Condition) -> Bool {
    operands(condition).contains { $0.fact.name == "bytes" || $0.fact.name == "files" }
  }
}
