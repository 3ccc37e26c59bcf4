internal import PolicyCore

extension FactSchema {
  /// Another value that the fact can have, so many steps from this one; `nil` for what cannot be moved.
  ///
  /// Numbers, sizes and stamps move a little, far below any distance that policies speak of. A word of a list becomes
  /// another one, a flag the other, a text and a set one that nobody has written.
  func moved(_ value: FactValue?, _ steps: Int, _ name: String, of subject: Subject) -> FactValue? {
    // Said by where a thing is, not by a fact of it.
    guard steps != 0, !["name", "path", "root", "layout"].contains(name) else { return value }
    guard let type = definition(of: FactReference(name), on: subject.kind)?.type else { return nil }
    switch (type, value) {
    case (.bool, .bool(let flag)?): return .bool(!flag)
    case (.bool, _): return .bool(true)
    case (.enumeration(let members), _):
      // The next ones: what ends a run comes before what nobody knows.
      let place = members.firstIndex { value == .text(ByteString($0)) }
      let others = place.map { members[($0 + 1)...] + members[..<$0] } ?? members[...]
      guard !others.isEmpty else { return nil }
      return .text(ByteString(others[others.startIndex + (abs(steps) - 1) % others.count]))
    case (.stringSet, .set(let members)?): return .set((members + [ByteString("other\(steps)")]).sorted())
    case (.stringSet, _): return .set([ByteString("other\(steps)")])
    case (.string, .text(let text)?): return .text(ByteString("\(text.displayText)-\(steps)"))
    case (.string, _): return .text(ByteString("other-\(steps)"))
    case (.ratio, .number(let text)?):
      guard let moved = Self.moved(text, steps), moved >= .zero, moved <= ExactDecimal(1) else { return nil }
      return .number(moved.description)
    case (.number, .number(let text)?): return Self.moved(text, steps).map { .number($0.description) }
    case (.ratio, .integer(let whole)?):
      return moved(.number(String(whole)), steps, name, of: subject)
    case (.int, .integer(let count)?), (.bytes, .integer(let count)?), (.duration, .integer(let count)?),
      (.time, .integer(let count)?), (.number, .integer(let count)?):
      // Stamps and spans move by milliseconds, counts by ones.
      let unit: Int64 = type == .time || type == .duration ? 1_000_000 : 1
      let (sum, overflow) = count.addingReportingOverflow(Int64(steps) * unit)
      return overflow || sum < 0 ? nil : .integer(sum)
    default: return nil
    }
  }

  private static func moved(_ text: String, _ steps: Int) -> ExactDecimal? {
    guard let number = ExactDecimal(text), let step = ExactDecimal("\(steps)e-6") else { return nil }
    return number.adding(step)
  }
}
