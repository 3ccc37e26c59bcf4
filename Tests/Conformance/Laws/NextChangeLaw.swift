internal import PolicyCore
internal import Testing

/// The next change of a fate is where it is said to be: nothing changes before, and what is foretold happens.
@Suite("the next change") struct NextChangeLaw {
  private static let hour: Int64 = 3_600_000_000_000

  /// Moments at which something might be overlooked: around the ages that policies test, and anywhere.
  private static func moments(from now: Timestamp, to end: Timestamp, _ dice: inout Dice) -> [Timestamp] {
    var waits: [Int64] = [1, 2, hour - 1, hour, hour + 1]
    for hours in stride(from: Int64(12), through: 250, by: 12) {
      for shift: Int64 in [-1, 0, 1] { waits.append(hours * hour + shift) }
    }
    for _ in 0..<6 { waits.append(1 + Int64(dice.below(Int(400 * hour)))) }
    let all = waits.compactMap { now.advanced(by: TimeSpan(nanoseconds: $0)) }.filter { $0 < end }
    let just = Timestamp(nanoseconds: end.nanoseconds - 1)
    return (all.shuffled(using: &dice).prefix(12) + (just > now ? [just] : [])).sorted()
  }

  private static func decision(_ it: GeneratedCase, _ entity: Int, at now: Timestamp) -> EntityDecision {
    var snapshot = it.snapshot
    snapshot.now = now
    return EntityDecision(of: entity, snapshot, in: Planner.plan(it.policy, on: snapshot))
  }

  private func check(_ it: GeneratedCase, _ dice: inout Dice, _ figures: inout Figures) {
    let entity = dice.below(it.snapshot.entities.count)
    let next = NextChange.of(entity, it.policy, on: it.snapshot)
    let now = it.snapshot.now
    #expect(next.present == Self.decision(it, entity, at: now), "now, \(entity): \(it.description)")
    var end = Timestamp(nanoseconds: now.nanoseconds + 800 * Self.hour)
    switch next.finding {
    case .never: figures.add("never")
    case .unchanged(let before):
      figures.add("not followed")
      end = before
    case .change(let at, let decision):
      figures.add(decision.word.rawValue)
      figures.add("after several plans", if: next.plans > 2)
      end = at
      #expect(at > now)
      #expect(decision != next.present, "\(entity): \(it.description)")
      #expect(decision == Self.decision(it, entity, at: at), "at \(at.rfc3339), \(entity): \(it.description)")
    }
    for moment in Self.moments(from: now, to: end, &dice) {
      let then = Self.decision(it, entity, at: moment)
      #expect(then == next.present, "at \(moment.rfc3339), before \(end.rfc3339), \(entity): \(it.description)")
    }
  }

  @Test(arguments: [GeneratedCase.Scope.everything, .rulesOnly, .cleaning])
  func isExact(_ scope: GeneratedCase.Scope) {
    var figures = Figures()
    let count = CaseCount.scaled(600)
    for seed in 0..<UInt64(count) {
      let it = GeneratedCase.generate(31_000_000 + seed, scope)
      var dice = Dice(seed)
      check(it, &dice, &figures)
    }
    print("next change: \(count) cases: \(figures.line)")
    #expect(figures["never"] * 10 > count)
    #expect(figures["trash"] * 100 > count)
    #expect(figures["held"] + figures["kept"] > 0)
    #expect(figures["after several plans"] * 300 > count)
    #expect(figures["not followed"] == 0)
  }

  /// Stamps that lie ahead, which are unreadable until they are reached.
  @Test func knowsStampsAhead() {
    var figures = Figures()
    let count = CaseCount.scaled(300)
    for seed in 0..<UInt64(count) {
      var it = GeneratedCase.generate(32_000_000 + seed)
      // Seen two days earlier, most stamps lie ahead.
      it.snapshot.now = Timestamp(nanoseconds: it.snapshot.now.nanoseconds - 50 * Self.hour)
      var dice = Dice(seed)
      check(it, &dice, &figures)
    }
    print("next change, stamps ahead: \(count) cases: \(figures.line)")
    #expect(figures["trash"] * 100 > count)
    #expect(figures["after several plans"] * 20 > count)
  }

  /// With less work allowed it says less, never something else.
  @Test func isBounded() {
    var figures = Figures()
    for seed in 0..<UInt64(300) {
      let it = GeneratedCase.generate(31_000_000 + seed)
      let whole = NextChange.of(0, it.policy, on: it.snapshot)
      let short = NextChange.of(0, it.policy, on: it.snapshot, horizon: .hours(20), most: 2)
      #expect(short.plans <= 3)
      switch (short.finding, whole.finding) {
      case (.unchanged(let before), .change(let at, _)):
        figures.add("cut short")
        #expect(before <= at)
      case (.unchanged, .never): figures.add("cut short")
      case (.unchanged, .unchanged): break
      default: #expect(short.finding == whole.finding)
      }
    }
    #expect(figures["cut short"] > 20)
  }
}
