internal import PolicyCore

/// Writes conditions over the facts and values of the generated snapshots.
struct ConditionAuthor {
  var dice: Dice

  mutating func condition(_ kind: EntityKind, depth: Int = 2) -> Condition {
    guard depth > 0, dice.chance(45) else { return atom(kind) }
    switch dice.below(5) {
    case 0, 1: return .all([condition(kind, depth: depth - 1), condition(kind, depth: depth - 1)])
    case 2, 3: return .any([condition(kind, depth: depth - 1), condition(kind, depth: depth - 1)])
    default: return .not(condition(kind, depth: depth - 1))
    }
  }

  private mutating func comparison() -> Comparison { dice.pick(Comparison.allCases) }

  private mutating func number(_ texts: [String]) -> Constant { .number(ExactDecimal(dice.pick(texts)) ?? .zero) }

  private mutating func metric(_ name: String, _ scope: FactReference.Scope) -> Condition {
    let fallback: Constant? = dice.chance(50) ? number(["0", "0.8", "1"]) : nil
    return .compare(
      Operand(FactReference(name, scope: scope), fallback: fallback), comparison(), number(["0.5", "0.8", "0.80"]))
  }

  private mutating func atom(_ kind: EntityKind) -> Condition {
    if kind == .checkpoint, dice.chance(60) { return checkpointAtom() }
    return runAtom(kind == .run ? .own : .run)
  }

  private mutating func runAtom(_ scope: FactReference.Scope) -> Condition {
    func fact(_ name: String) -> FactReference { FactReference(name, scope: scope) }
    switch dice.below(13) {
    case 0, 1:
      let states: [[Constant]] = [
        [.text("finished"), .text("failed"), .text("interrupted")], [.text("failed")],
        [.text("finished"), .text("unknown")],
      ]
      return .member(Operand(fact("state")), dice.pick(states))
    case 2: return .compare(Operand(fact("state")), dice.pick([.equal, .notEqual]), .text("failed"))
    case 3, 4: return metric("mAP50", scope)
    case 5: return .isMissing(fact(dice.pick(["mAP50", "finished_at", "backed_up_at", "project"])))
    case 6, 7:
      let stamp = dice.pick(["finished_at", "modified_at", "started_at"])
      return .compare(
        Operand(fact(stamp), isAge: true), comparison(), .duration(dice.pick([.hours(12), .hours(24), .hours(48)])))
    case 8: return .compare(Operand(fact("user")), dice.pick([.equal, .notEqual]), .text(dice.pick(["u", ""])))
    case 9:
      return .matches(
        Operand(fact(dice.pick(["name", "path"]))), Glob(dice.pick(["r*", "r?", "r1/*", "r1/**", "**r5", "*/r4"])))
    case 10: return .has(Operand(fact("tags")), "k")
    case 11: return .flag(Operand(fact(dice.pick(["pinned", "in_use"]))))
    default: return .compare(Operand(fact("bytes")), comparison(), .bytes(Int64(dice.pick([10, 20]))))
    }
  }

  private mutating func checkpointAtom() -> Condition {
    func fact(_ name: String) -> FactReference { FactReference(name) }
    switch dice.below(7) {
    case 0, 1: return .member(Operand(fact("role")), dice.pick([[.text("best"), .text("last")], [.text("other")]]))
    case 2: return metric("mAP50", .own)
    case 3: return .compare(Operand(fact("number")), comparison(), .number(ExactDecimal(Int64(dice.below(4)))))
    case 4: return .isMissing(fact(dice.pick(["number", "epoch", "mAP50"])))
    case 5: return .compare(Operand(fact("modified_at"), isAge: true), comparison(), .duration(.hours(24)))
    default: return .flag(Operand(fact("resumable")))
    }
  }
}
