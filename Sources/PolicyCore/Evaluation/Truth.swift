/// The three truth values of strong Kleene logic, ordered false < unknown < true.
public enum Truth: UInt8, Hashable, Sendable, Comparable {
  case no, unknown, yes

  public static func < (left: Truth, right: Truth) -> Bool { left.rawValue < right.rawValue }

  public init(_ value: Bool) { self = value ? .yes : .no }

  public static prefix func ! (truth: Truth) -> Truth {
    switch truth {
    case .no: .yes
    case .unknown: .unknown
    case .yes: .no
    }
  }

  /// Not known to be false: what protect, keep and backup act on.
  public var may: Bool { self != .no }
  /// Known to be true: what trash, archive and evict act on.
  public var must: Bool { self == .yes }
}
