/// What a condition asks of one reading.
enum BoundTest {
  case compare(Comparison, Constant)
  case member([Constant])
  case matches(Glob)
  case has(ByteString)
  case isMissing
  /// A Bool fact standing alone.
  case flag

  func truth(_ reading: Reading) -> Truth {
    switch self {
    case .compare(let comparison, let constant):
      guard case .known(let value) = reading else { return .unknown }
      return comparison.holds(value, constant).map { Truth($0) } ?? .unknown
    case .member(let constants):
      guard case .known(let value) = reading else { return .unknown }
      return Truth(constants.contains { $0 == value })
    case .matches(let glob):
      guard case .known(.text(let text)) = reading else { return .unknown }
      return Truth(glob.matches(text))
    case .has(let element):
      guard case .set(let members) = reading else { return .unknown }
      return Truth(members.contains(element))
    case .isMissing:
      switch reading {
      case .missing: return .yes
      case .unreadable: return .unknown
      case .known, .set: return .no
      }
    case .flag:
      guard case .known(.bool(let flag)) = reading else { return .unknown }
      return Truth(flag)
    }
  }
}
