internal import PolicyCore

extension ReferenceWorld {
  func truth(_ condition: Condition, of entity: Int) -> Kleene {
    switch condition {
    case .always: return .yes
    case .all(let parts):
      var result = Kleene.yes
      for part in parts {
        result = Kleene(rawValue: min(result.rawValue, truth(part, of: entity).rawValue)) ?? .unknown
      }
      return result
    case .any(let parts):
      var result = Kleene.no
      for part in parts {
        let one = truth(part, of: entity)
        if fault == .orIsDecidedByUnknown, one == .unknown { return .unknown }
        result = Kleene(rawValue: max(result.rawValue, one.rawValue)) ?? .unknown
      }
      return result
    case .not(let part): return Kleene(rawValue: 2 - truth(part, of: entity).rawValue) ?? .unknown
    case .isMissing(let reference):
      switch read(reference, of: entity) {
      case .known: return .no
      case .missing: return .yes
      case .unreadable: return fault == .unreadableIsMissingIsTrue ? .yes : .unknown
      }
    case .compare(let operand, let comparison, let constant):
      return decide(operand, entity) { value in
        guard let order = value.compared(to: ReferenceValue(constant)) else { return .unknown }
        switch comparison {
        case .less: return Kleene(order < 0)
        case .lessOrEqual: return Kleene(order <= 0)
        case .greater: return Kleene(order > 0)
        case .greaterOrEqual: return Kleene(order >= 0)
        case .equal: return Kleene(order == 0)
        case .notEqual: return Kleene(order != 0)
        }
      }
    case .member(let operand, let constants):
      return decide(operand, entity) { value in
        Kleene(constants.contains { value.compared(to: ReferenceValue($0)) == 0 })
      }
    case .matches(let operand, let glob):
      return decide(operand, entity) { value in
        guard case .text(let text) = value else { return .unknown }
        return Kleene(Self.globMatches(glob.pattern.bytes[...], text.bytes[...]))
      }
    case .has(let operand, let word):
      return decide(operand, entity) { value in
        guard case .words(let words) = value else { return .unknown }
        return Kleene(words.contains(word))
      }
    case .flag(let operand):
      return decide(operand, entity) { value in
        guard case .flag(let flag) = value else { return .unknown }
        return Kleene(flag)
      }
    }
  }

  private func decide(_ operand: Operand, _ entity: Int, _ test: (ReferenceValue) -> Kleene) -> Kleene {
    switch read(operand, of: entity) {
    case .known(let value): test(value)
    case .missing: fault == .missingComparesFalse ? .no : .unknown
    case .unreadable: .unknown
    }
  }

  /// Globs by plain backtracking; the generated names are ASCII, so a character is a byte.
  static func globMatches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let head = pattern.first else { return text.isEmpty }
    let slash = UInt8(ascii: "/")
    if head == UInt8(ascii: "*") {
      let isDeep = pattern.dropFirst().first == head
      var after = pattern.dropFirst()
      while after.first == head { after = after.dropFirst() }
      var rest = text
      while true {
        if globMatches(after, rest) { return true }
        guard let next = rest.first, isDeep || next != slash else { return false }
        rest = rest.dropFirst()
      }
    }
    guard let next = text.first else { return false }
    if head == UInt8(ascii: "?") ? next == slash : next != head { return false }
    return globMatches(pattern.dropFirst(), text.dropFirst())
  }
}
