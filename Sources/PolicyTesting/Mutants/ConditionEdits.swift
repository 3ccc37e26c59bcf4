internal import PolicyCore

/// Every small change to a condition.
struct ConditionEdits {
  let condition: Condition
  let change: String
  let hint: String

  /// - Parameter whole: and-ed parts of this are not changed.
  static func all(_ condition: Condition, leavingOut whole: Condition?) -> [ConditionEdits] {
    guard let whole else { return all(condition) }
    if condition == whole { return [] }
    let shared: [Condition] = if case .all(let parts) = whole { parts } else { [whole] }
    guard case .all(let parts) = condition else { return all(condition) }
    let own = parts.filter { !shared.contains($0) }
    let rest = parts.filter { shared.contains($0) }
    return (own.count == 1 ? all(own[0]) : all(.all(own))).map { edit in
      ConditionEdits(condition: .all(rest + [edit.condition]), change: edit.change, hint: edit.hint)
    }
  }

  static func all(_ condition: Condition) -> [ConditionEdits] {
    switch condition {
    case .always: return []
    case .all(let parts): return inside(parts, "and") { .all($0) }
    case .any(let parts): return inside(parts, "or") { .any($0) }
    case .not(let part):
      return [
        ConditionEdits(
          condition: part, change: "not dropped from \(condition.words)", hint: "something that it excludes")
      ] + all(part).map { ConditionEdits(condition: .not($0.condition), change: $0.change, hint: $0.hint) }
    case .compare(let operand, let comparison, let constant):
      let other = comparison.neighbour
      var edits = [
        ConditionEdits(
          condition: .compare(operand, other, constant), change: "\(condition.words) becomes \(other.rawValue)",
          hint: comparison.isOrder
            ? "something with exactly \(condition.constantWords)" : "something that the test tells apart")
      ]
      if operand.fallback != nil {
        var bare = operand
        bare.fallback = nil
        edits.append(
          ConditionEdits(
            condition: .compare(bare, comparison, constant), change: "?? dropped from \(condition.words)",
            hint: "something without \(operand.fact.spelled)"))
      }
      return edits
    case .member(let operand, let constants):
      guard constants.count > 1 else { return negated(condition) }
      return constants.indices.map { index in
        var fewer = constants
        let gone = fewer.remove(at: index)
        let word = Condition.compare(operand, .equal, gone).constantWords
        return ConditionEdits(
          condition: .member(operand, fewer), change: "\(word) dropped from \(condition.words)",
          hint: "something with \(operand.fact.spelled) \(word)")
      }
    case .matches, .has, .isMissing, .flag: return negated(condition)
    }
  }

  private static func negated(_ condition: Condition) -> [ConditionEdits] {
    [
      ConditionEdits(
        condition: .not(condition), change: "\(condition.words) negated", hint: "something that the test tells apart")
    ]
  }

  private static func inside(
    _ parts: [Condition], _ joint: String, _ make: ([Condition]) -> Condition
  ) -> [ConditionEdits] {
    parts.indices.flatMap { index -> [ConditionEdits] in
      var fewer = parts
      let gone = fewer.remove(at: index)
      let without = ConditionEdits(
        condition: fewer.count == 1 ? fewer[0] : make(fewer), change: "without \(joint) \(gone.words)",
        hint: "something that only this part decides")
      return [without]
        + all(parts[index]).map { edit in
          var changed = parts
          changed[index] = edit.condition
          return ConditionEdits(condition: make(changed), change: edit.change, hint: edit.hint)
        }
    }
  }
}

extension Comparison {
  /// The comparison that differs only at the boundary.
  var neighbour: Comparison {
    switch self {
    case .less: .lessOrEqual
    case .lessOrEqual: .less
    case .greater: .greaterOrEqual
    case .greaterOrEqual: .greater
    case .equal: .notEqual
    case .notEqual: .equal
    }
  }
}
