internal import PolicyCore

/// What differs between the quotas and pressure entries of two policies, by their keys in a policy file.
enum ReliefDifference {
  static func keys(_ left: Policy, _ right: Policy) -> [String] {
    var keys: [String] = []
    // Other names for the same things are no difference.
    if left.decisions.quotas != right.decisions.quotas {
      keys += pairs(left.quotas, right.quotas, \.id).flatMap { id, pair in
        pair.map { quota($0, $1).map { "quotas.\(id).\($0)" } } ?? ["quotas.\(id)"]
      }
    }
    if left.decisions.pressures != right.decisions.pressures {
      keys += pairs(left.pressures, right.pressures, \.id).flatMap { id, pair in
        pair.map { pressure($0, $1).map { "pressure.\(id).\($0)" } } ?? ["pressure.\(id)"]
      }
    }
    return keys
  }

  /// By id, in order; `nil` where only one policy has it.
  private static func pairs<Part>(
    _ left: [Part], _ right: [Part], _ id: KeyPath<Part, String>
  ) -> [(id: String, pair: (Part, Part)?)] {
    Set((left + right).map { $0[keyPath: id] }).sorted().map { name in
      let (one, other) = (left.first { $0[keyPath: id] == name }, right.first { $0[keyPath: id] == name })
      return (name, one.flatMap { one in other.map { (one, $0) } })
    }
  }

  private static func quota(_ a: Quota, _ b: Quota) -> [String] {
    var keys: [String] = []
    if a.kind != b.kind { keys.append("of") }
    if Set(a.per) != Set(b.per) { keys.append("per") }
    if a.limit != b.limit { keys.append("limit") }
    if a.downTo != b.downTo { keys.append("down_to") }
    if a.evict.condition != b.evict.condition { keys.append("evict.where") }
    if a.evict.order != b.evict.order { keys.append("evict.order") }
    return keys
  }

  private static func pressure(_ a: Pressure, _ b: Pressure) -> [String] {
    var keys: [String] = []
    if a.volume != b.volume { keys.append("volume") }
    if a.high != b.high { keys.append("high") }
    if a.low != b.low { keys.append("low") }
    if a.relieve != b.relieve { keys.append("relieve") }
    return keys
  }
}
