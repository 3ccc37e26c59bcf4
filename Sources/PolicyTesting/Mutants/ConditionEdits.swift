internal import PolicyCore

/// A condition with one small change.
struct ConditionEdit {
  let condition: Condition
  let change: String
  let hint: String
}

/// Every small change to a condition. How many there are does not depend on its constants.
struct ConditionEdits {
  private let schema: FactSchema
  private let kind: EntityKind

  init(_ schema: FactSchema, _ kind: EntityKind) {
    self.schema = schema
    self.kind = kind
  }

  /// - Parameter whole: and-ed parts of this are not changed.
  func all(_ condition: Condition, leavingOut whole: Condition?) -> [ConditionEdit] {
    guard let whole else { return all(condition) }
    if condition == whole { return [] }
    let shared: [Condition] = if case .all(let parts) = whole { parts } else { [whole] }
    guard case .all(let parts) = condition else { return all(condition) }
    let own = parts.filter { !shared.contains($0) }
    let rest = parts.filter { shared.contains($0) }
    return (own.count == 1 ? all(own[0]) : all(.all(own))).map { edit in
      ConditionEdit(condition: .all(rest + [edit.condition]), change: edit.change, hint: edit.hint)
    }
  }

  func all(_ condition: Condition) -> [ConditionEdit] {
    switch condition {
    case .always: return []
    case .all(let parts): return inside(parts, "and") { .all($0) }
    case .any(let parts): return inside(parts, "or") { .any($0) }
    case .not(let part):
      return [
        ConditionEdit(
          condition: part, change: "not dropped from \(condition.words)", hint: "something that it excludes")
      ] + all(part).map { ConditionEdit(condition: .not($0.condition), change: $0.change, hint: $0.hint) }
    case .compare(let operand, let comparison, let constant):
      let other = comparison.neighbour
      var edits = [
        ConditionEdit(
          condition: .compare(operand, other, constant), change: "\(condition.words) becomes \(other.rawValue)",
          hint: comparison.isOrder
            ? "something with exactly \(condition.constantWords)" : "something that the test tells apart")
      ]
      if comparison.isOrder {
        // The other comparison moves the boundary one way, this the other way.
        let isWhole = schema.definition(of: operand.fact, on: kind)?.type == .int
        let isHigher = comparison == .greater || comparison == .lessOrEqual
        let moved = Condition.compare(operand, comparison, constant.neighbour(isHigher: isHigher, isWhole: isWhole))
        edits.append(
          ConditionEdit(
            condition: moved, change: "\(condition.words) becomes \(comparison.rawValue) \(moved.constantWords)",
            hint: "something between \(condition.constantWords) and \(moved.constantWords)"))
      }
      if operand.fallback != nil {
        var bare = operand
        bare.fallback = nil
        edits.append(
          ConditionEdit(
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
        return ConditionEdit(
          condition: .member(operand, fewer), change: "\(word) dropped from \(condition.words)",
          hint: "something with \(operand.fact.spelled) \(word)")
      }
    case .matches, .has, .isMissing, .flag: return negated(condition)
    }
  }

  private func negated(_ condition: Condition) -> [ConditionEdit] {
    [
      ConditionEdit(
        condition: .not(condition), change: "\(condition.words) negated", hint: "something that the test tells apart")
    ]
  }

  private func inside(
    _ parts: [Condition], _ joint: String, _ make: ([Condition]) -> Condition
  ) -> [ConditionEdit] {
    parts.indices.flatMap { index -> [ConditionEdit] in
      var fewer = parts
      let gone = fewer.remove(at: index)
      let without = ConditionEdit(
        condition: fewer.count == 1 ? fewer[0] : make(fewer), change: "without \(joint) \(gone.words)",
        hint: "something that only this part decides")
      return [without]
        + all(parts[index]).map { edit in
          var changed = parts
          changed[index] = edit.condition
          return ConditionEdit(condition: make(changed), change: edit.change, hint: edit.hint)
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

extension Constant {
  /// The next constant, as people write them: a byte, a second, one in the next digit; itself where there is none.
  ///
  /// - Parameter isWhole: of a number: takes whole ones only.
  fileprivate func neighbour(isHigher: Bool, isWhole: Bool) -> Constant {
    let sign: Int64 = isHigher ? 1 : -1
    switch self {
    case .number(let number):
      // Of 0.8: a hundredth.
      let power = isWhole ? 0 : min(Int(number.exponent), -1) - 1
      let step = ExactDecimal("\(sign)e\(power)")
      return step.flatMap { number.adding($0) }.map { .number($0) } ?? self
    case .bytes(let size):
      let (sum, overflow) = size.addingReportingOverflow(sign)
      return overflow || sum < 0 ? self : .bytes(sum)
    case .duration(let span):
      let (sum, overflow) = span.nanoseconds.addingReportingOverflow(sign * TimeSpan.seconds(1).nanoseconds)
      return overflow || sum < 0 ? self : .duration(TimeSpan(nanoseconds: sum))
    case .time(let time):
      return time.advanced(by: TimeSpan(nanoseconds: sign * TimeSpan.seconds(1).nanoseconds)).map { .time($0) } ?? self
    case .bool, .text: return self
    }
  }
}
